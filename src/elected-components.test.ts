// A scheduler or the controllers are gone, and another process takes over by leader election.
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from './api/core-v1.ts';
import { nodeCondition } from './api/node-conditions.ts';
import { SECOND } from './engine/time.ts';
import type { Facts } from './record/facts.ts';
import { runSpec } from './testing/run-spec.ts';

const cluster =
  'cluster: { nodePools: [{ name: p, count: 6, zones: [a, b, c], capacity: { cpu: 8, memory: 16Gi } }] }\n';

const deployment = (name: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, image: "x:1" }] }
`;
const files = { 'web.yaml': deployment('web', 4), 'late.yaml': deployment('late', 3) };
const workload = 'workload:\n  - manifests: [web.yaml]\nactions:\n  - { at: 10m5s, apply: [late.yaml] }\n';

interface Times {
  /** Seconds of the creation and of the binding of pods of the late Deployment. */
  readonly created: number[];
  readonly bound: number[];
  readonly reconciledBy: Map<string, number[]>;
}

function timesOf(componentDown: string): Times & ReturnType<typeof runSpec> {
  return timesUnder(`componentDown: ${componentDown}`);
}

function timesUnder(fault: string, actions = workload): Times & ReturnType<typeof runSpec> {
  const times: Times = { created: [], bound: [], reconciledBy: new Map() };
  const observerOf = (now: () => number): Partial<Facts> => ({
    committed: (kind, _slot, before, after) => {
      const pod = kind === 'Pod' ? (after as Pod | undefined) : undefined;
      if (pod === undefined || !pod.metadata.name.startsWith('late')) return;
      if (before === undefined) times.created.push(now() / SECOND);
      else if ((before as Pod).spec.nodeName === '' && pod.spec.nodeName !== '') times.bound.push(now() / SECOND);
    },
    reconciled: (controller) => {
      const known = times.reconciledBy.get(controller) ?? [];
      times.reconciledBy.set(controller, known);
      known.push(now() / SECOND);
    },
  });
  const run = runSpec(`${cluster}${actions}faults:\n  - ${fault}\n`, files, observerOf);
  return { ...times, ...run };
}

const readyPods = ({ simulation }: ReturnType<typeof runSpec>): number =>
  [...simulation.server.state.list('Pod')].filter(({ status }) => status.phase === 'Running').length;

describe('kube-scheduler down', () => {
  test.each(['1', '2', '3'])('with one to stand by, seed %s: nothing is bound for 13 to 23.8 s', (seed) => {
    const spec = `{ at: 10m, duration: 5m, component: kube-scheduler, replicas: 2 }\nseed: "${seed}"`;
    const run = timesOf(spec);
    expect(run.created).toHaveLength(3);
    for (const at of run.created) expect(at).toBeLessThan(606);
    expect(Math.min(...run.bound)).toBeGreaterThanOrEqual(613);
    expect(Math.max(...run.bound)).toBeLessThan(624.8);
    expect(readyPods(run)).toBe(7);
  });

  test('with nobody to stand by nothing is bound until its restart has the lease, 15 to 19.4 s later', () => {
    const run = timesOf('{ at: 10m, duration: 5m, component: kube-scheduler }');
    expect(Math.min(...run.bound)).toBeGreaterThanOrEqual(915);
    expect(Math.max(...run.bound)).toBeLessThan(920.5);
    expect(readyPods(run)).toBe(7);
  });

  test('without leader election a restart works at once', () => {
    const run = timesOf('{ at: 10m, duration: 5m, component: kube-scheduler, leaderElect: false }');
    expect(Math.min(...run.bound)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...run.bound)).toBeLessThan(901);
  });

  test('counts what all leaders did', () => {
    const { result, simulation } = timesOf('{ at: 10m, duration: 5m, component: kube-scheduler, replicas: 2 }');
    expect(result.figures.get('pods.created')).toBe(7);
    expect(simulation.scheduler.counts().active).toBe(0);
  });
});

describe('kube-controller-manager down', () => {
  test('with one to stand by no controller does anything for 13 to 23.8 s, and then all is made up for', () => {
    const run = timesOf('{ at: 10m, duration: 5m, component: kube-controller-manager, replicas: 2 }');
    for (const times of run.reconciledBy.values()) expect(times.filter((at) => at > 600 && at < 613)).toEqual([]);
    expect(run.created).toHaveLength(3);
    expect(Math.min(...run.created)).toBeGreaterThanOrEqual(613);
    expect(Math.max(...run.created)).toBeLessThan(625);
    expect(readyPods(run)).toBe(7);
    // A new leader lists everything anew: it looks at what has not changed as well.
    const deployments = run.reconciledBy.get('deployment-controller')!.filter((at) => at > 613 && at < 624);
    expect(deployments.length).toBeGreaterThanOrEqual(2);
  });

  test('a node that dies meanwhile has a whole grace period from the take-over on', () => {
    const faults =
      '{ at: 10m, duration: 10m, component: kube-controller-manager }\n  - nodeCrash: { at: 10m10s, node: p-a-1, duration: 30m }';
    const unknown: number[] = [];
    const observerOf = (now: () => number): Partial<Facts> => ({
      committed: (kind, _slot, _before, after) => {
        if (kind !== 'Node' || after === undefined || unknown.length > 0) return;
        if (nodeCondition(after as Node, 'Ready')?.status === 'Unknown') unknown.push(now() / SECOND);
      },
    });
    runSpec(`${cluster}${workload}faults:\n  - componentDown: ${faults}\n`, files, observerOf);
    // 20 min + 15 to 19.4 s + up to 5 s to the first pass, then more than 50 s of passes of 5 s.
    expect(unknown[0]).toBeGreaterThanOrEqual(1215 + 50);
    expect(unknown[0]).toBeLessThan(1219.4 + 5 + 55.2);
  });

  test('the same seed gives the same run', () => {
    const faults = '{ interval: 9m, repair: 90s, component: kube-controller-manager, replicas: 2 }';
    const first = timesOf(faults).result;
    expect(timesOf(faults).result.fingerprints).toEqual(first.fingerprints);
    expect(first.figures.get('faults.count')).toBeGreaterThan(3);
  });
});

describe('an API server that answers nobody', () => {
  const later = workload.replace('10m5s', '11m10s');

  test('for a minute: the controllers lose their lease, and begin anew 15 to 24 s after it', () => {
    const run = timesUnder('apiServerOutage: { at: 10m, duration: 1m }', later);
    expect(Math.min(...run.created)).toBeGreaterThanOrEqual(675);
    expect(Math.min(...run.created)).toBeLessThan(685);
    expect(readyPods(run)).toBe(7);
  });

  test('for 8 s: everybody goes on', () => {
    const run = timesUnder('apiServerOutage: { at: 10m, duration: 8s }', later);
    expect(Math.min(...run.created)).toBeLessThan(672);
  });
});
