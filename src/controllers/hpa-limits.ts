/** Stabilisation and limits of scaling (upstream pkg/controller/podautoscaler/horizontal.go, normalizeDesiredReplicas). Pure. */
import type { HorizontalPodAutoscalerSpec, ScalingPolicy, ScalingRules } from '../api/autoscaling-v2.ts';
import type { Timestamp } from '../api/meta-v1.ts';

/** --horizontal-pod-autoscaler-downscale-stabilization, seconds. */
const downscaleSeconds = 300;

/** Something that happened, with the replicas it was about; times in seconds, with fractions. */
export interface ScaleRecord {
  readonly time: Timestamp;
  readonly replicas: number;
}

/** What is remembered of one autoscaler. */
export interface ScaleHistory {
  recommendations: readonly ScaleRecord[];
  /** Replicas added and removed by the autoscaler. */
  added: readonly ScaleRecord[];
  removed: readonly ScaleRecord[];
}

/** The replicas after all limits, and what the conditions say of them. */
export interface LimitedReplicas {
  readonly replicas: number;
  readonly able: 'ScaleDownStabilized' | 'ScaleUpStabilized' | 'ReadyForNewScale';
  readonly limit: 'TooFewReplicas' | 'TooManyReplicas' | 'ScaleUpLimit' | 'ScaleDownLimit' | 'DesiredWithinRange';
}

/** Applies the limits to what the metrics ask for, and remembers it. */
export function limitReplicas(
  spec: HorizontalPodAutoscalerSpec,
  history: ScaleHistory,
  current: number,
  desired: number,
  now: Timestamp,
): LimitedReplicas {
  const { behavior } = spec;
  const stable = stabilize(behavior, history, current, desired, now);
  const able = stable === desired ? 'ReadyForNewScale' : stable < desired ? 'ScaleUpStabilized' : 'ScaleDownStabilized';
  const limited = behavior === undefined ? clamp(spec, current, stable) : follow(spec, history, current, stable, now);
  return { ...limited, able };
}

function stabilize(
  behavior: HorizontalPodAutoscalerSpec['behavior'],
  history: ScaleHistory,
  current: number,
  desired: number,
  now: Timestamp,
): number {
  const upSeconds = behavior?.scaleUp.stabilizationWindowSeconds ?? 0;
  const downSeconds = behavior?.scaleDown.stabilizationWindowSeconds ?? downscaleSeconds;
  let up = desired;
  let down = desired;
  for (const { time, replicas } of history.recommendations) {
    if (time > now - upSeconds) up = Math.min(up, replicas);
    if (time > now - downSeconds) down = Math.max(down, replicas);
  }
  const longest = Math.max(upSeconds, downSeconds);
  const kept = history.recommendations.filter(({ time }) => time > now - longest);
  history.recommendations = [...kept, { time: now, replicas: desired }];
  if (behavior === undefined) return down;
  if (current < up) return up;
  return current > down ? down : current;
}

type Limited = Omit<LimitedReplicas, 'able'>;

/** Without behaviour: at most twice as many as now, and four at least. */
function clamp({ minReplicas, maxReplicas }: HorizontalPodAutoscalerSpec, current: number, desired: number): Limited {
  if (desired < minReplicas) return { replicas: minReplicas, limit: 'TooFewReplicas' };
  return atMost(maxReplicas, Math.max(2 * current, 4), desired);
}

function atMost(maxReplicas: number, scaleUpLimit: number, desired: number): Limited {
  const max = Math.min(maxReplicas, scaleUpLimit);
  if (desired <= max) return { replicas: desired, limit: 'DesiredWithinRange' };
  return { replicas: max, limit: maxReplicas > scaleUpLimit ? 'ScaleUpLimit' : 'TooManyReplicas' };
}

function follow(
  { behavior, minReplicas, maxReplicas }: HorizontalPodAutoscalerSpec,
  history: ScaleHistory,
  current: number,
  desired: number,
  now: Timestamp,
): Limited {
  if (desired > current) return atMost(maxReplicas, upLimit(behavior!.scaleUp, history, current, now), desired);
  if (desired < current) {
    const scaleDownLimit = downLimit(behavior!.scaleDown, history, current, now);
    const min = Math.max(minReplicas, scaleDownLimit);
    if (desired < min)
      return { replicas: min, limit: minReplicas < scaleDownLimit ? 'ScaleDownLimit' : 'TooFewReplicas' };
  }
  return { replicas: desired, limit: 'DesiredWithinRange' };
}

/** The most that the policies allow; never below what is there. */
function upLimit(
  { policies, selectPolicy }: ScalingRules,
  history: ScaleHistory,
  current: number,
  now: Timestamp,
): number {
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map((policy) => {
    const start = startOf(policy, history, current, now);
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100));
  });
  return Math.max(current, selectPolicy === 'Max' ? Math.max(...limits) : Math.min(...limits));
}

/** The least that the policies allow; never above what is there. */
function downLimit(
  { policies, selectPolicy }: ScalingRules,
  history: ScaleHistory,
  current: number,
  now: Timestamp,
): number {
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map((policy) => {
    const start = startOf(policy, history, current, now);
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100));
  });
  return Math.min(current, selectPolicy === 'Max' ? Math.min(...limits) : Math.max(...limits));
}

/** The replicas at the beginning of a policy's period, as far as the autoscaler has changed them since. */
function startOf(
  { periodSeconds }: ScalingPolicy,
  { added, removed }: ScaleHistory,
  current: number,
  now: Timestamp,
): number {
  return current - changedIn(added, periodSeconds, now) + changedIn(removed, periodSeconds, now);
}

function changedIn(records: readonly ScaleRecord[], periodSeconds: number, now: Timestamp): number {
  let sum = 0;
  for (const { time, replicas } of records) if (time > now - periodSeconds) sum += replicas;
  return sum;
}

/** Notes that the autoscaler has changed the number of replicas (upstream `storeScaleEvent`). */
export function noteScale(
  history: ScaleHistory,
  behavior: HorizontalPodAutoscalerSpec['behavior'],
  change: number,
  now: Timestamp,
): void {
  if (behavior === undefined || change === 0) return;
  const record = { time: now, replicas: Math.abs(change) };
  if (change > 0) history.added = withRecord(history.added, behavior.scaleUp, record);
  else history.removed = withRecord(history.removed, behavior.scaleDown, record);
}

/**
 * A new record takes the place of the last one that its own policies need no more. The others of those stay:
 * policies of the other direction may look back farther.
 */
function withRecord(
  records: readonly ScaleRecord[],
  { policies }: ScalingRules,
  record: ScaleRecord,
): readonly ScaleRecord[] {
  const longest = Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds));
  const outdated = records.findLastIndex(({ time }) => time < record.time - longest);
  return outdated < 0 ? [...records, record] : records.with(outdated, record);
}
