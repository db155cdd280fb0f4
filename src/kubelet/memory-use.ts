/** What single containers use of memory, where the use of a pod is stated as a function of time. Pure. */
import type { PodSpec } from '../api/core-v1.ts';
import { podRequests } from '../api/resources.ts';
import type { PodUsage } from './behavior.ts';
import type { UsageCurve } from './usage-curve.ts';

/** Use of one container: its curve, and the request that shares are of, bytes. */
export interface MemoryUse {
  readonly curve: UsageCurve;
  readonly request: number;
}

/**
 * By position among the main containers; undefined = nobody says. The use of a pod as a whole is that of its first container. A
 * load that a workload shares is no property of a node, and presses on none.
 */
export function memoryUses(spec: PodSpec, usage: PodUsage): readonly (MemoryUse | undefined)[] {
  const whole = usage.memory?.isShared === false ? usage.memory : undefined;
  return spec.containers.map(({ name, resources }, at) => {
    const own = usage.containers.get(name)?.memory;
    if (own?.isShared === false) return { curve: own.curve, request: resources.requests.get('memory') ?? 0 };
    if (at > 0 || whole === undefined) return undefined;
    return { curve: whole.curve, request: podRequests(spec).get('memory') ?? 0 };
  });
}

/** Upstream's oom_score_adj of a container (`pkg/kubelet/qos/policy.go`); amounts in bytes. */
export function oomScoreAdjust(qosRank: 0 | 1 | 2, isCritical: boolean, request: number, capacity: number): number {
  if (isCritical || qosRank === 2) return -997;
  if (qosRank === 0) return 1000;
  return Math.min(999, Math.max(3, 1000 - Math.floor((1000 * request) / capacity)));
}
