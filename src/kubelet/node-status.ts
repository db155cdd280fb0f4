/** What a kubelet writes into the status of its node (upstream `pkg/kubelet/nodestatus/setters.go`). */
import type { ContainerImage, Node } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';
import type { Pressure } from './node-pressure.ts';

/** Argument of `nodeStatusPatch`. */
export interface NodeStatusUpdate {
  /** Whole seconds. */
  readonly at: number;
  readonly newImages: readonly ContainerImage[];
  /** Names of images that are there no more. */
  readonly droppedImages: ReadonlySet<string>;
  readonly pressures: ReadonlySet<Pressure>;
  readonly isShuttingDown: boolean;
}

type ConditionText = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const text = (type: string, status: 'True' | 'False', reason: string, message: string): ConditionText => ({
  type,
  status,
  reason,
  message,
});

/** The conditions of a node, Ready last: as they are when all is well, and when it is not. */
const conditions: readonly {
  readonly isBad: (update: NodeStatusUpdate) => boolean;
  good: ConditionText;
  bad: ConditionText;
}[] = [
  {
    isBad: ({ pressures }) => pressures.has('MemoryPressure'),
    good: text('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    bad: text('MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'),
  },
  {
    isBad: ({ pressures }) => pressures.has('DiskPressure'),
    good: text('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    bad: text('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure'),
  },
  {
    isBad: ({ pressures }) => pressures.has('PIDPressure'),
    good: text('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    bad: text('PIDPressure', 'True', 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available'),
  },
  {
    isBad: ({ isShuttingDown }) => isShuttingDown,
    good: text('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    bad: text('Ready', 'False', 'KubeletNotReady', 'node is shutting down'),
  },
];

/** The node as its kubelet sees it, with the images it has got and lost; the same object where that is what it says already. */
export function nodeStatusPatch(node: Node, argument: unknown): Node {
  const update = argument as NodeStatusUpdate;
  const wanted = conditions.map(({ isBad, good, bad }) => (isBad(update) ? bad : good));
  const isTold = wanted.every(({ type, status }) => nodeCondition(node, type)?.status === status);
  const images = imagesOf(node, update);
  if (isTold && images === node.status.images) return node;
  const told = isTold ? node.status.conditions : conditionsOf(node, wanted, update.at);
  return { ...node, status: { ...node.status, conditions: told, images } };
}

/** Whether the status of a node says something else about this than its kubelet does; the reason of the Event that tells it. */
export function pressureEvent(node: Node, pressure: Pressure, isPressed: boolean): string | undefined {
  if ((nodeCondition(node, pressure)?.status === 'True') === isPressed) return undefined;
  const reasons: Readonly<Record<Pressure, readonly [string, string]>> = {
    MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
    DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
    PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  };
  return reasons[pressure][isPressed ? 0 : 1];
}

function imagesOf(node: Node, { newImages, droppedImages }: NodeStatusUpdate): readonly ContainerImage[] {
  const { images } = node.status;
  const added = newImages.filter(({ names }) => !images.some((image) => image.names.includes(names[0]!)));
  const isKept = ({ names }: ContainerImage): boolean => !names.some((name) => droppedImages.has(name));
  const kept = droppedImages.size === 0 || images.every(isKept) ? images : images.filter(isKept);
  return added.length === 0 ? kept : [...kept, ...added].sort(largerFirst);
}

function conditionsOf(node: Node, wanted: readonly ConditionText[], at: number): readonly Condition[] {
  const foreign = node.status.conditions.filter(({ type }) => !wanted.some((condition) => condition.type === type));
  const own = wanted.map((condition): Condition => {
    const before = nodeCondition(node, condition.type);
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : at;
    return { ...condition, lastTransitionTime };
  });
  return [...foreign, ...own];
}

function largerFirst(a: ContainerImage, b: ContainerImage): number {
  return b.sizeBytes - a.sizeBytes || (a.names[0]! < b.names[0]! ? -1 : 1);
}
