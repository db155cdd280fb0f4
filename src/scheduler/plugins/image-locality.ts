import type { Pod, PodSpec, Volume } from '../../api/core-v1.ts';
import { isRawObject } from '../../api/decode/field-reader.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
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
  /** The template that was asked for last: a cycle asks for the same one at every node. */
  private template: PodSpec | undefined;
  private images: readonly string[] = [];

  constructor(handle: Handle) {
    this.handle = handle;
  }

  score(_state: CycleState, { spec }: Pod, node: NodeInfo): number {
    if (node.images.size === 0) return 0;
    if (spec !== this.template) this.setTemplate(spec);
    const nodeCount = this.handle.snapshot.nodes.length;
    let sum = 0;
    for (const name of this.images) {
      const image = node.images.get(name);
      if (image !== undefined) sum += Math.trunc(image.sizeBytes * (image.nodeCount / nodeCount));
    }
    const max = thresholdMaxPerImage * this.images.length;
    const counted = Math.max(thresholdMin, Math.min(max, sum));
    return Math.trunc((100 * (counted - thresholdMin)) / (max - thresholdMin));
  }

  private setTemplate(spec: PodSpec): void {
    let images = this.imagesByTemplate.get(spec);
    if (images === undefined) this.imagesByTemplate.set(spec, (images = imagesOf(spec)));
    this.template = spec;
    this.images = images;
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
