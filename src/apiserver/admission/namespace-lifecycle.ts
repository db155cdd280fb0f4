import { clusterScopedKinds } from '../../api/kinds.ts';
import type { AdmissionPlugin } from './admission.ts';
import { refuse } from './admission.ts';

/** Upstream: plugin/pkg/admission/namespace/lifecycle. Creation needs an active namespace. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  validate(kind, object, operation, reader) {
    const { namespace, name } = object.metadata;
    if (operation !== 'create' || clusterScopedKinds.has(kind) || namespace === '') return undefined;
    const found = reader.get('Namespace', '', namespace);
    if (found === undefined) return refuse('NotFound', `namespaces "${namespace}" not found`);
    if (found.phase !== 'Terminating') return undefined;
    return refuse(
      'Forbidden',
      `${kind.toLowerCase()}s "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    );
  },
};
