/** How a pod is called and calls others (`pkg/apis/core/validation` ValidatePodSpec). */
import { dnsLabelProblem } from '../names.ts';
import type { FieldReader } from './field-reader.ts';
import { checkResolver } from './pod-dns.ts';

/** Reports a host name, subdomain, resolver, operating system or shared process space that no pod may have. */
export function checkPodIdentity(spec: FieldReader): void {
  for (const field of ['hostname', 'subdomain']) {
    const name = spec.text(field);
    const problem = name === '' ? undefined : dnsLabelProblem(name);
    const detail = field === 'subdomain' && name.includes('.') ? 'must not contain dots' : problem;
    if (detail !== undefined) spec.at.field(field).invalid(name, detail);
  }
  checkResolver(spec);
  const os = spec.object('os');
  const osName = os?.requiredText('name') ?? '';
  if (osName !== '' && osName !== 'linux' && osName !== 'windows') os?.at.notSupported(osName, ['linux', 'windows']);
  if (spec.boolean('shareProcessNamespace') && spec.boolean('hostPID'))
    spec.at.field('shareProcessNamespace').invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled');
}
