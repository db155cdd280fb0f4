/** Names and sizes of images. */
import type { ImageSize } from './behavior.ts';
import { typical } from './defaults.ts';
import { matchesGlob } from './glob.ts';

/** The name under which a runtime keeps an image: with a tag or a digest. */
export function imageKey(image: string): string {
  const inLastPart = image.lastIndexOf('/') + 1;
  return image.includes('@') || image.indexOf(':', inLastPart) >= 0 ? image : `${image}:latest`;
}

/** Sizes by name; the first pattern that matches counts. */
export class ImageSizes {
  private readonly sizes: readonly ImageSize[];
  private readonly known = new Map<string, number>();

  constructor(sizes: readonly ImageSize[]) {
    this.sizes = sizes;
  }

  /** Bytes. */
  of(image: string): number {
    let size = this.known.get(image);
    if (size === undefined) {
      const entry = this.sizes.find(({ name }) => matchesGlob(name, image) || imageKey(name) === image);
      this.known.set(image, (size = entry?.sizeBytes ?? typical.imageSizeBytes));
    }
    return size;
  }
}
