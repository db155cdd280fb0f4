/** Cuts virtual time into equal steps for tables of means over time. */

/** More rows than this nobody reads: with more series the steps become longer. */
const cellsMax = 1_000_000;

/** What a series of steps is made for. */
export interface StepsOptions {
  /** Microseconds. */
  readonly step: number;
  /** Planned length of the run, microseconds. */
  readonly horizon: number;
  /** How many series there are; asked once, at the end of the first step. */
  seriesCount(): number;
  /** Ends the step that began at `start` and lasted `length`, both microseconds. */
  close(start: number, length: number): void;
}

/** Tells the end of each step, before anything changes at or after it. */
export class Steps {
  private readonly options: StepsOptions;
  private step: number;
  private start = 0;
  private isFixed = false;

  constructor(options: StepsOptions) {
    this.options = options;
    this.step = options.step;
  }

  /** To be called before a change at `now`: closes the steps that end until then. */
  advance(now: number): void {
    while (this.start + this.step <= now) {
      if (!this.isFixed) this.fix();
      if (this.start + this.step <= now) this.closeAt(this.start + this.step);
    }
  }

  /** Closes the steps until `now` and what is left of the last one. */
  finish(now: number): void {
    this.advance(now);
    if (now > this.start) this.closeAt(now);
  }

  private fix(): void {
    this.isFixed = true;
    const { step, horizon, seriesCount } = this.options;
    this.step = step * Math.max(1, Math.ceil((seriesCount() * Math.ceil(horizon / step)) / cellsMax));
  }

  private closeAt(end: number): void {
    this.options.close(this.start, end - this.start);
    this.start = end;
  }
}
