import { createHash } from 'node:crypto';
import type { Hash as NodeHash } from 'node:crypto';
import type { Hash, HashFactory } from '../util/hash.ts';

/** SHA-256 of Node.js, for the simulator and the writers of tables. */
export const sha256: HashFactory = () => wrap(createHash('sha256'));

function wrap(hash: NodeHash): Hash {
  return {
    update: (bytes) => void hash.update(bytes),
    digestHex: () => hash.digest('hex'),
    copy: () => wrap(hash.copy()),
  };
}

/** SHA-256 of bytes, or of a text in UTF-8; lower-case hexadecimal. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
