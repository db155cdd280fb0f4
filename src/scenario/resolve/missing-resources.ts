/**
 * What manifests want of the nodes and none has: resources, where kube-scheduler will say `Insufficient` though the cause is the
 * node pools, and nodes by name.
 */
import type { Container, Node, PodSpec } from '../../api/core-v1.ts';
import type { DiagnosticList } from '../diagnostics.ts';
import type { FieldPath } from '../field-path.ts';
import { podSpecOf, subjectOf } from '../manifests.ts';
import type { ReadObject } from '../manifests.ts';
import * as messages from '../manifest-messages.ts';

interface Missing {
  readonly read: ReadObject;
  readonly path: FieldPath;
  amount: number;
}

/** A warning for each such resource, at the first object that asks for it. */
export function reportMissingResources(
  applied: readonly ReadObject[],
  nodes: ReadonlyMap<string, Node>,
  diagnostics: DiagnosticList,
): void {
  if (nodes.size === 0) return;
  const known = new Set([...nodes.values()].flatMap(({ status }) => [...status.allocatable.keys()]));
  const missing = new Map<string, Missing>();
  for (const read of applied) {
    const spec = podSpecOf(read.entry);
    if (spec === undefined) continue;
    reportMissingNode(read, spec, nodes, diagnostics);
    for (const [resource, path] of requestsOf(spec.value)) {
      if (known.has(resource)) continue;
      const first = missing.get(resource);
      if (first !== undefined) first.amount++;
      else missing.set(resource, { read, path: [...read.path, ...spec.path, ...path], amount: 1 });
    }
  }
  for (const [resource, { read, path, amount }] of missing) {
    const place = read.document.locate(path, 'key');
    diagnostics.add(messages.resourceOfNoNode(resource, amount), place, [], subjectOf(read.raw));
  }
}

function reportMissingNode(
  read: ReadObject,
  { value, path }: NonNullable<ReturnType<typeof podSpecOf>>,
  nodes: ReadonlyMap<string, Node>,
  diagnostics: DiagnosticList,
): void {
  const { nodeName } = value;
  if (nodeName === '' || nodes.has(nodeName)) return;
  const place = read.document.locate([...read.path, ...path, 'nodeName']);
  diagnostics.add(messages.podOfNoNode(nodeName, [...nodes.keys()]), place, [], subjectOf(read.raw));
}

/** Each resource that a pod asks for, and where it does first. */
function requestsOf({ containers, initContainers }: PodSpec): ReadonlyMap<string, FieldPath> {
  const found = new Map<string, FieldPath>();
  const add = (list: readonly Container[], field: string): void => {
    for (const [index, { resources }] of list.entries()) {
      for (const [resource, amount] of resources.requests)
        if (amount > 0 && !found.has(resource)) found.set(resource, [field, index, 'resources', 'requests', resource]);
    }
  };
  add(containers, 'containers');
  add(initContainers, 'initContainers');
  return found;
}
