/** A map that keeps so many entries and forgets the one that was not asked for the longest. */
export class RecentlyUsed<V> {
  private readonly max: number;
  private readonly create: () => V;
  /** Least recently used first. */
  private readonly entries = new Map<string, V>();

  /** @param create makes the value of a key that is new or was forgotten. */
  constructor(max: number, create: () => V) {
    this.max = max;
    this.create = create;
  }

  of(key: string): V {
    const value = this.entries.get(key) ?? this.create();
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.max) this.forgetOldest();
    return value;
  }

  private forgetOldest(): void {
    for (const key of this.entries.keys()) {
      this.entries.delete(key);
      return;
    }
  }
}
