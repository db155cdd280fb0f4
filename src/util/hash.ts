/** An incremental hash. The composition root hands in the implementation, so that the simulator needs no Node built-in. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal digest; the hash must not be updated afterwards. */
  digestHex(): string;
  /** An independent copy in the present state, for checkpoints. */
  copy(): Hash;
}

/** Makes a fresh SHA-256. */
export type HashFactory = () => Hash;
