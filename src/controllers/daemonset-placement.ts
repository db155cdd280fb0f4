/** Which nodes a DaemonSet runs on, and its pods there (upstream pkg/controller/daemon, util/daemonset_util.go). Pure. */
import type { DaemonSet } from '../api/apps-v1.ts';
import type { Node, Pod, PodSpec, Toleration } from '../api/core-v1.ts';
import { matchesRequiredNodeAffinity } from '../api/node-selector.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { findUntoleratedTaint } from '../api/tolerations.ts';

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const pressures = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'];

function tolerationOf(key: string, effect: Toleration['effect']): Toleration {
  return { key, operator: 'Exists', value: '', effect, tolerationSeconds: undefined };
}

const daemonTolerations: readonly Toleration[] = [
  tolerationOf(notReady, 'NoExecute'),
  tolerationOf(unreachable, 'NoExecute'),
  ...pressures.map((name) => tolerationOf(`node.kubernetes.io/${name}`, 'NoSchedule')),
];
const networkToleration = tolerationOf('node.kubernetes.io/network-unavailable', 'NoSchedule');

/** The template's tolerations and those that every daemon has. */
export function tolerationsOf({ tolerations, hostNetwork }: PodSpec): readonly Toleration[] {
  const added = hostNetwork ? [...daemonTolerations, networkToleration] : daemonTolerations;
  return [...tolerations, ...added];
}

/** Whether a node is to have a pod, and whether one that is there may stay. */
export interface Eligibility {
  readonly shouldRun: boolean;
  readonly shouldContinue: boolean;
}

const yes: Eligibility = Object.freeze({ shouldRun: true, shouldContinue: true });
const no: Eligibility = Object.freeze({ shouldRun: false, shouldContinue: false });
const onlyContinue: Eligibility = Object.freeze({ shouldRun: false, shouldContinue: true });

/** Upstream `NodeShouldRunDaemonPod`: name, selector, affinity and taints; not resources, readiness or cordons. */
export function eligibilityOf(set: DaemonSet, tolerations: readonly Toleration[], node: Node): Eligibility {
  const { spec } = set.spec.template;
  if (spec.nodeName !== '' && spec.nodeName !== node.metadata.name) return no;
  if (!matchesRequiredNodeAffinity(node, spec)) return no;
  const { taints } = node.spec;
  if (taints.length === 0) return yes;
  if (findUntoleratedTaint(taints, tolerations, ['NoExecute']) !== undefined) return no;
  return findUntoleratedTaint(taints, tolerations, ['NoSchedule']) === undefined ? yes : onlyContinue;
}

/** The spec of a daemon for one node: the scheduler binds it there and nowhere else. */
export function daemonSpec(spec: PodSpec, tolerations: readonly Toleration[], nodeName: string): PodSpec {
  const own = {
    matchExpressions: [],
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }],
  } as const;
  const preferred = spec.affinity?.nodeAffinity?.preferred ?? [];
  const affinity = {
    podAffinity: spec.affinity?.podAffinity,
    podAntiAffinity: spec.affinity?.podAntiAffinity,
    nodeAffinity: { required: [own], preferred },
  };
  return { ...spec, affinity, tolerations };
}

/** The node that a pod runs on or is meant for; empty = none. */
export function targetNode({ spec }: Pod): string {
  if (spec.nodeName !== '') return spec.nodeName;
  for (const { matchFields } of spec.affinity?.nodeAffinity?.required ?? []) {
    for (const { key, operator, values } of matchFields)
      if (key === 'metadata.name' && operator === 'In' && values.length === 1) return values[0]!;
  }
  return '';
}

/** The pods of a set by node, the first is the one that counts; those that have ended and are being deleted are left out. */
export function podsByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined && isPodTerminal(pod)) continue;
    const node = targetNode(pod);
    const list = byNode.get(node);
    if (list === undefined) byNode.set(node, [pod]);
    else list.push(pod);
  }
  for (const list of byNode.values()) if (list.length > 1) list.sort(bySeniority);
  return byNode;
}

/** Bound pods first, then the oldest. */
export function bySeniority(a: Pod, b: Pod): number {
  const bound = Number(b.spec.nodeName !== '') - Number(a.spec.nodeName !== '');
  if (bound !== 0) return bound;
  return a.metadata.creationTimestamp - b.metadata.creationTimestamp || a.metadata.uid - b.metadata.uid;
}
