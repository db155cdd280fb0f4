import type { Pod, PodSpec, Volume } from '../../api/core-v1.ts';
import { isRawObject } from '../../api/decode/field-reader.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle, ImageState } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';

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
  /** The cycle that asked last, and what all its nodes have in common. */
  private cycle: CycleState | undefined;
  private nodeCount = 0;
  private max = 0;
  /** Those of the pod's images that some node has. */
  private readonly present: ImageState[] = [];

  constructor(handle: Handle) {
    this.handle = handle;
  }

  score(state: CycleState, { spec }: Pod, { index }: NodeInfo): number {
    if (state !== this.cycle) this.begin(state, spec);
    const { present, nodeCount, max } = this;
    let sum = 0;
    for (let at = 0; at < present.length; at++) {
      const { sizeBytes, nodeCounts } = present[at]!;
      sum += Math.trunc(sizeBytes * ((nodeCounts.get(index) ?? 0) / nodeCount));
    }
    if (sum <= thresholdMin) return 0;
    return Math.trunc((100 * (Math.min(max, sum) - thresholdMin)) / (max - thresholdMin));
  }

  private begin(cycle: CycleState, spec: PodSpec): void {
    let images = this.imagesByTemplate.get(spec);
    if (images === undefined) this.imagesByTemplate.set(spec, (images = imagesOf(spec)));
    const { snapshot } = this.handle;
    this.cycle = cycle;
    this.nodeCount = snapshot.nodes.length;
    this.max = thresholdMaxPerImage * images.length;
    this.present.length = 0;
    for (const name of images) {
      const image = snapshot.image(name);
      if (image !== undefined) this.present.push(image);
    }
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
