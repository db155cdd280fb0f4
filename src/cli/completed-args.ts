/** Args of in-tree plugins as kube-scheduler completes them (`ps/apis/config/v1/defaults.go`), in the form users write. */
import { isRawObject } from '../api/decode/field-reader.ts';
import type { RawObject } from '../api/decode/field-reader.ts';

const apiVersion = 'kubescheduler.config.k8s.io/v1';
const resources = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];
const emptiestFirst = [
  { utilization: 0, score: 10 },
  { utilization: 100, score: 0 },
];

/** Plugins with args, each with what stands for a field that is not given. */
const defaultsOf: ReadonlyMap<string, RawObject> = new Map<string, RawObject>([
  ['DefaultPreemption', { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 }],
  ['DynamicResources', { filterTimeout: '10s', bindingTimeout: '10m0s' }],
  ['InterPodAffinity', { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false }],
  ['NodeAffinity', {}],
  ['NodeResourcesBalancedAllocation', { resources }],
  ['NodeResourcesFit', { scoringStrategy: { type: 'LeastAllocated', resources } }],
  ['PodTopologySpread', { defaultingType: 'System' }],
  ['VolumeBinding', { bindTimeoutSeconds: 600, shape: emptiestFirst }],
]);

/**
 * The args with everything that was left out; undefined for a plugin without args.
 *
 * @param given as the user wrote them; undefined = none. Those of a plugin that is not in-tree stay as they are.
 */
export function completedArgs(plugin: string, given: unknown): unknown {
  const defaults = defaultsOf.get(plugin);
  if (defaults === undefined) return given;
  const own = isRawObject(given) ? given : {};
  const merged = { ...defaults, ...withoutNulls(own), apiVersion, kind: `${plugin}Args` };
  return plugin === 'NodeResourcesFit' ? { ...merged, ...strategyOf(own) } : completedLists(merged);
}

/** A strategy keeps its type where it names no resources. */
function strategyOf({ scoringStrategy }: RawObject): RawObject {
  if (!isRawObject(scoringStrategy)) return {};
  const strategy = completedLists({ resources, ...withoutNulls(scoringStrategy) });
  const ratio = strategy['requestedToCapacityRatio'];
  if (!isRawObject(ratio)) return { scoringStrategy: strategy };
  return { scoringStrategy: { ...strategy, requestedToCapacityRatio: completedLists(ratio) } };
}

/** An empty list of resources is the default, a weight of 0 is 1; a corner of a shape has both numbers. */
function completedLists(raw: RawObject): RawObject {
  const { resources: named, shape } = raw;
  const list: readonly unknown[] =
    Array.isArray(named) && named.length === 0 ? resources : ((named ?? []) as unknown[]);
  return {
    ...raw,
    ...(named !== undefined && { resources: list.map((entry) => completedEntry(entry, { weight: 1 })) }),
    ...(Array.isArray(shape) && {
      shape: shape.map((corner) => completedEntry(corner, { utilization: 0, score: 0 })),
    }),
  };
}

function completedEntry(entry: unknown, defaults: RawObject): RawObject {
  const given = withoutNulls(isRawObject(entry) ? entry : {});
  return { ...defaults, ...given, ...(given['weight'] === 0 && { weight: 1 }) };
}

/** `null` counts as not given. */
export function withoutNulls(raw: RawObject): RawObject {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null && value !== undefined));
}
