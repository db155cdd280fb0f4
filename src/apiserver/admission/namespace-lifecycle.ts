import { clusterScopedKinds } from '../../api/kinds.ts';
import type { Kind } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/meta-v1.ts';
import { resourceAndName } from '../outcome.ts';
import type { AdmissionPlugin } from './admission.ts';
import { nameInRequest, refuse } from './admission.ts';

/** Namespaces that nobody may delete. */
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Upstream: plugin/pkg/admission/namespace/lifecycle. Creation needs a namespace that is not being deleted. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  // Upstream looks in the mutating phase too, so that this refusal comes before all others.
  mutate(kind, object, operation, reader) {
    const { namespace } = object.metadata;
    if (operation !== 'create' || clusterScopedKinds.has(kind) || namespace === '') return object;
    const found = reader.get('Namespace', '', namespace);
    if (found === undefined) return refuse('NotFound', `namespaces "${namespace}" not found`);
    const isActive = found.phase === 'Active' && found.metadata.deletionTimestamp === undefined;
    if (isActive) return object;
    const problem = `unable to create new content in namespace ${namespace} because it is being terminated`;
    return refuse('Forbidden', `${subjectOf(kind, object)} is forbidden: ${problem}`);
  },
  validate(kind, object, operation) {
    const { name } = object.metadata;
    if (operation !== 'delete' || kind !== 'Namespace' || !immortal.has(name)) return undefined;
    return refuse('Forbidden', `namespaces "${name}" is forbidden: this namespace may not be deleted`);
  },
};

function subjectOf(kind: Kind, object: ApiObject): string {
  const name = nameInRequest(object);
  return resourceAndName(kind, kind === 'Custom' ? `${object.apiVersion}/${object.kind}/${name}` : name);
}
