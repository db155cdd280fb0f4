/** Cuts virtual time into equal steps for tables of means over time. */
import type { Column } from '../record/table.ts';
import type { RunDescription } from './metric.ts';
import { column } from './metric.ts';

/** More rows than this nobody reads: with more series the steps become longer. */
const cellsMax = 1_000_000;

/** What steps are made for: series of means, which are told the end of each step. */
export interface StepSeries {
  /** How many series there are; asked once, at the end of the first step. */
  seriesCount(): number;
  /** Ends the step that began at `start` and lasted `length`, both microseconds. */
  closeStep(start: number, length: number): void;
}

/** The first columns of a table with a row for each step. */
export const stepColumns: readonly Column[] = [
  column('t_s', 'seconds', 'Start of the step.'),
  column('step_s', 'seconds', 'Length of the step; the last one ends with the run.'),
];

/** Tells the end of each step, before anything changes at or after it. */
export class Steps {
  private readonly run: Pick<RunDescription, 'step' | 'horizon'>;
  private readonly series: StepSeries;
  private step: number;
  private start = 0;
  private isFixed = false;

  constructor(run: Pick<RunDescription, 'step' | 'horizon'>, series: StepSeries) {
    this.run = run;
    this.series = series;
    this.step = run.step;
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
    const { step, horizon } = this.run;
    this.step = step * Math.max(1, Math.ceil((this.series.seriesCount() * Math.ceil(horizon / step)) / cellsMax));
  }

  private closeAt(end: number): void {
    this.series.closeStep(this.start, end - this.start);
    this.start = end;
  }
}
