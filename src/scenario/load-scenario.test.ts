// What a sound scenario becomes.
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileSelector } from '../api/labels.ts';
import { defaultLatency, instantLatency } from '../apiserver/latency.ts';
import type { Distribution } from '../engine/distributions.ts';
import { definePlugin } from '../scheduler/framework/define-plugin.ts';
import { deploymentText, loadSpec, messagesOf, soundScenario } from '../testing/load-from-memory.ts';
import { loadScenario } from './load-scenario.ts';
import { nodeFileReader } from './read-files.ts';
import { readSchedulerSetup } from './scheduler-setup.ts';
import { scenarioJsonSchema } from './schema/scenario-schema.ts';

/** The plugin that own-plugin.yaml brings along, as far as its configuration needs it. */
const cheapestNode = definePlugin<unknown>({
  name: 'CheapestNode',
  readArgs: (given) => given,
  create: () => ({ name: 'CheapestNode', score: () => 0 }),
});
const second = 1_000_000;
const minute = 60 * second;

test('the shipped node-crash scenario is what its header says', () => {
  const loaded = loadScenario('scenarios/node-crash.yaml', { reader: nodeFileReader });
  expect(messagesOf(loaded)).toEqual([]);
  const scenario = loaded.scenario!;
  expect(scenario).toMatchObject({ name: 'node-crash', seed: '42', replication: 0, horizon: 20 * minute });
  expect(scenario.cluster.nodePools[0]).toMatchObject({ name: 'general', count: 6, zones: ['a', 'b', 'c'] });
  expect([...scenario.cluster.nodePools[0]!.capacity]).toEqual([
    ['pods', 110],
    ['cpu', 8000],
    ['memory', 32 * 1024 * 1024 * 1024],
  ]);
  const [{ at, action }] = scenario.actions as [(typeof scenario.actions)[number]];
  expect(at).toBe(0);
  expect(action.verb === 'apply' && action.objects.map(({ kind }) => kind)).toEqual([
    'Namespace',
    'Deployment',
    'Service',
  ]);
  expect(scenario.faults[0]!.args).toMatchObject({ at: 5 * minute, node: 'general-b-1' });
  expect(scenario.asserts[0]).toMatchObject({
    comparison: 'between',
    bounds: [{ value: 40 * second }, { value: 55 * second }],
  });
  expect(scenario.inputs.map(({ path }) => path)).toEqual(['node-crash.yaml', 'apps/web.yaml']);
});

const shipped = readdirSync('scenarios').filter((name) => name.endsWith('.yaml'));

test.each(shipped)('the shipped scenario %s has no errors', (name) => {
  const loaded = loadScenario(`scenarios/${name}`, { reader: nodeFileReader });
  expect(loaded.errors).toEqual([]);
  expect(readSchedulerSetup(loaded.scenario!, [cheapestNode]).errors).toEqual([]);
});

test('what is not stated has its default', () => {
  expect(soundScenario('')).toMatchObject({
    description: '',
    kubernetesVersion: '1.37',
    seed: '1',
    replication: 0,
    horizon: 60 * minute,
    latency: defaultLatency,
    cluster: { nodePools: [], objects: [] },
    actions: [],
    generators: [],
    behaviors: [],
    images: [],
    registry: { bandwidth: undefined, latency: undefined },
    scheduler: {
      config: undefined,
      profile: undefined,
      plugins: [],
      tieBreak: 'uniform',
      tieSalt: 0,
      cycleCost: undefined,
    },
    controllers: { disable: [] },
    faults: [],
    limits: { events: undefined, eventsPerInstant: undefined, pods: undefined },
    outputs: { step: undefined },
    asserts: [],
  });
});

describe('node pools', () => {
  const pool = (more: string): ReturnType<typeof soundScenario>['cluster']['nodePools'][number] =>
    soundScenario(`cluster: { nodePools: [{ name: p, count: 1, capacity: { cpu: 1500m, memory: 2G }${more} }] }\n`)
      .cluster.nodePools[0]!;

  test('have integers in base units, and 110 pods', () => {
    expect(new Map(pool('').allocatable)).toEqual(
      new Map([
        ['pods', 110],
        ['cpu', 1500],
        ['memory', 2_000_000_000],
      ]),
    );
  });

  test('may keep back a part of their capacity', () => {
    const { capacity, allocatable } = pool(', allocatable: { cpu: 1 }');
    expect([capacity.get('cpu'), allocatable.get('cpu'), allocatable.get('memory')]).toEqual([
      1500, 1000, 2_000_000_000,
    ]);
  });

  test('take taints, labels and images as they are', () => {
    expect(
      pool(
        ', region: r, labels: { b: two, a: one }, taints: [{ key: k, effect: NoSchedule }], images: [{ name: "i:1", size: 1Mi }]',
      ),
    ).toMatchObject({
      region: 'r',
      labels: { a: 'one', b: 'two' },
      taints: [{ key: 'k', value: '', effect: 'NoSchedule', timeAdded: undefined }],
      images: [{ names: ['i:1'], sizeBytes: 1_048_576 }],
    });
  });
});

describe('distributions', () => {
  const of = (text: string): Distribution => soundScenario(`registry: { latency: ${text} }\n`).registry.latency!;
  const u = (value: number) => ({ double: () => value }) as Parameters<Distribution['sample']>[0];

  test.each([
    ['1m30s', 90 * second],
    ['{ exponential: { mean: 2s } }', 2 * second],
    ['{ lognormal: { mean: 2s, cv: 1.5 } }', 2 * second],
    ['{ weibull: { mean: 2s, shape: 0.7 } }', 2 * second],
    ['{ gamma: { mean: 2s, shape: 3 } }', 2 * second],
    ['{ uniform: { min: 1s, max: 4s } }', 2.5 * second],
    ['{ empirical: { values: [1s, 2s], weights: [3, 1] } }', 1.25 * second],
    [
      '{ mixture: [{ weight: 3, distribution: 1s }, { weight: 1, distribution: { exponential: { mean: 5s } } }] }',
      2 * second,
    ],
  ])('%s has its mean in microseconds', (text, mean) => {
    expect(of(text).mean).toBeCloseTo(mean, 3);
  });

  test('a mixture in a mixture shares out its weight', () => {
    const inner = '{ mixture: [{ weight: 9, distribution: 3s }, { weight: 1, distribution: 4s }] }';
    const nested = of(`{ mixture: [{ weight: 1, distribution: 1s }, { weight: 1, distribution: ${inner} }] }`);
    expect([0.25, 0.6, 0.94, 0.96].map((value) => nested.sample(u(value)) / second)).toEqual([1, 3, 3, 4]);
    expect(nested.mean / second).toBeCloseTo(0.5 + 0.45 * 3 + 0.05 * 4, 9);
  });
});

describe('latency', () => {
  test('is a profile by name', () => {
    expect(soundScenario('latency: instant\n').latency).toBe(instantLatency);
  });

  test('is the default one with single hops replaced', () => {
    const { latency } = soundScenario('latency: { watch: 3ms }\n');
    expect(latency).toMatchObject({ name: 'custom', request: defaultLatency.request, clientLimits: true });
    expect(latency.watch.mean).toBe(3000);
  });
});

describe('generators', () => {
  const template =
    '{ apiVersion: batch/v1, kind: Job, spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } } } }';
  const generator = (arrivals: string, more = ''): string =>
    `workload:\n  - generator: { name: g, arrivals: ${arrivals}, template: ${template}${more} }\n`;

  test.each([
    ['{ poisson: { ratePerHour: 12 } }', { type: 'poisson', ratePerHour: 12 }],
    ['{ every: 90s }', { type: 'every', periodUs: 90 * second }],
    ['{ interval: 3s }', { type: 'interval', interval: { mean: 3 * second } }],
    ['{ times: [3s, 1s, 2s] }', { type: 'times', times: [second, 2 * second, 3 * second] }],
    ['{ count: 7 }', { type: 'count', count: 7 }],
  ])('arrive by %s', (text, arrivals) => {
    const [made] = soundScenario(generator(text)).generators;
    expect(made).toMatchObject({ name: 'g', arrivals, start: 0, until: undefined, limit: undefined });
  });

  test('take their template from a file, and their name from the template', () => {
    const files = {
      'job.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: { name: batch }\nspec: { containers: [{ name: c, image: i }] }\n',
    };
    const spec =
      'workload:\n  - generator: { arrivals: { every: 1m }, limit: 3, start: 10s, until: 30m, runDuration: 5s, template: job.yaml }\n';
    const [made] = soundScenario(spec, files).generators;
    expect(made).toMatchObject({
      name: 'batch',
      limit: 3,
      start: 10 * second,
      until: 30 * minute,
      template: { kind: 'Pod' },
    });
    expect(made!.runDuration!.mean).toBe(5 * second);
  });

  test('have different names', () => {
    const loaded = loadSpec(generator('{ count: 1 }') + generator('{ count: 1 }').replace('workload:\n', ''));
    expect(messagesOf(loaded)).toEqual([
      'main.yaml:8:26 error E025: spec.workload[1].generator.name: the generator "g" is defined a second time; first at main.yaml:7:26',
    ]);
  });

  test('end after they begin', () => {
    expect(loadSpec(generator('{ count: 1 }', ', start: 5m, until: 5m')).errors).toMatchObject([{ code: 'E027' }]);
  });
});

describe('actions', () => {
  test('come in order of time, those of one time in order of the file', () => {
    const spec = `cluster: { nodePools: [{ name: p, count: 2, capacity: { cpu: 1, memory: 1Gi } }] }
workload:
  - { manifests: [web.yaml], at: 2m }
actions:
  - { at: 3m, drain: { node: p-1, gracePeriod: 10s, timeout: 5m } }
  - { at: 1m, cordon: { node: p-2 } }
  - { at: 2m, scale: { name: web, namespace: shop, replicas: 0 } }
  - { at: 2m, setImage: { name: web, namespace: shop, image: "web:2" } }
  - { at: 4m, delete: { kind: Pod, name: web-x } }
  - { at: 5m, delete: { kind: Node, name: p-1 } }
  - { at: 6m, uncordon: { node: p-2 } }
  - { at: 7m, restart: { name: web, namespace: shop } }
`;
    const { actions } = soundScenario(
      spec.replace('namespace: shop', 'namespace: default').replaceAll('shop', 'default'),
      { 'web.yaml': deploymentText('web') },
    );
    const target = { kind: 'Deployment', namespace: 'default', name: 'web' };
    expect(actions.map(({ at, action }) => [at / minute, action])).toEqual([
      [1, { verb: 'cordon', nodeName: 'p-2' }],
      [2, { verb: 'apply', objects: [expect.anything()] }],
      [2, { verb: 'scale', target, replicas: 0 }],
      [2, { verb: 'setImage', target, container: undefined, image: 'web:2' }],
      [3, { verb: 'drain', nodeName: 'p-1', gracePeriodSeconds: 10, timeout: 5 * minute }],
      [4, { verb: 'delete', kind: 'Pod', namespace: 'default', name: 'web-x', gracePeriodSeconds: -1 }],
      [5, { verb: 'delete', kind: 'Node', namespace: '', name: 'p-1', gracePeriodSeconds: -1 }],
      [6, { verb: 'uncordon', nodeName: 'p-2' }],
      [7, { verb: 'restart', target }],
    ]);
  });
});

describe('behaviours', () => {
  const workload = 'workload:\n  - manifests: [web.yaml]\n';
  const files = { 'web.yaml': deploymentText('web') };

  test('keep what is stated and leave the rest open', () => {
    const text =
      '{ selector: { matchLabels: { app: web } }, ready: { after: 8s }, crash: { interval: 6h }, failAfterRestarts: 3 }';
    const [behavior] = soundScenario(`${workload}behaviors:\n  - ${text}\n`, files).behaviors;
    expect(behavior).toMatchObject({ readyAfter: { mean: 8 * second }, crash: { exitCode: 1 }, failAfterRestarts: 3 });
    expect(behavior).toMatchObject({
      namespace: undefined,
      kind: undefined,
      runDuration: undefined,
      exitCode: undefined,
    });
    expect(compileSelector(behavior!.selector)({ app: 'web' })).toBe(true);
  });

  test('tell run by run what a container does, and what its probes are answered', () => {
    const text =
      '{ name: web, missingObjects: [settings], sandbox: { failures: 2 }, containers: [{ name: c, memory: 1Gi, ' +
      'runs: [{ exit: { after: 3s, code: 137, reason: OOMKilled } }, { stop: { after: 2s, ignored: true } }], ' +
      'answers: [{ command: ready, from: 5s, code: 1, took: 2s, run: 0 }] }] }';
    const [behavior] = soundScenario(`${workload}behaviors:\n  - ${text}\n`, files).behaviors;
    expect(behavior).toMatchObject({ missingObjects: ['settings'], sandbox: { failures: 2 } });
    const [container] = behavior!.containers!;
    expect(container).toMatchObject({
      name: 'c',
      memoryBytes: 1024 ** 3,
      answers: [{ command: 'ready', from: 5 * second, code: 1, took: 2 * second, run: 0 }],
    });
    expect(container!.runs).toMatchObject([
      { exitAfter: { mean: 3 * second }, exitCode: 137, reason: 'OOMKilled', ignoresSigterm: false },
      { exitAfter: undefined, stopAfter: { mean: 2 * second }, stopExitCode: 143, ignoresSigterm: true },
    ]);
  });

  test('leave pulls of images and evictions to the registry and the kubelet', () => {
    const text =
      'images:\n  - { name: web, size: 1Gi, pull: { duration: 9s, failures: ["not found", ""], failsWith: gone } }\n' +
      'kubelet: { evictionHard: { memory.available: 1Gi }, evictionSoft: { memory.available: 2Gi, gracePeriod: 20s } }\n';
    const { images, kubelet } = soundScenario(text);
    expect(images).toMatchObject([
      { name: 'web', pullDuration: { mean: 9 * second }, failures: ['not found', ''], failsWith: 'gone' },
    ]);
    expect(kubelet).toMatchObject({
      evictionHard: [{ signal: 'memory.available', amount: 1024 ** 3, graceUs: 0 }],
      evictionSoft: [{ signal: 'memory.available', amount: 2 * 1024 ** 3, graceUs: 20 * second }],
    });
  });

  test.each<[string, boolean]>([
    ['{ selector: {} }', true],
    ['{ kind: ReplicaSet }', true],
    ['{ kind: Job }', false],
    ['{ name: web }', true],
    ['{ name: "w*" }', true],
    ['{ name: api }', false],
    ['{ namespace: other }', false],
    ['{ selector: { matchLabels: { app: wep } } }', false],
    ['{ selector: { matchExpressions: [{ key: pod-template-hash, operator: Exists }] } }', true],
  ])('%s may match a pod of a Deployment: %s', (text, matches) => {
    const loaded = loadSpec(`${workload}behaviors:\n  - ${text}\n`, files);
    expect(loaded.warnings.map(({ code }) => code)).toEqual(matches ? [] : ['W001']);
  });
});

describe('faults', () => {
  const pools =
    'cluster: { nodePools: [{ name: p, count: 4, zones: [a, b], labels: { disk: ssd }, capacity: { cpu: 1, memory: 1Gi } }] }\n';

  test('have arguments of their types', () => {
    const text =
      'nodeCrash: { interval: { exponential: { mean: 30d } }, repair: 20m, selector: { matchLabels: { disk: ssd } }, count: 2 }';
    const [rule] = soundScenario(`${pools}faults:\n  - ${text}\n`).faults;
    expect(rule!.definition.name).toBe('nodeCrash');
    expect(rule!.args).toMatchObject({
      at: undefined,
      count: 2,
      repair: { mean: 20 * minute },
      selector: { matchLabels: { disk: 'ssd' } },
    });
  });

  test.each([
    ['count: 3', 'only 2 pods match, so 3 cannot be hit; all that match are'],
    ['count: 2', undefined],
    ['mode: fixed, value: 2, namespace: shop', 'only one pod matches, so 2 cannot be hit; all that match are'],
    // Of the pods of a workload nobody knows how many there will be.
    ['count: 9, selector: {}', undefined],
  ])('of pods that stand in manifests are warned of when there are too few: %s', (args, message) => {
    const pod = (name: string, namespace: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: ${namespace}, labels: { app: lone } }\n` +
      'spec: { containers: [{ name: c, image: app }] }\n';
    const selector = args.includes('selector') ? '' : 'selector: { matchLabels: { app: lone } }, ';
    const texts = [pod('a', 'default'), pod('b', 'shop'), deploymentText('web', 'shop')];
    const text = `workload: [{ manifests: [all.yaml] }]\nfaults:\n  - containerCrash: { at: 5m, ${selector}${args} }\n`;
    const loaded = loadSpec(text, { 'all.yaml': texts.join('---\n') });
    const said = messagesOf(loaded).filter((each) => each.includes('W014'));
    expect(said).toEqual(message === undefined ? [] : [expect.stringContaining(message)]);
  });

  test.each<[string, readonly string[]]>([
    ['nodeCrash: { at: 5m }', []],
    ['nodeCrash: { at: 5m, selector: { matchLabels: { disk: hdd } } }', ['W001']],
    ['nodeCrash: { at: 5m, node: p-a-1, zone: b }', ['W001']],
    ['nodeCrash: { at: 5m, count: 4, duration: 1m }', []],
    ['nodeCrash: { at: 5m, count: 5, duration: 1m }', ['W014']],
    ['nodeCrash: { at: 5m, zone: a, mode: fixed, value: 3, duration: 1m }', ['W014']],
    ['nodeCrash: { at: 5m, mode: fixed-percent, value: 50, duration: 1m }', []],
    ['nodeCrash: { at: 1h }', ['W002']],
    ['containerCrash: { at: 5m, selector: {} }', ['W001']],
    ['registryOutage: { at: 2h }', ['W002']],
    ['registryOutage: { at: 5m }', ['W011']],
    ['registryOutage: { at: 5m, duration: 1m }', []],
    ['etcdLeaderLoss: { at: 5m }', []],
    ['nodeCrash: { interval: 1h }', ['W011']],
    ['nodeCrash: { preset: meta-rsc1-node }', ['W011']],
    ['nodeCrash: { preset: lanl05-weibull }', []],
    ['nodeReboot: { interval: 1h }', []],
    ['zonePartition: { at: 5m, zone: a, from: b }', ['W012']],
    ['zonePartition: { at: 5m, zone: a, from: b, controlPlane: a }', []],
    ['nodeCrash: { at: 5m, duration: 5m }\n  - nodeCrash: { at: 9m, node: p-a-1 }', ['W013']],
    ['nodeCrash: { at: 5m, duration: 5m }\n  - nodeCrash: { at: 10m, node: p-a-1 }', []],
    ['nodeCrash: { at: 5m, duration: 5m }\n  - nodePartition: { at: 9m, node: p-a-1 }', []],
    ['nodeCrash: { at: 5m, zone: a }\n  - nodeCrash: { at: 9m, zone: b }', []],
    ['zoneOutage: { at: 5m, zone: a }\n  - zoneOutage: { at: 9m, zone: a }', ['W013']],
    ['memoryPressure: { at: 5m, size: 1Gi }\n  - memoryPressure: { at: 9m, size: 1Gi }', []],
  ])('%s warns of %j', (text, codes) => {
    const loaded = loadSpec(`${pools}faults:\n  - ${text}\n`);
    expect([loaded.errors, loaded.warnings.map(({ code }) => code)]).toEqual([[], codes]);
  });
});

describe('traces of faults', () => {
  const pools =
    'cluster: { nodePools: [{ name: p, count: 2, zones: [a, b], racks: 1, capacity: { cpu: 1, memory: 1Gi } }] }\n';

  test('are spans in the order of their starts, in seconds or durations, open ones without an end', () => {
    const trace = '# from the pager\r\ntarget,end,start\r\np-b-1,,10m\r\n"p-a-1",90.5,60\r\n';
    const text = `${pools}faults:\n  - nodeCrash: { trace: faults/may.csv }\n`;
    const [rule] = soundScenario(text, { 'faults/may.csv': trace }).faults;
    expect(rule!.args['trace']).toMatchObject([
      { startsAt: 60 * second, endsAt: 90.5 * second, target: 'p-a-1' },
      { startsAt: 10 * minute, endsAt: undefined, target: 'p-b-1' },
    ]);
  });

  test('name racks where the fault hits racks', () => {
    const trace = 'start,end,target\n60,90,a-1\n';
    const text = `${pools}faults:\n  - domainOutage: { key: topology.kubernetes.io/rack, trace: racks.csv }\n`;
    expect(soundScenario(text, { 'racks.csv': trace }).faults).toHaveLength(1);
  });
});

test('the JSON Schema covers the whole scenario', () => {
  const text = JSON.stringify(scenarioJsonSchema());
  const schema = JSON.parse(text) as { properties: { spec: { properties: Record<string, unknown> } }; $id: string };
  expect(Object.keys(schema.properties.spec.properties)).toEqual(
    expect.arrayContaining(['horizon', 'cluster', 'workload', 'faults', 'assert', 'scheduler']),
  );
  expect(text).toContain('zoneOutage');
  expect(schema.$id).toMatch(/scenario\.schema\.json$/);
});
