/** What a kubelet writes into the status of its node (upstream `pkg/kubelet/nodestatus/setters.go`). */
import type { ContainerImage, Node } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';

/** Argument of `nodeStatusPatch`. */
export interface NodeStatusUpdate {
  /** Whole seconds. */
  readonly at: number;
  readonly newImages: readonly ContainerImage[];
  readonly hasMemoryPressure: boolean;
}

interface Healthy {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** The conditions of a healthy node, Ready last. */
const healthy: readonly Healthy[] = [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
];

const memoryPressure: Healthy = {
  type: 'MemoryPressure',
  status: 'True',
  reason: 'KubeletHasInsufficientMemory',
  message: 'kubelet has insufficient memory available',
};

const pressed: readonly Healthy[] = healthy.map((each) => (each.type === memoryPressure.type ? memoryPressure : each));

/** The node as ready, with the images it has got; the same object where that is what it says already. */
export function nodeStatusPatch(node: Node, argument: unknown): Node {
  const { at, newImages, hasMemoryPressure } = argument as NodeStatusUpdate;
  const wanted = hasMemoryPressure ? pressed : healthy;
  const isHealthy = wanted.every(({ type, status }) => nodeCondition(node, type)?.status === status);
  const added = newImages.filter((image) => !hasImage(node, image));
  if (isHealthy && added.length === 0) return node;
  const conditions = isHealthy ? node.status.conditions : conditionsOf(node, wanted, at);
  const images = added.length === 0 ? node.status.images : [...node.status.images, ...added].sort(largerFirst);
  return { ...node, status: { ...node.status, conditions, images } };
}

function conditionsOf(node: Node, wanted: readonly Healthy[], at: number): readonly Condition[] {
  const foreign = node.status.conditions.filter(({ type }) => !wanted.some((condition) => condition.type === type));
  const own = wanted.map((condition): Condition => {
    const before = nodeCondition(node, condition.type);
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : at;
    return { ...condition, lastTransitionTime };
  });
  return [...foreign, ...own];
}

function hasImage(node: Node, image: ContainerImage): boolean {
  return node.status.images.some(({ names }) => names.includes(image.names[0]!));
}

function largerFirst(a: ContainerImage, b: ContainerImage): number {
  return b.sizeBytes - a.sizeBytes || (a.names[0]! < b.names[0]! ? -1 : 1);
}
