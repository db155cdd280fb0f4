import type { Pod, PodSpec, Volume } from '../../api/core-v1.ts';
import { isRawObject } from '../../api/decode/field-reader.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle, ImageState, SnapshotLister } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { truncate } from './integer-math.ts';

const mebibyte = 1024 * 1024;
/** Below this sum an image's size does not matter; above this much per image more makes no difference. */
const thresholdMin = 23 * mebibyte;
const thresholdMaxPerImage = 1000 * mebibyte;

/**
 * Prefers nodes that have the pod's images, weighted by size and by how common they are
 * (`pl/imagelocality/image_locality.go`).
 */
class ImageLocality implements Plugin {
  readonly name = 'ImageLocality';
  private readonly handle: Handle;
  private readonly imagesByTemplate = new WeakMap<PodSpec, readonly string[]>();

  constructor(handle: Handle) {
    this.handle = handle;
  }

  score(_state: CycleState, { spec }: Pod, node: NodeInfo): number {
    return this.sumsOf(spec).scoreOf(node);
  }

  scoreNodes(_state: CycleState, { spec }: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    const sums = this.sumsOf(spec);
    if (sums.isZero) scores.fill(0);
    else for (let at = 0; at < nodes.length; at++) scores[at] = sums.scoreOf(nodes[at]!);
  }

  /** What all nodes have in common. */
  private sumsOf(spec: PodSpec): ImageSums {
    let images = this.imagesByTemplate.get(spec);
    if (images === undefined) this.imagesByTemplate.set(spec, (images = imagesOf(spec)));
    return new ImageSums(images, this.handle.snapshot);
  }
}

/** Sums up the images of one pod that a node has. */
class ImageSums {
  private readonly nodeCount: number;
  private readonly max: number;
  /** Those that some node has. */
  private readonly present: readonly ImageState[];

  constructor(images: readonly string[], snapshot: SnapshotLister) {
    this.nodeCount = snapshot.nodes.length;
    this.max = thresholdMaxPerImage * images.length;
    this.present = images.flatMap((name) => snapshot.image(name) ?? []);
  }

  /** No node can score. */
  get isZero(): boolean {
    return this.present.length === 0;
  }

  scoreOf({ index }: NodeInfo): number {
    const { present, nodeCount, max } = this;
    let sum = 0;
    for (let at = 0; at < present.length; at++) {
      const { sizeBytes, nodeCounts } = present[at]!;
      const count = nodeCounts[index];
      if (count !== undefined) sum += Math.trunc(sizeBytes * (count / nodeCount));
    }
    if (sum <= thresholdMin) return 0;
    return truncate((100 * (Math.min(max, sum) - thresholdMin)) / (max - thresholdMin));
  }
}

/** Images of init containers, containers and image volumes, each as often as it is named. */
function imagesOf(spec: PodSpec): readonly string[] {
  const containers = [...spec.initContainers, ...spec.containers].map(({ image }) => image);
  return [...containers, ...spec.volumes.flatMap(imageOfVolume)].map(normalizedImageName);
}

function imageOfVolume({ source, raw }: Volume): string[] {
  if (source !== 'image') return [];
  const reference = isRawObject(raw) ? raw['reference'] : undefined;
  return [typeof reference === 'string' ? reference : ''];
}

/** Adds `:latest` to a name without tag or digest; nothing else is changed. */
export function normalizedImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}

export const imageLocality = definePlugin({
  name: 'ImageLocality',
  description: 'prefers nodes that have the images of the pod',
  create: (_args, handle) => new ImageLocality(handle),
});
