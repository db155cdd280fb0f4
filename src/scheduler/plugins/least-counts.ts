/** Larger than every count (upstream `math.MaxInt32`). */
const countMax = 2147483647;

/**
 * The least count over the domains, and one more: enough for what-ifs on one node (upstream `criticalPaths`; after changes of
 * several domains it is as inexact as there).
 */
export class LeastCounts {
  count = countMax;
  private domain = -1;
  private secondCount = countMax;
  private secondDomain = -1;

  update(domain: number, count: number): void {
    if (domain === this.domain) {
      this.count = count;
      this.order();
    } else if (domain === this.secondDomain) {
      this.secondCount = count;
      this.order();
    } else if (count < this.count) {
      this.secondDomain = this.domain;
      this.secondCount = this.count;
      this.domain = domain;
      this.count = count;
    } else if (count < this.secondCount) {
      this.secondDomain = domain;
      this.secondCount = count;
    }
  }

  clone(): LeastCounts {
    const copy = new LeastCounts();
    copy.count = this.count;
    copy.domain = this.domain;
    copy.secondCount = this.secondCount;
    copy.secondDomain = this.secondDomain;
    return copy;
  }

  private order(): void {
    if (this.count <= this.secondCount) return;
    const { count, domain } = this;
    this.count = this.secondCount;
    this.domain = this.secondDomain;
    this.secondCount = count;
    this.secondDomain = domain;
  }
}
