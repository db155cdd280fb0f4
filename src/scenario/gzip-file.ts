/** Files that are stored compressed. */
import { gunzipSync } from 'node:zlib';

/** Whether bytes are a gzip file, by their first two. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What is in a gzip file, or why it cannot be read. @param sizeMax bytes that it may come to. */
export function gunzipped(bytes: Uint8Array, sizeMax: number): Uint8Array | { readonly reason: string } {
  try {
    return gunzipSync(bytes, { maxOutputLength: sizeMax });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return { reason: isTooLarge ? `unpacked it has more than ${sizeMax} bytes` : 'it is not a whole gzip file' };
  }
}
