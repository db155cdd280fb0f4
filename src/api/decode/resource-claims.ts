/** Claims of devices that containers name (`pkg/apis/core/validation` validateResourceClaimNames). */
import { dnsLabelProblem } from '../names.ts';
import type { FieldReader } from './field-reader.ts';

/** Reports claims without a name, named twice, or that the pod does not have. `known` are those of the pod. */
export function checkClaimNames(resources: FieldReader, known: readonly string[]): void {
  const list = resources.at.field('claims');
  const seen = new Set<string>();
  for (const [index, claim] of resources.objects('claims').entries()) {
    const at = list.index(index);
    const name = claim.text('name');
    const request = claim.text('request');
    const key = request === '' ? name : `${name}/${request}`;
    if (name === '') {
      at.required();
      continue;
    }
    const problem = request === '' || seen.has(name) ? undefined : dnsLabelProblem(request);
    if (problem !== undefined) at.field('request').invalid(request, problem);
    if (seen.has(name)) at.duplicate(name);
    else if (seen.has(key)) at.duplicate(key);
    else if (request === '' && [...seen].some((other) => other.startsWith(`${name}/`))) at.duplicate(name);
    seen.add(key);
    if (!known.includes(name)) at.notFound(name, `must be one of the names in pod.spec.resourceClaims${listed(known)}`);
  }
}

function listed(known: readonly string[]): string {
  const names = [...new Set(known)].sort((a, b) => (a < b ? -1 : 1));
  return names.length === 0 ? ' which is empty' : `: ${names.join(', ')}`;
}
