/** Objects that are applied again with a change that the API server refuses, such as another selector. */
import type { Kind } from '../../api/kinds.ts';
import { updateProblems } from '../../apiserver/validation.ts';
import { afterApply } from '../../workload/apply.ts';
import type { ManifestObject } from '../../workload/manifest-object.ts';
import { objectKey } from '../../workload/manifest-object.ts';
import type { TimedUserAction } from '../../workload/user-action.ts';
import type { DiagnosticList } from '../diagnostics.ts';
import { subjectOf } from '../manifests.ts';
import type { ReadObject } from '../manifests.ts';
import * as messages from '../messages.ts';

/** An object of a manifest, and when it is applied, microseconds. */
export interface TimedObject {
  readonly read: ReadObject;
  readonly at: number;
}

/** Kinds whose objects others complete or remove, so that nobody knows now what will be stored then. */
const unknownLater: ReadonlySet<Kind> = new Set<Kind>(['Pod', 'Node', 'Custom']);

/** An error for each object that is refused when it is applied over what the manifest before it has made. */
export function reportRefusedUpdates(
  objects: readonly TimedObject[],
  actions: readonly TimedUserAction[],
  diagnostics: DiagnosticList,
): void {
  const stored = new Map<string, { readonly entry: ManifestObject; readonly at: number }>();
  for (const { read, at } of [...objects].sort((a, b) => a.at - b.at)) {
    const key = objectKey(read.entry);
    const before = stored.get(key);
    stored.set(key, { entry: read.entry, at });
    if (before === undefined || mayBeGone(before.entry) || isDeleted(key, before.at, at, actions)) continue;
    report(before.entry, read, diagnostics);
  }
}

function report(before: ManifestObject, { entry, raw, document, path }: ReadObject, diagnostics: DiagnosticList): void {
  const kind: Kind = entry.kind;
  const next = afterApply(before.object, entry, before);
  for (const problem of updateProblems(kind, before.object, next)) {
    const field = problem.slice(0, problem.indexOf(':')).split('.');
    diagnostics.add(messages.invalidManifest(problem), document.locate([...path, ...field]), [], subjectOf(raw));
  }
}

function mayBeGone({ kind, object }: ManifestObject): boolean {
  return unknownLater.has(kind) || (kind === 'Job' && object.spec.ttlSecondsAfterFinished !== undefined);
}

function isDeleted(key: string, from: number, to: number, actions: readonly TimedUserAction[]): boolean {
  return actions.some(({ at, action }) => {
    if (action.verb !== 'delete' || at < from || at > to) return false;
    return key === `${action.kind}\n${action.namespace}\n${action.name}` || isNamespaceOf(key, action);
  });
}

function isNamespaceOf(key: string, { kind, name }: { readonly kind: string; readonly name: string }): boolean {
  return kind === 'Namespace' && key.split('\n')[1] === name;
}
