import { createHash, type Hash as NodeHash } from 'node:crypto';
import type { Hash, HashFactory } from '../util/hash.ts';

/** SHA-256 of Node.js, for tests and benchmarks. */
export const nodeSha256: HashFactory = () => wrap(createHash('sha256'));

function wrap(hash: NodeHash): Hash {
  return {
    update: (bytes) => void hash.update(bytes),
    digestHex: () => hash.digest('hex'),
    copy: () => wrap(hash.copy()),
  };
}
