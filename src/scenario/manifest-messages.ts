/** What is said of manifests beside their own mistakes: what they want and nobody has. */
import type { Finding } from './diagnostics.ts';
import { finding, meant, quoted } from './messages.ts';

/** A resource that manifests ask for and no node pool names. */
export function resourceOfNoNode(resource: string, objects: number): Finding {
  const who = objects === 1 ? 'this object asks for' : `${objects} objects ask for`;
  const message = `no node has ${resource}, which ${who}, so that their pods stay Pending; state it in the capacity of a node pool`;
  return finding('W015', message, `capacity: { ${quoted(resource)}: ... }`);
}

/** A pod that is bound by its manifest to a node that is not there. */
export function podOfNoNode(name: string, known: readonly string[]): Finding {
  return meant('W017', `pods are bound to ${quoted(name)} and fail: there is no such node`, name, known);
}

/** A file of manifests that is named and holds nothing. */
export function fileWithoutObjects(path: string): Finding {
  return finding('W016', `${quoted(path)} holds no object`);
}
