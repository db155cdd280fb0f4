/** Which nodes have which image, by every name of the image (upstream `ps/backend/cache/cache.go` imageStates). */
import type { ContainerImage, Node } from '../api/core-v1.ts';
import type { ImageState } from './framework/handle.ts';

interface CachedImageState extends ImageState {
  /** Sparse where few nodes have the image. */
  readonly nodeCounts: (number | undefined)[];
  nodesWithImage: number;
}

/** One column per image: what a score asks for is how common one image is, node after node. */
export class ImageStates {
  /** Grows with every change. */
  private revision = 0;
  private readonly states = new Map<string, CachedImageState>();
  /** The revision that each node has seen, by node index. */
  private readonly seen: number[] = [];

  get(name: string): ImageState | undefined {
    return this.states.get(name);
  }

  add({ status: { images } }: Node, nodeIndex: number): void {
    forEachName(images, (name, sizeBytes) => {
      let state = this.states.get(name);
      // The size is that of the first node which brings the image, until no node has it any more.
      if (state === undefined) this.states.set(name, (state = { sizeBytes, nodeCounts: [], nodesWithImage: 0 }));
      if (state.nodeCounts[nodeIndex] === undefined) state.nodesWithImage++;
      state.nodeCounts[nodeIndex] = 0;
      this.revision++;
    });
  }

  remove({ status: { images } }: Node, nodeIndex: number): void {
    forEachName(images, (name) => {
      const state = this.states.get(name);
      if (state?.nodeCounts[nodeIndex] === undefined) return;
      state.nodeCounts[nodeIndex] = undefined;
      state.nodesWithImage--;
      if (state.nodesWithImage === 0) this.states.delete(name);
      this.revision++;
    });
  }

  /** The node sees how common its images are now. */
  refresh({ status: { images } }: Node, nodeIndex: number): void {
    if (this.seen[nodeIndex] === this.revision) return;
    this.seen[nodeIndex] = this.revision;
    forEachName(images, (name) => {
      const state = this.states.get(name)!;
      state.nodeCounts[nodeIndex] = state.nodesWithImage;
    });
  }
}

function forEachName(images: readonly ContainerImage[], visit: (name: string, sizeBytes: number) => void): void {
  for (const { names, sizeBytes } of images) for (const name of names) visit(name, sizeBytes);
}
