const none = -1;
const firstCapacity = 64;

/**
 * Slots by a hash: chains in typed arrays, some 12 bytes a slot outside the heap, where a map from names takes 40 to 60 in it. Whoever asks compares the names: a chain may hold others of the same hash.
 */
export class SlotsByHash {
  /** First slot of a chain, by the low bits of the hash. */
  private heads = new Int32Array(firstCapacity).fill(none);
  /** By slot. */
  private hashes = new Int32Array(firstCapacity);
  private following = new Int32Array(firstCapacity);
  private count = 0;

  /** The first slot with this hash; -1 = none. `hash` is a 32-bit integer, here and below. */
  first(hash: number): number {
    return this.skip(this.heads[hash & (this.heads.length - 1)]!, hash);
  }

  /** The next slot with the same hash; -1 = none. */
  next(slot: number): number {
    return this.skip(this.following[slot]!, this.hashes[slot]!);
  }

  /** Adds a slot, which must not be there. */
  add(hash: number, slot: number): void {
    if (slot >= this.hashes.length) {
      const capacity = Math.max(slot + 1, Math.ceil((this.hashes.length * 5) / 4));
      this.hashes = copied(this.hashes, capacity);
      this.following = copied(this.following, capacity);
    }
    if (this.count >= 2 * this.heads.length) this.rehash();
    this.hashes[slot] = hash;
    this.link(slot);
    this.count++;
  }

  /** Removes a slot that is there. */
  remove(slot: number): void {
    const chain = this.hashes[slot]! & (this.heads.length - 1);
    this.count--;
    if (this.heads[chain] === slot) {
      this.heads[chain] = this.following[slot]!;
      return;
    }
    let before = this.heads[chain]!;
    while (this.following[before] !== slot) before = this.following[before]!;
    this.following[before] = this.following[slot]!;
  }

  private skip(slot: number, hash: number): number {
    let at = slot;
    while (at !== none && this.hashes[at] !== hash) at = this.following[at]!;
    return at;
  }

  private link(slot: number): void {
    const chain = this.hashes[slot]! & (this.heads.length - 1);
    this.following[slot] = this.heads[chain]!;
    this.heads[chain] = slot;
  }

  private rehash(): void {
    const before = this.heads;
    const { following } = this;
    this.heads = new Int32Array(2 * before.length).fill(none);
    for (const head of before) {
      for (let slot = head; slot !== none;) {
        const next = following[slot]!;
        this.link(slot);
        slot = next;
      }
    }
  }
}

function copied(from: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}
