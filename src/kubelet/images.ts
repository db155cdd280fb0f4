/** Names and sizes of images. */
import type { ImageSize } from './behavior.ts';
import { typical } from './defaults.ts';
import { matchesGlob } from './glob.ts';

/** The name under which a runtime keeps an image: with a tag or a digest. */
export function imageKey(image: string): string {
  const inLastPart = image.lastIndexOf('/') + 1;
  return image.includes('@') || image.indexOf(':', inLastPart) >= 0 ? image : `${image}:latest`;
}

/** Why a name is no image reference (upstream `distribution/reference`); undefined = it is one. Only letter case is looked at. */
export function imageProblem(image: string): string | undefined {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isDomain = first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  const rest = isDomain ? image.slice(slash + 1) : image;
  const end = rest.search(/[:@]/);
  const repository = end < 0 ? rest : rest.slice(0, end);
  if (repository === repository.toLowerCase()) return undefined;
  return `invalid reference format: repository name (${repository}) must be lowercase`;
}

/** Sizes by name; the first pattern that matches counts. */
export class ImageSizes {
  private readonly sizes: readonly ImageSize[];
  private readonly known = new Map<string, number>();

  constructor(sizes: readonly ImageSize[]) {
    this.sizes = sizes;
  }

  /** What the scenario says of an image; undefined = nothing. */
  entry(image: string): ImageSize | undefined {
    return this.sizes.find(({ name }) => matchesGlob(name, image) || imageKey(name) === image);
  }

  /** Bytes. */
  of(image: string): number {
    let size = this.known.get(image);
    if (size === undefined) {
      this.known.set(image, (size = this.entry(image)?.sizeBytes ?? typical.imageSizeBytes));
    }
    return size;
  }
}
