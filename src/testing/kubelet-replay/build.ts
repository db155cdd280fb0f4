/** What a recorded case sets up: the node, the pods, and what their processes do. */
import { parse } from 'yaml';
import type { Container, Node, Pod, PodSpec } from '../../api/core-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { specWith, podWith } from '../../apiserver/pod-object.ts';
import { constant } from '../../engine/distributions.ts';
import { SECOND } from '../../engine/time.ts';
import type {
  Behavior,
  ContainerScript,
  EvictionThreshold,
  ImageSize,
  KubeletOptions,
} from '../../kubelet/behavior.ts';
import { anyBehavior } from '../../kubelet/behavior.ts';
import { makeNode } from '../builders.ts';
import { decodedAs } from '../decode.ts';
import type { KubeletCase, RecordedPod, RecordedScript } from './recording.ts';

const gib = 1024 * 1024 * 1024;
const presentImage = 'registry.test/present/app:1';
export const nodeName = 'node-0';

const noOptions: KubeletOptions = {
  nodeStatusUpdateFrequency: undefined,
  nodeLeaseDuration: undefined,
  serializeImagePulls: undefined,
  maxParallelImagePulls: undefined,
  registryPullQPS: undefined,
  registryBurst: undefined,
  maxContainerRestartPeriod: undefined,
  maxPods: 1000,
  sandboxDuration: constant(0),
};

function memoryBelow(amount: number, graceUs: number): EvictionThreshold {
  return { signal: 'memory.available', amount, percent: undefined, graceUs };
}

const pressure = {
  evictionHard: [memoryBelow(gib, 0)],
  evictionPressureTransitionPeriod: 30 * SECOND,
} as const;

const optionsByClass: Readonly<Record<string, Partial<KubeletOptions>>> = {
  imgpar: { serializeImagePulls: false },
  imgpar2: { serializeImagePulls: false, maxParallelImagePulls: 2 },
  clb: { maxContainerRestartPeriod: 30 * SECOND },
  clb1: { maxContainerRestartPeriod: 1 * SECOND },
  decay: { reduceDefaultCrashLoopBackOffDecay: true },
  decay60: { reduceDefaultCrashLoopBackOffDecay: true, maxContainerRestartPeriod: 60 * SECOND },
  small: { maxPods: 5 },
  press: { maxPods: 110, ...pressure },
  soft: {
    maxPods: 110,
    ...pressure,
    evictionHard: [memoryBelow(100 * 1024 * 1024, 0)],
    evictionSoft: [memoryBelow(gib, 20 * SECOND)],
    evictionMaxPodGracePeriod: 5,
  },
};

/** The kubelet's configuration in a case. */
export function kubeletOptions({ node, kubelet }: KubeletCase): KubeletOptions {
  return { ...noOptions, ...optionsByClass[node], ...kubelet };
}

/** The node of a case, as it stood when the case began. */
export function nodeOf(recorded: KubeletCase): Node {
  const nodeClass = recorded.node;
  const isPress = nodeClass === 'press' || nodeClass === 'soft';
  const amounts =
    nodeClass === 'small'
      ? { cpu: 2000, memory: 4 * gib, pods: 5 }
      : isPress
        ? { cpu: 16_000, memory: 10 * gib, pods: 110 }
        : { cpu: 64_000, memory: 256 * gib, pods: 1000 };
  const labels = nodeClass === 'small' ? { disk: 'ssd' } : {};
  const taint = { key: 'node.kubernetes.io/not-ready', value: '', effect: 'NoSchedule', timeAdded: undefined } as const;
  const images = [{ names: presentImages(recorded), sizeBytes: 1048576 }];
  return makeNode(nodeName, { allocatable: amounts, labels, spec: { taints: [taint] }, status: { images } });
}

/** The images that the pods of a case name and every node has. */
function presentImages({ pods, actions }: KubeletCase): readonly string[] {
  const texts = [...pods.map(({ spec }) => spec), ...(actions ?? []).map(({ patch = '' }) => patch)];
  const named = playImages(texts).flatMap((text) => text.match(/registry\.test\/present\/[\w./:-]+/g) ?? []);
  return [...new Set([presentImage, ...named])];
}

/** Name under which the tracks of a pod stand. */
export function trackName({ name }: RecordedPod): string {
  return name ?? 'pod';
}

/** Name of the pod's object. */
export function podName(pod: RecordedPod): string {
  return `pod-${trackName(pod)}`;
}

/** The pod's object. `@` in an image stands for the number of the play. */
export function podOf(recorded: RecordedPod): Pod {
  const raw = parse(recorded.spec) as { containers: object[]; initContainers?: object[] };
  const withImage = (container: object): object => ({ image: presentImage, ...container });
  const spec = {
    ...raw,
    containers: raw.containers.map(withImage),
    initContainers: (raw.initContainers ?? []).map(withImage),
  };
  const metadata = { name: podName(recorded), namespace: 'oracle' };
  const pod = decodedAs('Pod', { apiVersion: 'v1', kind: 'Pod', metadata, spec: playImages(spec) });
  const changed = specWith(pod.spec, { priority: priorityOf(pod.spec) });
  return podWith(pod, { metadata: metadataWith(pod.metadata, {}), spec: changed });
}

/** As the priority admission has it for the classes of the system. */
function priorityOf({ priorityClassName, priority }: PodSpec): number {
  if (priorityClassName === 'system-node-critical') return 2_000_001_000;
  return priorityClassName === 'system-cluster-critical' ? 2_000_000_000 : priority;
}

/** Anything with the number of the play in the names of its images. */
export function playImages<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('@/', '0/')) as T;
}

/** The images that the scripts of the pods name. */
export function imagesOf({ pods }: KubeletCase): readonly ImageSize[] {
  const images: ImageSize[] = [];
  for (const { script } of pods) {
    for (const [written, image] of Object.entries(playImages(script.images ?? {}))) {
      const inText = (text: string): string =>
        text === '' ? '' : `rpc error: code = NotFound desc = ${text.replaceAll('%s', written)}`;
      images.push({
        name: written,
        sizeBytes: 1048576,
        pullDuration: constant((image.latency ?? 0) * SECOND),
        checkDuration: constant((image.latency ?? 0) * SECOND),
        ...(image.fails !== undefined && { failures: image.fails.map(inText) }),
        ...(image.always !== undefined && { failsWith: inText(image.always) }),
      });
    }
  }
  return [...images, { name: '*', sizeBytes: 1048576, pullDuration: constant(0) }];
}

/** What the processes of each pod do. */
export function behaviorsOf({ pods }: KubeletCase): readonly Behavior[] {
  return pods.map((pod) => {
    const { initContainers, containers } = podOf(pod).spec;
    const { sandbox } = pod.script;
    return {
      ...anyBehavior,
      name: podName(pod),
      containers: [...initContainers, ...containers].map((container) => scriptOf(container, pod.script)),
      sandbox: { duration: constant((sandbox?.latency ?? 0) * SECOND), failures: sandbox?.fail ?? 0 },
      missingObjects: ['*'],
    };
  });
}

function scriptOf({ name }: Container, script: RecordedScript): ContainerScript {
  const written = script.containers?.[name] ?? {};
  const answers = Object.entries(written.exec ?? {}).flatMap(([command, entries]) =>
    entries.map(({ from, code, took, run }) => ({
      command,
      from: Math.round(from * SECOND),
      code,
      took: Math.round((took ?? 0) * SECOND),
      run,
    })),
  );
  return {
    name,
    createDuration: constant((written.create ?? 0) * SECOND),
    startDuration: constant((written.start ?? 0) * SECOND),
    runs: (written.runs ?? [{}]).map((run) => ({
      exitAfter: run.exit === undefined ? undefined : constant(run.exit * SECOND),
      exitCode: run.code ?? 0,
      reason: run.reason ?? '',
      startError: run.startError ?? '',
      stopAfter: constant((run.term ?? 0) * SECOND),
      stopExitCode: run.termCode ?? 0,
      ignoresSigterm: run.ignoreTerm ?? false,
    })),
    answers,
    memoryBytes: written.memory ?? 0,
  };
}
