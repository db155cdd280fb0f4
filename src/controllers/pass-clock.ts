/** When a loop comes by that begins anew a fixed span after its last pass has ended. Times in microseconds. */

/** Passes with equal distances. */
interface Stretch {
  readonly first: number;
  /** The last of them, which took longer; Infinity while there is none. */
  last: number;
}

/** Stretches that are remembered; who asks for earlier times is told what the oldest would give. */
const rememberedMax = 32;

/** Passes come once a period, and a period after the end of a pass that took time. */
export class PassClock {
  private readonly periodUs: number;
  private readonly stretches: Stretch[];

  /** @param periodUs from the beginning of a pass that takes no time to that of the next. */
  constructor(first: number, periodUs: number) {
    this.periodUs = periodUs;
    this.stretches = [{ first, last: Infinity }];
  }

  /** The first pass that begins at a time or later, of the past or of the future as it looks now. */
  atOrAfter(time: number): number {
    let at = this.stretches.length - 1;
    while (at > 0 && time <= this.stretches[at - 1]!.last) at--;
    const { first } = this.stretches[at]!;
    return first + Math.max(0, Math.ceil((time - first) / this.periodUs)) * this.periodUs;
  }

  /** A pass is over; those after it are counted from its end. */
  ended(begunAt: number, endedAt: number): void {
    if (endedAt === begunAt) return;
    this.stretches.at(-1)!.last = begunAt;
    this.stretches.push({ first: endedAt + this.periodUs, last: Infinity });
    if (this.stretches.length > rememberedMax) this.stretches.shift();
  }
}
