/** Small clusters drawn at random, the same for the same number: what the conformance kit tries plugins in. */
import { RandomStream } from '../../engine/random.ts';

/** A manifest, or a part of one. */
export type Manifest = Readonly<Record<string, unknown>>;

/** Manifests of a cluster: pods with a `spec.nodeName` are on that node, the last pod waits. */
export interface DrawnWorld {
  readonly nodes: readonly Manifest[];
  readonly bound: readonly Manifest[];
  readonly waiting: Manifest;
}

const nodesMax = 6;
const podsMax = 9;

/** The world of this number. */
export function drawWorld(number: number): DrawnWorld {
  const draws = new Draws(new RandomStream('worlds', `plugin-conformance/${number}`));
  const names = Array.from({ length: 1 + draws.below(nodesMax) }, (_, at) => `n${at}`);
  const bound = Array.from({ length: draws.below(podsMax) }, (_, at) => podOf(draws, `b${at}`, draws.one(names)));
  return { nodes: names.map((name) => nodeOf(draws, name)), bound, waiting: podOf(draws, 'waiting', '') };
}

/** Choices that read like the sentence they stand in. */
class Draws {
  private readonly random: RandomStream;

  constructor(random: RandomStream) {
    this.random = random;
  }

  below(n: number): number {
    return this.random.below(n);
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** True once in so many times. */
  onceIn(n: number): boolean {
    return this.below(n) === 0;
  }
}

function nodeOf(draws: Draws, name: string): Manifest {
  const zone = draws.one(['a', 'b', 'c']);
  const labels = {
    'kubernetes.io/hostname': name,
    zone,
    ...(!draws.onceIn(4) && { 'topology.kubernetes.io/zone': zone }),
    ...(draws.onceIn(3) && { disk: draws.one(['ssd', 'hdd']) }),
  };
  const taints = ['x', 'y'].flatMap((key) =>
    draws.onceIn(4) ? [{ key, effect: draws.one(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) }] : [],
  );
  const allocatable = {
    cpu: `${draws.below(17)}`,
    memory: `${draws.below(65)}Gi`,
    pods: `${draws.below(9)}`,
    'example.com/gpu': `${draws.below(5)}`,
  };
  const images = draws.onceIn(2) ? [{ names: ['app:1'], sizeBytes: 300_000_000 }] : [];
  const spec = { taints, unschedulable: draws.onceIn(5) };
  return { metadata: { name, labels }, spec, status: { allocatable, images } };
}

function podOf(draws: Draws, name: string, nodeName: string): Manifest {
  const requests = {
    ...(!draws.onceIn(4) && { cpu: `${draws.below(9000)}m` }),
    ...(!draws.onceIn(4) && { memory: `${draws.below(40_000)}Mi` }),
    ...(draws.onceIn(3) && { 'example.com/gpu': `${1 + draws.below(3)}` }),
  };
  const ports = draws.onceIn(3) ? [{ containerPort: 80, hostPort: draws.one([80, 81]) }] : [];
  const app = draws.one(['red', 'green']);
  const spec = {
    nodeName,
    containers: [{ name: 'c', image: draws.one(['app:1', 'app:2']), resources: { requests }, ports }],
    tolerations: draws.onceIn(3) ? [{ key: 'x', operator: 'Exists' }] : [],
    priority: draws.one([0, 0, 100]),
    ...(nodeName === '' && draws.onceIn(6) && { schedulingGates: [{ name: 'g' }] }),
    ...(draws.onceIn(4) && { nodeSelector: { zone: draws.one(['a', 'b']) } }),
    ...(draws.onceIn(2) && { affinity: affinityOf(draws, app) }),
    ...(draws.onceIn(4) && { topologySpreadConstraints: [spreadOf(draws, app)] }),
  };
  return { metadata: { name, namespace: 'default', labels: { app } }, spec };
}

function affinityOf(draws: Draws, app: string): Manifest {
  const preference = { matchExpressions: [{ key: 'zone', operator: 'In', values: [draws.one(['a', 'b', 'c'])] }] };
  const topologyKey = draws.one(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
  const term = { labelSelector: { matchLabels: { app } }, topologyKey };
  const preferred = [{ weight: 1 + draws.below(100), podAffinityTerm: term }];
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const soft = 'preferredDuringSchedulingIgnoredDuringExecution';
  return draws.one<Manifest>([
    { nodeAffinity: { [soft]: [{ weight: 10, preference }] } },
    { nodeAffinity: { [required]: { nodeSelectorTerms: [preference] } } },
    { podAffinity: { [soft]: preferred } },
    { podAntiAffinity: { [required]: [term] } },
    { podAntiAffinity: { [soft]: preferred } },
  ]);
}

function spreadOf(draws: Draws, app: string): Manifest {
  return {
    maxSkew: 1 + draws.below(2),
    topologyKey: draws.one(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']),
    whenUnsatisfiable: draws.one(['DoNotSchedule', 'ScheduleAnyway']),
    labelSelector: { matchLabels: { app } },
  };
}
