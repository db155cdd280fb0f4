import { describe, expect, test } from 'vitest';
import type { MetricSpec } from '../api/autoscaling-v2.ts';
import type { Pod } from '../api/core-v1.ts';
import { packCondition } from '../api/pod-status.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import type { MetricSample } from './controller.ts';
import type { Proposal } from './hpa-replicas.ts';
import { proposeReplicas } from './hpa-replicas.ts';

/** Pods are old unless stated: started 1000 s ago, ready since then. */
const nowSeconds = 2000;

interface Described {
  /** undefined = no sample. */
  readonly cpu?: number;
  readonly request?: number;
  readonly startedAt?: number;
  /** Seconds; negative: not ready since then. */
  readonly readySince?: number;
  readonly phase?: 'Pending' | 'Running' | 'Failed';
  readonly isTerminating?: boolean;
}

function podOf(described: Described, at: number): Pod {
  const { request = 500, startedAt = 1000, readySince = 1000, phase = 'Running', isTerminating = false } = described;
  return makePod(`p${at}`, {
    metadata: { uid: at, ...(isTerminating && { deletionTimestamp: 1990 }) },
    requests: request === 0 ? {} : { cpu: request },
    status: { phase, startTime: startedAt, ready: packCondition(readySince >= 0, Math.abs(readySince)) },
  });
}

function propose(
  described: readonly Described[],
  metric: Partial<MetricSpec> = { averageUtilization: 80 },
  currentReplicas = described.length,
): Proposal {
  const pods = described.map(podOf);
  const samples = new Map<number, MetricSample>();
  for (const [at, { cpu }] of described.entries())
    if (cpu !== undefined) samples.set(at, { value: cpu, time: (nowSeconds - 5) * SECOND, windowUs: 30 * SECOND });
  return proposeReplicas({
    metric: { type: 'Resource', name: 'cpu', averageUtilization: undefined, averageValue: undefined, ...metric },
    pods,
    samples,
    currentReplicas,
    tolerance: { up: 0.1, down: 0.1 },
    now: nowSeconds * SECOND,
  });
}

const times = (count: number, each: Described): readonly Described[] => Array.from({ length: count }, () => each);

describe('utilization', () => {
  test('4 pods at 250m of 500m against 80 %: ratio 0.625, ceil(2.5) = 3', () => {
    expect(propose(times(4, { cpu: 250 }))).toEqual({ replicas: 3 });
  });

  test('is a whole percentage, cut off: 439m of 500m is 87 %, within a tenth of 80 %; 445m is 89 %, beyond it', () => {
    expect(propose(times(4, { cpu: 439 }))).toEqual({ replicas: 4 });
    // ratio 89 / 80 = 1.1125: ceil(4.45) = 5
    expect(propose(times(4, { cpu: 445 }))).toEqual({ replicas: 5 });
  });

  test('one pod without a sample: 500m are filled in, 62 %, ratio 0.775, ceil(3.1) = 4', () => {
    expect(propose([...times(3, { cpu: 250 }), {}])).toEqual({ replicas: 4 });
  });

  test('missing pods use nothing while the others use too much', () => {
    // 3 of 4 at 100 %: ratio 1.25; with a zero 75 %, below 1: the other side, no change.
    expect(propose([...times(3, { cpu: 500 }), {}])).toEqual({ replicas: 4 });
    // At 200 %: (1500 * 2) / 2000 = 150 %, ratio 1.875: ceil(7.5) = 8.
    expect(propose([...times(3, { cpu: 1000 }), {}])).toEqual({ replicas: 8 });
  });

  test('a pod that has no request makes the whole metric invalid', () => {
    expect(propose([{ cpu: 100 }, { cpu: 100, request: 0 }])).toEqual({
      failed: 'missing request for cpu in container c of Pod p1',
    });
  });
});

test('containers and sidecars request each for themselves; what init containers want does not count', () => {
  const pod = (initContainers: Pod['spec']['initContainers']): Pod => ({
    ...podOf({ cpu: 400 }, 0),
    spec: { ...podOf({}, 0).spec, initContainers },
  });
  const ask = (asked: Pod): Proposal =>
    proposeReplicas({
      metric: { type: 'Resource', name: 'cpu', averageUtilization: 50, averageValue: undefined },
      pods: [asked],
      samples: new Map([[0, { value: 400, time: nowSeconds * SECOND, windowUs: 30 * SECOND }]]),
      currentReplicas: 1,
      tolerance: { up: 0.1, down: 0.1 },
      now: nowSeconds * SECOND,
    });
  // 400m of 500m: 80 %, ratio 1.6. With a sidecar of 500m: 40 %, ratio 0.8, one pod all the same.
  expect(ask(pod([makeContainer({ name: 'init', requests: { cpu: 4000 } })]))).toEqual({ replicas: 2 });
  expect(ask(pod([makeContainer({ name: 'side', restartPolicy: 'Always', requests: { cpu: 500 } })]))).toEqual({
    replicas: 1,
  });
  expect(ask(pod([makeContainer({ name: 'side', restartPolicy: 'Always' })]))).toEqual({
    failed: 'missing request for cpu in container side of Pod p0',
  });
});

describe('pods that are not counted', () => {
  test('terminating and failed ones are left out altogether', () => {
    const gone = [
      { cpu: 5000, isTerminating: true },
      { cpu: 5000, phase: 'Failed' },
    ] as const;
    expect(propose([...times(4, { cpu: 250 }), ...gone], undefined, 4)).toEqual({ replicas: 3 });
  });

  test('the replicas of a proposal are those of the ready pods, not of the spec', () => {
    expect(propose(times(2, { cpu: 800 }), undefined, 10)).toEqual({ replicas: 4 });
  });

  test('nobody ready: no proposal', () => {
    expect(propose([{ cpu: 100, phase: 'Pending' }])).toEqual({
      failed: 'did not receive metrics for targeted pods (pods might be unready)',
    });
  });

  test('an unready pod counts as nothing when the others want more', () => {
    // Never ready since 10 s after its start, which was long ago. (3 * 1000) / 2000 = 150 %, ratio 1.875: ceil(7.5) = 8.
    const never = { cpu: 5000, readySince: -1010 };
    expect(propose([...times(3, { cpu: 1000 }), never])).toEqual({ replicas: 8 });
    // Others below: it is not even filled in. ratio 0.625 of 3 ready: ceil(1.875) = 2.
    expect(propose([...times(3, { cpu: 250 }), never])).toEqual({ replicas: 2 });
  });

  test('a pod that was ready and is not any more counts with what it uses', () => {
    expect(propose([...times(3, { cpu: 250 }), { cpu: 250, readySince: -1500 }])).toEqual({ replicas: 3 });
  });

  test('in the first five minutes a sample must lie wholly in the time since it was ready', () => {
    // Sample at 1995 over 30 s. Ready since 1965: just whole. Since 1966: not.
    const young = (readySince: number): Described => ({ cpu: 1000, startedAt: 1900, readySince });
    expect(propose([...times(3, { cpu: 1000 }), young(1965)])).toEqual({ replicas: 10 });
    expect(propose([...times(3, { cpu: 1000 }), young(1966)])).toEqual({ replicas: 8 });
  });
});

test('56 % against 50 % of 25 pods is a little more than 28 in floating point numbers, so 29', () => {
  expect(propose(times(25, { cpu: 280 }), { averageUtilization: 50 })).toEqual({ replicas: 29 });
});

test('an average value: ceil(ratio * ready), the mean cut off to a whole unit', () => {
  expect(propose(times(4, { cpu: 301 }), { averageValue: 200 })).toEqual({ replicas: 7 });
  expect(propose([{ cpu: 219 }, { cpu: 220 }], { averageValue: 200 })).toEqual({ replicas: 2 });
  expect(propose([{ cpu: 221 }, { cpu: 221 }], { averageValue: 200 })).toEqual({ replicas: 3 });
});
