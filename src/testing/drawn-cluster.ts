/** Clusters that property tests draw, and how they become objects. */
import type { Pod } from '../api/core-v1.ts';
import type { SchedulerFixture } from './scheduler-fixture.ts';

/** A drawn cluster: nodes with pods on them, and a pod that waits. */
export interface DrawnWorld {
  readonly nodes: readonly DrawnNode[];
  readonly bound: readonly DrawnPod[];
  readonly waiting: DrawnPod;
}

/** A drawn node; cpu in cores, memory in GiB. */
export interface DrawnNode {
  readonly cpu: number;
  readonly memory: number;
  readonly gpus: number;
  readonly pods: number;
  readonly zone: string;
  readonly taints: readonly object[];
  readonly unschedulable: boolean;
  readonly image: boolean;
}

/** A drawn pod; cpu in milliCPU, memory in MiB, undefined = not named. */
export interface DrawnPod {
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly gpus: number;
  readonly port: number;
  readonly zone: string | undefined;
  readonly tolerates: boolean;
  readonly gates: readonly object[];
  readonly app: string;
  /** What it wants, by zone, with pods of its own app. */
  readonly company: 'podAffinity' | 'podAntiAffinity' | undefined;
  /** Topology spread constraints. */
  readonly spread: readonly object[];
}

/** Labels, spec and status of a drawn node, as in a manifest. */
export function nodeParts({ cpu, memory, gpus, pods, zone, taints, unschedulable, image }: DrawnNode): object {
  const allocatable = { cpu: `${cpu}`, memory: `${memory}Gi`, pods: `${pods}`, 'example.com/gpu': `${gpus}` };
  const images = image ? [{ names: ['app:1'], sizeBytes: 300_000_000 }] : [];
  return { labels: { zone }, spec: { taints, unschedulable }, status: { allocatable, images } };
}

/** The drawn pod, in the namespace `default`. */
export function drawnPodIn(fixture: SchedulerFixture, pod: DrawnPod): Pod {
  return fixture.pod(podSpec(pod), { metadata: { labels: { app: pod.app } } });
}

function podSpec(pod: DrawnPod): Record<string, unknown> {
  const { cpu, memory, gpus, port, zone, tolerates, gates, app, company, spread } = pod;
  const requests = {
    ...(cpu !== undefined && { cpu: `${cpu}m` }),
    ...(memory !== undefined && { memory: `${memory}Mi` }),
    ...(gpus > 0 && { 'example.com/gpu': `${gpus}` }),
  };
  const ports = port === 0 ? [] : [{ containerPort: port, hostPort: port }];
  const term = { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] };
  const terms = [{ weight: 10, preference: term }];
  const others = { topologyKey: 'zone', labelSelector: { matchLabels: { app } } };
  const wanted = {
    requiredDuringSchedulingIgnoredDuringExecution: [others],
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: others }],
  };
  return {
    containers: [{ name: 'c', image: 'app:1', resources: { requests }, ports }],
    tolerations: tolerates ? [{ key: 'x', operator: 'Exists' }] : [],
    schedulingGates: gates,
    topologySpreadConstraints: spread,
    ...(zone !== undefined && { nodeSelector: { zone } }),
    affinity: {
      ...(zone !== undefined && { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms } }),
      ...(company !== undefined && { [company]: wanted }),
    },
  };
}
