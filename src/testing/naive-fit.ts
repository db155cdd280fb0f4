/**
 * Whether a pod fits on a node, a second time, from the documentation: as sets of containers that run at one time. Shares
 * nothing with the plugin and its accounts.
 */

/** Amounts by resource: milliCPU, bytes, units. Absent = none. */
export type NaiveAmounts = Readonly<Record<string, number>>;

/** What a pod runs. */
export interface NaiveFitPod {
  readonly containers: readonly NaiveAmounts[];
  /** In order; a sidecar goes on running beside all that start after it. */
  readonly initContainers: readonly { readonly requests: NaiveAmounts; readonly isSidecar: boolean }[];
  readonly overhead: NaiveAmounts;
}

/** The sets of containers of a pod that run at one time: one for each ordinary init container, and the pod at work. */
function momentsOf({ containers, initContainers }: NaiveFitPod): readonly (readonly NaiveAmounts[])[] {
  const sidecarsBefore = (end: number): readonly NaiveAmounts[] =>
    initContainers
      .slice(0, end)
      .filter(({ isSidecar }) => isSidecar)
      .map(({ requests }) => requests);
  const starts = initContainers.flatMap(({ requests, isSidecar }, at) =>
    isSidecar ? [] : [[requests, ...sidecarsBefore(at)]],
  );
  return [...starts, [...containers, ...sidecarsBefore(initContainers.length)]];
}

/** The most that a pod asks for at any moment. */
function requestOf(pod: NaiveFitPod, resource: string): number {
  const sums = momentsOf(pod).map((moment) => moment.reduce((sum, amounts) => sum + (amounts[resource] ?? 0), 0));
  return Math.max(...sums) + (pod.overhead[resource] ?? 0);
}

/** Code and sorted reasons as the filter gives them, `ok` where the pod fits. `allocatable.pods` limits the number of pods. */
export function naiveFit(pod: NaiveFitPod, placed: readonly NaiveFitPod[], allocatable: NaiveAmounts): string {
  const reasons: string[] = placed.length < (allocatable['pods'] ?? 0) ? [] : ['Too many pods'];
  let isHopeless = false;
  for (const resource of ['cpu', 'memory', 'ephemeral-storage', 'example.com/gpu', 'hugepages-2Mi']) {
    const wanted = requestOf(pod, resource);
    const whole = allocatable[resource] ?? 0;
    const taken = placed.reduce((sum, other) => sum + requestOf(other, resource), 0);
    if (wanted === 0 || taken + wanted <= whole) continue;
    reasons.push(`Insufficient ${resource}`);
    if (wanted > whole) isHopeless = true;
  }
  if (reasons.length === 0) return 'ok';
  const code = isHopeless ? 'UnschedulableAndUnresolvable' : 'Unschedulable';
  return `${code}: ${reasons.sort((a, b) => (a < b ? -1 : 1)).join(', ')}`;
}
