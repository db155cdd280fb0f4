import type { Node } from '../api/core-v1.ts';
import type { ImageStateSummary } from './framework/node-info.ts';

interface ImageState {
  /** Of the first node that brought the image; kept until no node has it. */
  readonly sizeBytes: number;
  readonly nodes: Set<string>;
}

const noImages: ReadonlyMap<string, ImageStateSummary> = new Map();

/** Which nodes have which image, by every name of the image (upstream `ps/backend/cache/cache.go` imageStates). */
export class ImageStates {
  /** Grows with every change. */
  revision = 0;
  private readonly states = new Map<string, ImageState>();

  add(node: Node): void {
    for (const { names, sizeBytes } of node.status.images) {
      for (const name of names) {
        let state = this.states.get(name);
        if (state === undefined) this.states.set(name, (state = { sizeBytes, nodes: new Set() }));
        state.nodes.add(node.metadata.name);
        this.revision++;
      }
    }
  }

  remove(node: Node): void {
    for (const { names } of node.status.images) {
      for (const name of names) {
        const state = this.states.get(name);
        state?.nodes.delete(node.metadata.name);
        if (state?.nodes.size === 0) this.states.delete(name);
        this.revision++;
      }
    }
  }

  /** What a node's scores see, as of now. */
  summary(node: Node): ReadonlyMap<string, ImageStateSummary> {
    if (node.status.images.length === 0) return noImages;
    const images = new Map<string, ImageStateSummary>();
    for (const { names } of node.status.images) {
      for (const name of names) {
        const state = this.states.get(name);
        if (state !== undefined) images.set(name, { sizeBytes: state.sizeBytes, nodeCount: state.nodes.size });
      }
    }
    return images;
  }
}
