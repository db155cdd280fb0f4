// The autoscaler in whole runs: what pods use is stated, the replicas that follow are worked out by hand.
import { describe, expect, test } from 'vitest';
import type { KubeEvent } from './record/facts.ts';
import { readSchedulerSetup } from './scenario/scheduler-setup.ts';
import { Simulation } from './simulation.ts';
import { soundScenario } from './testing/load-from-memory.ts';
import { nodeSha256 } from './testing/sha256.ts';

const indented = (text: string, blanks: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(blanks));

const halfOfCpu = '{ name: cpu, target: { type: Utilization, averageUtilization: 50 } }';

/** Two pods that request half a core each; the autoscaler wants them to use half of it. */
function manifests(behavior: string, metric = `{ type: Resource, resource: ${halfOfCpu} }`, minReplicas = 2): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: app, image: "app:1", resources: { requests: { cpu: 500m, memory: 100Mi } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: ${minReplicas}
  maxReplicas: 10
  metrics:
    - ${metric}
${indented(behavior, 2)}`;
}

interface Told {
  /** `seconds: size`, whole seconds. */
  readonly sizes: readonly string[];
  readonly events: readonly KubeEvent[];
}

function run(usage: string, behavior = '', horizon = '40m', more = '', metric?: string, minReplicas?: number): Told {
  const spec = `
cluster:
  nodePools: [{ name: general, count: 5, capacity: { cpu: 8, memory: 32Gi, pods: 110 } }]
workload:
  - manifests: [web.yaml]
images: [{ name: "*", size: 1Mi }]
behaviors:
  - name: web
    usage: ${usage}
${more}`;
  const files = { 'web.yaml': manifests(behavior, metric, minReplicas) };
  const scenario = { ...soundScenario(spec, files), horizon: minutes(horizon) };
  const events: (KubeEvent & { readonly second: number })[] = [];
  const { setup } = readSchedulerSetup(scenario, []);
  const simulation: Simulation = new Simulation(scenario, {
    createHash: nodeSha256,
    scheduler: setup!,
    observers: [
      { kubeEvent: (event) => void events.push({ ...event, second: Math.floor(simulation.engine.now / 1_000_000) }) },
    ],
  });
  while (simulation.advance(100_000).reason === 'paused');
  const own = events.filter(({ source }) => source === 'horizontal-pod-autoscaler');
  const rescales = own.filter(({ reason }) => reason === 'SuccessfulRescale');
  return {
    sizes: rescales.map(({ second, message }) => `${second}: ${/New size: (\d+)/.exec(message)![1]}`),
    events: own,
  };
}

const minutes = (text: string): number => Number(text.slice(0, -1)) * 60_000_000;
const sizesOf = ({ sizes }: Told): readonly number[] => sizes.map((line) => Number(line.split(': ')[1]));
const secondsOf = ({ sizes }: Told): readonly number[] => sizes.map((line) => Number(line.split(': ')[0]));

describe('utilization of half a core against a target of 50 %', () => {
  // 250m is 50 %. From 10 min on 450m: the scrape at 615 s sees half a window of each, 70 %, ratio 1.4: 2 -> ceil(2.8) = 3. The
  // next one sees 90 %, ratio 1.8: 3 -> ceil(5.4) = 6 -> ceil(10.8) = 11, at most 10. From 20 min on 50m: the scrape at 1215 s
  // sees 250m, 50 %, so 10; the next one 10 %, ratio 0.2: ceil(0.2 * 10) = 2.
  const usage = '{ cpu: { steps: [{ at: 0s, value: 250m }, { at: 10m, value: 90% }, { at: 20m, value: 50m }] } }';

  test('without behavior: down when nobody wanted more for 5 minutes', () => {
    const told = run(usage);
    expect(sizesOf(told)).toEqual([3, 6, 10, 2]);
    const [first, second, third, last] = secondsOf(told) as [number, number, number, number];
    expect(first).toBeGreaterThanOrEqual(615);
    expect(first).toBeLessThan(630);
    expect(second - first).toBe(15);
    expect(third - second).toBe(15);
    // The wish for 10 of the sync after 1215 s is forgotten 300 s later.
    expect(last).toBeGreaterThanOrEqual(1515);
    expect(last).toBeLessThan(1545);
  });

  test('policies of behavior: one pod a minute up, half of them every two minutes down, without a window', () => {
    const told = run(
      usage,
      `behavior:
  scaleUp: { policies: [{ type: Pods, value: 1, periodSeconds: 60 }] }
  scaleDown:
    stabilizationWindowSeconds: 0
    policies: [{ type: Percent, value: 50, periodSeconds: 120 }]`,
    );
    // One a minute from 615 s on, at most 10 at 1200 s; down: 10 -> 5 -> trunc(2.5) = 2.
    expect(sizesOf(told)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 5, 2]);
    const seconds = secondsOf(told);
    for (let at = 1; at < 8; at++) {
      expect(seconds[at]! - seconds[at - 1]!).toBeGreaterThanOrEqual(60);
      expect(seconds[at]! - seconds[at - 1]!).toBeLessThan(76);
    }
    expect(seconds[8]).toBeGreaterThanOrEqual(1230);
    expect(seconds[8]).toBeLessThan(1246);
    expect(seconds[9]! - seconds[8]!).toBeGreaterThanOrEqual(120);
  });
});

describe('tolerance', () => {
  // 270m of 500m is 54 %: 1.08 times the target.
  test('of a tenth either way leaves the replicas as they are', () => {
    expect(sizesOf(run('{ cpu: 54% }'))).toEqual([]);
    // 45 % is 0.9 times the target, 44 % less: but nothing is below the least number.
    expect(sizesOf(run('{ cpu: 45% }'))).toEqual([]);
  });

  test('of the behavior holds instead: ceil(1.08 * 2) = 3, then 1.08 * 3 > 3 again', () => {
    const told = run('{ cpu: 54% }', 'behavior: { scaleUp: { tolerance: 50m } }', '4m');
    expect(sizesOf(told).slice(0, 3)).toEqual([3, 4, 5]);
  });
});

test('an upward window: the least wish of its time is followed', () => {
  // 90 % from 10 min on, but 60 s long nobody may have wished for less.
  const told = run(
    '{ cpu: { steps: [{ at: 0s, value: 250m }, { at: 10m, value: 90% }, { at: 20m, value: 50m }] } }',
    'behavior: { scaleUp: { stabilizationWindowSeconds: 60 } }',
    '15m',
  );
  const [first] = secondsOf(told);
  // The sync after 600 s is the last one that wishes for 2.
  expect(first).toBeGreaterThanOrEqual(660);
  expect(first).toBeLessThan(680);
});

test('who scales down by hand what metrics are content with is overruled by an older wish, without a reason', () => {
  // Four at the target; two of them are taken away, and ceil(50 / 50 * 2) = 2 would do, but four were wished for within 5 minutes.
  const by =
    'actions:\n  - { at: 1m, scale: { name: web, replicas: 4 } }\n  - { at: 3m, scale: { name: web, replicas: 2 } }';
  const told = run('{ cpu: 250m }', '', '5m', by);
  const rescales = told.events.filter(({ reason }) => reason === 'SuccessfulRescale');
  expect(rescales.map(({ message }) => message)).toEqual(['New size: 4; reason: ']);
});

describe('a load that the ready pods share', () => {
  test('settles where each has what the target wants: 2 cores / 250m = 8 pods', () => {
    const told = run('{ cpu: { load: { steps: [{ at: 0s, value: 500m }, { at: 10m, value: 2 }] } } }', '', '60m');
    expect(sizesOf(told).at(-1)).toBe(8);
    expect(Math.max(...sizesOf(told))).toBeLessThanOrEqual(10);
  });
});

describe('without metrics', () => {
  test('nobody says what pods use: it complains and leaves the replicas', () => {
    const told = run('{ memory: 50Mi }', '', '5m');
    expect(told.sizes).toEqual([]);
    expect(told.events.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['FailedGetResourceMetric', 'FailedComputeMetricsReplicas']),
    );
    const [first] = told.events.filter(({ reason }) => reason === 'FailedGetResourceMetric');
    expect(first!.message).toContain('did not receive metrics for targeted pods (pods might be unready)');
  });

  test('pods of a silent node are missing: they count as a whole request when the others use less', () => {
    // 2 of 10 pods on each node. From 10 min on 50m each, and no word of 2: (8 * 50 + 2 * 500) / 5000 = 28 %, ratio 0.56: 6 pods.
    const told = run(
      '{ cpu: { steps: [{ at: 0s, value: 90% }, { at: 10m, value: 50m }] } }',
      `behavior:
  scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: Percent, value: 100, periodSeconds: 15 }] }`,
      '11m',
      `faults:
  - kubeletStop: { node: general-1, at: 10m }`,
    );
    expect(sizesOf(told).slice(0, 4)).toEqual([4, 8, 10, 6]);
  });
});

test('memory by an average value: 150Mi against 100Mi is 1.5 times: 2 -> 3 -> ceil(4.5) = 5 -> ceil(7.5) = 8 -> 10', () => {
  const told = run(
    '{ memory: 150Mi }',
    '',
    '5m',
    '',
    '{ type: Resource, resource: { name: memory, target: { type: AverageValue, averageValue: 100Mi } } }',
  );
  expect(sizesOf(told)).toEqual([3, 5, 8, 10]);
});

const ladder = (first: number, second: number, at = '5m'): string =>
  `steps: [{ at: 0s, value: ${first} }, { at: ${at}, value: ${second} }]`;

describe('a metric of the pods', () => {
  const metric = '{ type: Pods, pods: { metric: { name: rps }, target: { type: AverageValue, averageValue: "10" } } }';

  test('shared by them settles at the load over the target: 60 / 10 = 6', () => {
    const told = run(`{ metrics: { rps: { load: { ${ladder(20, 60)} } } } }`, '', '20m', '', metric);
    expect(sizesOf(told).at(-1)).toBe(6);
    expect(told.events.find(({ reason }) => reason === 'SuccessfulRescale')!.message).toMatch(
      /reason: pods metric rps above target$/,
    );
  });

  test('that nobody measures', () => {
    const told = run('{ cpu: 10% }', '', '2m', '', metric);
    const why =
      'unable to get metric rps: unable to fetch metrics from custom metrics API: the server could not find the metric rps for pods';
    expect(told.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual(
      expect.arrayContaining([
        `FailedGetPodsMetric: ${why}`,
        `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get pods metric value: ${why}`,
      ]),
    );
  });
});

test('a metric of one container: 400m of 500m against half of it is 1.6 times: 2 -> ceil(3.2) = 4 -> 7 -> 10', () => {
  const metric = `{ type: ContainerResource, containerResource: { container: app, name: cpu, target: { type: Utilization, averageUtilization: 50 } } }`;
  const told = run('{ containers: { app: { cpu: 400m } } }', '', '5m', '', metric);
  expect(sizesOf(told)).toEqual([4, 7, 10]);
  const messages = told.events.map(({ message }) => message);
  expect(messages).toContain(
    'New size: 4; reason: cpu container resource utilization (percentage of request) above target',
  );
  expect(messages).toContainEqual(expect.stringContaining('first error is: failed to get app container metric value'));
});

describe('a metric of an object', () => {
  const object = (target: string): string =>
    `{ type: Object, object: { describedObject: { apiVersion: v1, kind: Service, name: web }, metric: { name: rps }, target: ${target} } }`;
  const series = (values: string): string =>
    `metrics: [{ name: rps, object: { kind: Service, name: web }, ${values} }]`;

  test('by its value: twice the target doubles the ready pods', () => {
    const told = run('{ cpu: 1m }', '', '6m', series(ladder(100, 200)), object('{ type: Value, value: "100" }'));
    // 2 * 2 = 4, then 4 * 2 = 8, then at most 10.
    expect(sizesOf(told)[0]).toBe(4);
    expect(secondsOf(told)[0]).toBeGreaterThanOrEqual(300);
    expect(secondsOf(told)[0]).toBeLessThan(316);
    expect(told.events.find(({ reason }) => reason === 'SuccessfulRescale')!.message).toBe(
      'New size: 4; reason: Service metric rps above target',
    );
  });

  test('by its average: 70 at 10 for each pod want 7', () => {
    const told = run(
      '{ cpu: 1m }',
      '',
      '7m',
      series(ladder(20, 70)),
      object('{ type: AverageValue, averageValue: "10" }'),
    );
    expect(sizesOf(told)).toEqual([4, 7]);
  });

  test('that nobody measures', () => {
    const told = run('{ cpu: 1m }', '', '2m', '', object('{ type: Value, value: "100" }'));
    expect(told.events.find(({ reason }) => reason === 'FailedGetObjectMetric')!.message).toBe(
      'unable to get metric rps on Service default/web: unable to fetch metrics from custom metrics API: ' +
        'the server could not find the metric rps for services',
    );
    const of = (target: string): string =>
      run('{ cpu: 1m }', '', '2m', '', object(target)).events.find(
        ({ reason }) => reason === 'FailedComputeMetricsReplicas',
      )!.message;
    expect(of('{ type: Value, value: "100" }')).toContain('failed to get object metric value: unable to get metric');
    expect(of('{ type: AverageValue, averageValue: "100" }')).toContain(
      'failed to get object metric value: failed to get rps object metric: unable to get metric',
    );
  });
});

describe('a metric from outside', () => {
  const external = (target: string): string =>
    `{ type: External, external: { metric: { name: queue, selector: { matchLabels: { of: web } } }, target: ${target} } }`;
  const perPod = external('{ type: AverageValue, averageValue: "5" }');

  test('sums the series that the selector takes: (12 + 13) / 5 = 5 pods', () => {
    const series = `metrics:
  - { name: queue, labels: { of: web, part: a }, value: 12 }
  - { name: queue, labels: { of: web, part: b }, value: 13 }
  - { name: queue, labels: { of: other }, value: 1000 }`;
    const told = run('{ cpu: 1m }', '', '4m', series, perPod);
    // At most max(2 * 2, 4) at once.
    expect(sizesOf(told)).toEqual([4, 5]);
  });

  test('takes a workload to none and back', () => {
    const series = `metrics: [{ name: queue, labels: { of: web }, ${ladder(10, 0, '2m')}, period: 15m }]`;
    const told = run('{ cpu: 1m }', '', '16m', series, perPod, 0);
    // Empty from 2 min on: none 5 min after the last wish for 2. Full again at 15 min: ceil(10 / 5) = 2.
    expect(sizesOf(told)).toEqual([0, 2]);
    const [down, up] = secondsOf(told) as [number, number];
    expect(down).toBeGreaterThanOrEqual(405);
    expect(down).toBeLessThan(436);
    expect(up).toBeGreaterThanOrEqual(900);
    expect(up).toBeLessThan(916);
  });

  test('that nobody measures', () => {
    const told = run('{ cpu: 1m }', '', '2m', '', perPod);
    const { message } = told.events.find(({ reason }) => reason === 'FailedGetExternalMetric')!;
    expect(message).toBe(
      'unable to get external metric default/queue/&LabelSelector{MatchLabels:map[string]string{of: web,},' +
        'MatchExpressions:[]LabelSelectorRequirement{},}: no metrics returned from external metrics API',
    );
    const of = (target: string): string =>
      run('{ cpu: 1m }', '', '2m', '', external(target)).events.find(
        ({ reason }) => reason === 'FailedComputeMetricsReplicas',
      )!.message;
    const whole = 'failed to get queue external metric value: failed to get';
    expect(of('{ type: AverageValue, averageValue: "5" }')).toContain(`${whole} queue external metric: unable`);
    expect(of('{ type: Value, value: "5" }')).toContain(`${whole} external metric queue: unable`);
  });
});

test('two autoscalers of the same pods leave them alone, and both say so', () => {
  const second = `{ type: Resource, resource: ${halfOfCpu} }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: also }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  maxReplicas: 5`;
  const told = run('{ cpu: 90% }', '', '5m', '', second);
  // The first of them has looked once before it knew of the other.
  const ambiguous = told.events.filter(({ reason }) => reason === 'AmbiguousSelector');
  expect(new Set(ambiguous.map(({ name }) => name))).toEqual(new Set(['web', 'also']));
  expect(ambiguous[0]!.message).toBe(
    'pods by selector app=web are controlled by more than one HPA (e.g. [default/also default/web])',
  );
  expect(told.sizes.length).toBeLessThanOrEqual(1);
});
