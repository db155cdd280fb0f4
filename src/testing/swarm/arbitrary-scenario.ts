/** Random small scenarios: what stands there, what users do, what breaks. Everything that breaks is whole again long before the end. */
import fc from 'fast-check';
import type { Manifest } from './arbitrary-objects.ts';
import { deploymentNames, jobNames, manifests } from './arbitrary-objects.ts';

/** A scenario and the file of manifests beside it. */
export interface SwarmScenario {
  readonly scenario: Manifest;
  readonly manifests: readonly Manifest[];
}

/** How much there may be in a scenario. Times in minutes of virtual time. */
export interface SwarmSize {
  readonly objectsMax: number;
  readonly behaviorsMax: number;
  readonly faultsMax: number;
  readonly actionsMax: number;
  /** Faults begin before this. */
  readonly faultsBegin: number;
  /** And last at most so long. */
  readonly faultLength: number;
  /** When the last fault is over, and until when users act. */
  readonly faultsEnd: number;
  readonly horizon: number;
  /** Controllers that are left out, since nothing is there for them. */
  readonly disable: readonly string[];
}

/** No scenario of the swarm has an object of theirs. */
const idleControllers = [
  'cronjob-controller',
  'daemonset-controller',
  'disruption-controller',
  'horizontal-pod-autoscaler-controller',
  'persistentvolume-binder-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'resourcequota-controller',
  'statefulset-controller',
];

/** `small`: some hundredths of a second each, for many thousands; `large`: everything together, and back-offs that grow to the end. */
export const swarmSizes = {
  small: {
    objectsMax: 2,
    behaviorsMax: 1,
    faultsMax: 2,
    actionsMax: 2,
    faultsBegin: 4,
    faultLength: 6,
    faultsEnd: 10,
    horizon: 20,
    disable: idleControllers,
  },
  large: {
    objectsMax: 9,
    behaviorsMax: 3,
    faultsMax: 4,
    actionsMax: 5,
    faultsBegin: 25,
    faultLength: 14,
    faultsEnd: 40,
    horizon: 120,
    disable: [],
  },
} as const satisfies Readonly<Record<string, SwarmSize>>;

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

const intervalOf = ({ faultsBegin, faultLength }: SwarmSize) => ({
  at: minutes(0, faultsBegin),
  duration: minutes(0, faultLength).filter((text) => text !== '0s'),
});
const nodeChoice = fc.oneof(
  fc.constantFrom(...zones).map((zone) => ({ zone })),
  fc.constant({ count: 1 }),
);
const onNodes = (size: SwarmSize, name: string): fc.Arbitrary<Manifest> =>
  fc.tuple(fc.record(intervalOf(size)), nodeChoice).map(([times, choice]) => ({ [name]: { ...times, ...choice } }));
const onCluster = (size: SwarmSize, name: string, more: fc.Arbitrary<Manifest>): fc.Arbitrary<Manifest> =>
  fc.tuple(fc.record(intervalOf(size)), more).map(([times, parameters]) => ({ [name]: { ...times, ...parameters } }));

/** Pressure is short: pods that tolerate every taint come back to such a node and are refused, several a second. */
const evictionPressureTransitionPeriod = '20s';
const kubelet = fc.constantFrom(
  { evictionPressureTransitionPeriod },
  { evictionPressureTransitionPeriod },
  { evictionPressureTransitionPeriod },
  { evictionPressureTransitionPeriod, shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' },
);
const pressureFault = ({ faultsBegin }: SwarmSize): fc.Arbitrary<Manifest> =>
  fc
    .tuple(
      minutes(0, faultsBegin),
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
  ['nodeSlow', fc.constantFrom({ factor: 3 }, { factor: 8 })],
  ['clockSkew', fc.constantFrom({ ahead: '90s' }, { behind: '10m' })],
  ['spotReclaim', fc.constantFrom({ notice: '30s' }, { notice: '2m' })],
];

const killFault = ({ faultsBegin }: SwarmSize): fc.Arbitrary<Manifest> =>
  fc
    .tuple(minutes(0, faultsBegin), fc.constantFrom(...deploymentNames), fc.constantFrom('containerCrash', 'oomKill'))
    .map(([at, app, name]): Manifest => ({ [name]: { at, selector: { matchLabels: { app } }, count: 2 } }));

const faultOf = (size: SwarmSize): fc.Arbitrary<Manifest> =>
  fc.oneof(
    ...nodeFaults.map(([name, more]) =>
      fc
        .tuple(onNodes(size, name), more)
        .map(([entry, parameters]): Manifest => ({ [name]: { ...(entry[name] as Manifest), ...parameters } })),
    ),
    fc
      .tuple(fc.record(intervalOf(size)), fc.constantFrom(...zones), fc.boolean())
      .map(([times, zone, partition]): Manifest => ({ zoneOutage: { ...times, zone, partition } })),
    onCluster(size, 'registryOutage', fc.constantFrom({}, { slowdown: 2 }, { slowdown: 20 })),
    onCluster(size, 'apiServerOutage', fc.record({ writesOnly: fc.boolean() })),
    onCluster(size, 'etcdLeaderLoss', fc.constant({})),
    onCluster(
      size,
      'componentDown',
      fc.record({
        component: fc.constantFrom('kube-scheduler', 'kube-controller-manager'),
        replicas: fc.constantFrom(1, 2),
      }),
    ),
    onCluster(
      size,
      'containerHang',
      fc.constantFrom(...deploymentNames).map((app) => ({ selector: { matchLabels: { app } }, mode: 'all' })),
    ),
    onCluster(
      size,
      'apiServerLatency',
      fc.record({ request: fc.constantFrom('0s', '20ms', '2s'), watch: fc.constantFrom('5ms', '3s') }),
    ),
    killFault(size),
    pressureFault(size),
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
const actionOf = ({ faultsEnd }: SwarmSize): fc.Arbitrary<Manifest> =>
  fc.tuple(minutes(0, faultsEnd), verb).map(([at, what]): Manifest => ({ at, ...what }));

/** Hops that take no time, of clients that keep to their limits. */
const promptLatency = { request: '0s', admission: '0s', etcdCommit: '0s', response: '0s', watch: '0s' };
/** What makes a kubelet refuse pods, or brings them back to a node that is being emptied. */
const refusing = /diskFull|Pressure|drain|nodeReboot|kubeletStop|spotReclaim/;

/** Refused pods are replaced as fast as clients may ask: without limits a thousand times a second. */
const isBounded = (latency: unknown, spec: object): boolean =>
  latency !== 'instant' || !refusing.test(JSON.stringify(spec));

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

/** Any scenario of a size. */
export function swarmScenario(size: SwarmSize): fc.Arbitrary<SwarmScenario> {
  return fc
    .record({
      seed: fc.integer({ min: 0, max: 999 }),
      nodePools,
      behaviors: fc.array(behavior, { maxLength: size.behaviorsMax }),
      faults: fc.array(faultOf(size), { maxLength: size.faultsMax }),
      actions: fc.array(actionOf(size), { maxLength: size.actionsMax }),
      tieBreak: fc.constantFrom('uniform', 'lowest-name', 'first', 'heap'),
      latency: fc.constantFrom<string | typeof promptLatency>('instant', 'default', promptLatency),
      kubelet,
      objects: manifests(size.objectsMax),
    })
    .map(({ seed, nodePools: pools, tieBreak, latency, objects, ...spec }) => ({
      manifests: objects,
      scenario: {
        apiVersion: 'orrery.dev/v1alpha1',
        kind: 'Scenario',
        metadata: { name: 'swarm' },
        spec: {
          seed: String(seed),
          horizon: `${size.horizon}m`,
          controllers: { disable: size.disable },
          latency: isBounded(latency, spec) ? latency : promptLatency,
          cluster: { nodePools: pools },
          ...(objects.length > 0 && { workload: [{ manifests: ['objects.yaml'] }] }),
          ...spec,
          actions: spec.actions.filter((entry) => isPossible(entry, objects, pools[0]!.count)),
          scheduler: { tieBreak },
        },
      },
    }));
}
