/** Random small scenarios: what stands there, what users do, what breaks. Everything that breaks is whole again at `faultsEndMinutes`. */
import fc from 'fast-check';
import type { Manifest } from './arbitrary-objects.ts';
import { deploymentNames, jobNames, manifests } from './arbitrary-objects.ts';

/** A scenario and the file of manifests beside it. */
export interface SwarmScenario {
  readonly scenario: Manifest;
  readonly manifests: readonly Manifest[];
}

/** Minutes of virtual time after which nothing is broken, and until which users act. */
export const faultsEndMinutes = 40;
const horizonMinutes = 120;

const zones = ['a', 'b'];
const minutes = (min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min: min * 60, max: max * 60 }).map((seconds) => `${seconds}s`);

const nodePools = fc
  .tuple(
    fc.integer({ min: 2, max: 5 }),
    fc.constantFrom('1', '4', '8'),
    fc.constantFrom('2Gi', '16Gi'),
    fc.constantFrom('3', '20'),
    fc.boolean(),
  )
  .map(([count, cpu, memory, pods, hasSpot]) => [
    { name: 'general', count, zones, capacity: { cpu, memory, pods } },
    ...(hasSpot ? [{ name: 'spot', count: 2, zones, capacity: { cpu, memory, pods }, taints: [spotTaint] }] : []),
  ]);
const spotTaint = { key: 'pool', value: 'spot', effect: 'NoSchedule' };

const delay = fc.constantFrom('0s', '1s', '8s', '45s');
const behavior = fc
  .record(
    {
      selector: fc.constantFrom(...deploymentNames, ...jobNames, 'bare').map((app) => ({ matchLabels: { app } })),
      runDuration: fc.constantFrom('0s', '3s', '2m', '15m'),
      exitCode: fc.constantFrom(0, 1),
      ready: delay.map((after) => ({ after })),
      start: delay.map((duration) => ({ duration })),
      stop: delay.map((after) => ({ after })),
      crash: fc.constantFrom('30s', '12m').map((mean) => ({ interval: { exponential: { mean } }, exitCode: 1 })),
      failAfterRestarts: fc.constantFrom(3),
    },
    { requiredKeys: ['selector'] },
  )
  .filter((entry) => entry.runDuration === undefined || entry.crash === undefined);

/** Begins within 25 minutes and lasts at most 14. */
const interval = { at: minutes(0, 25), duration: minutes(0, 14).filter((text) => text !== '0s') };
const nodeChoice = fc.oneof(
  fc.constantFrom(...zones).map((zone) => ({ zone })),
  fc.constant({ count: 1 }),
);
const onNodes = (name: string): fc.Arbitrary<Manifest> =>
  fc.tuple(fc.record(interval), nodeChoice).map(([times, choice]) => ({ [name]: { ...times, ...choice } }));
const onCluster = (name: string, more: fc.Arbitrary<Manifest>): fc.Arbitrary<Manifest> =>
  fc.tuple(fc.record(interval), more).map(([times, parameters]) => ({ [name]: { ...times, ...parameters } }));

/** Pressure is short: pods that tolerate every taint come back to such a node and are refused, several a second. */
const evictionPressureTransitionPeriod = '20s';
const kubelet = fc.constantFrom(
  { evictionPressureTransitionPeriod },
  { evictionPressureTransitionPeriod },
  { evictionPressureTransitionPeriod },
  { evictionPressureTransitionPeriod, shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' },
);
const pressureFault = fc
  .tuple(
    minutes(0, 25),
    fc.constantFrom(
      { diskFull: { percent: 86 } },
      { diskFull: { percent: 99 } },
      { memoryPressure: { percent: 100 } },
      { memoryPressure: { size: '1Gi' } },
      { pidPressure: { percent: 100 } },
    ),
  )
  .map(([at, entry]): Manifest => {
    const [[name, parameters]] = Object.entries(entry) as [[string, Manifest]];
    return { [name]: { at, duration: '15s', count: 1, ...parameters } };
  });

/** Faults of single nodes with what each needs beside times and nodes. */
const nodeFaults: readonly (readonly [string, fc.Arbitrary<Manifest>])[] = [
  ['nodeCrash', fc.constant({})],
  ['nodeReboot', fc.constant({})],
  ['kubeletStop', fc.constant({})],
  ['nodePartition', fc.constant({})],
  ['nodeSlow', fc.constantFrom({ factor: 3 }, { factor: 50 })],
  ['clockSkew', fc.constantFrom({ ahead: '90s' }, { behind: '10m' })],
  ['spotReclaim', fc.constantFrom({ notice: '30s' }, { notice: '2m' })],
];

const killFault = fc
  .tuple(minutes(0, 25), fc.constantFrom(...deploymentNames), fc.constantFrom('containerCrash', 'oomKill'))
  .map(([at, app, name]): Manifest => ({ [name]: { at, selector: { matchLabels: { app } }, count: 2 } }));

const fault = fc.oneof(
  ...nodeFaults.map(([name, more]) =>
    fc
      .tuple(onNodes(name), more)
      .map(([entry, parameters]): Manifest => ({ [name]: { ...(entry[name] as Manifest), ...parameters } })),
  ),
  fc
    .tuple(fc.record(interval), fc.constantFrom(...zones), fc.boolean())
    .map(([times, zone, partition]): Manifest => ({ zoneOutage: { ...times, zone, partition } })),
  onCluster('registryOutage', fc.constantFrom({}, { slowdown: 2 }, { slowdown: 20 })),
  onCluster('apiServerOutage', fc.record({ writesOnly: fc.boolean() })),
  onCluster('etcdLeaderLoss', fc.constant({})),
  onCluster(
    'componentDown',
    fc.record({
      component: fc.constantFrom('kube-scheduler', 'kube-controller-manager'),
      replicas: fc.constantFrom(1, 2),
    }),
  ),
  onCluster(
    'containerHang',
    fc.constantFrom(...deploymentNames).map((app) => ({ selector: { matchLabels: { app } }, mode: 'all' })),
  ),
  onCluster(
    'apiServerLatency',
    fc.record({ request: fc.constantFrom('0s', '20ms', '2s'), watch: fc.constantFrom('5ms', '3s') }),
  ),
  killFault,
  pressureFault,
);

const deploymentName = fc.constantFrom(...deploymentNames);
const nodeName = fc.constantFrom('general-a-1', 'general-b-1', 'general-a-2');
const verb = fc.oneof(
  fc.record({ name: deploymentName, replicas: fc.integer({ min: 0, max: 8 }) }).map((scale) => ({ scale })),
  fc
    .tuple(deploymentName, fc.integer({ min: 2, max: 4 }))
    .map(([name, version]) => ({ setImage: { name, image: `shop/${name}:${version}` } })),
  deploymentName.map((name) => ({ restart: { name } })),
  fc.constant({ apply: ['objects.yaml'] }),
  fc
    .constantFrom(['Deployment', 'web'], ['Job', 'batch'], ['Pod', 'bare'])
    .map(([kind, name]) => ({ delete: { kind, name } })),
  nodeName.map((node) => ({ cordon: { node } })),
  nodeName.map((node) => ({ uncordon: { node } })),
  nodeName.map((node) => ({ drain: { node, timeout: '5m' } })),
);
const action = fc.tuple(minutes(0, faultsEndMinutes), verb).map(([at, what]): Manifest => ({ at, ...what }));

/** Whether everything that an action names is there; nodes take the zones a and b in turn. */
function isPossible(entry: Manifest, objects: readonly Manifest[], nodeCount: number): boolean {
  const text = JSON.stringify(entry);
  if ('apply' in entry) return objects.length > 0;
  const node = /"node":"general-([ab])-(\d)"/.exec(text);
  if (node !== null) return (Number(node[2]) - 1) * zones.length + zones.indexOf(node[1]!) < nodeCount;
  const [what] = Object.values(entry).filter((value) => typeof value === 'object') as { kind?: string; name: string }[];
  return objects.some(({ kind, metadata }) => {
    return kind === (what!.kind ?? 'Deployment') && (metadata as { name: string }).name === what!.name;
  });
}

/** Any scenario of the swarm. */
export const swarmScenario: fc.Arbitrary<SwarmScenario> = fc
  .record({
    seed: fc.integer({ min: 0, max: 999 }),
    nodePools,
    behaviors: fc.array(behavior, { maxLength: 3 }),
    faults: fc.array(fault, { maxLength: 4 }),
    actions: fc.array(action, { maxLength: 5 }),
    tieBreak: fc.constantFrom('uniform', 'lowest-name', 'first'),
    latency: fc.constantFrom('instant', 'default'),
    kubelet,
    objects: manifests,
  })
  .map(({ seed, nodePools: pools, tieBreak, latency, objects, ...spec }) => ({
    manifests: objects,
    scenario: {
      apiVersion: 'orrery.dev/v1alpha1',
      kind: 'Scenario',
      metadata: { name: 'swarm' },
      spec: {
        seed: String(seed),
        horizon: `${horizonMinutes}m`,
        latency,
        cluster: { nodePools: pools },
        ...(objects.length > 0 && { workload: [{ manifests: ['objects.yaml'] }] }),
        ...spec,
        actions: spec.actions.filter((entry) => isPossible(entry, objects, pools[0]!.count)),
        scheduler: { tieBreak },
      },
    },
  }));
