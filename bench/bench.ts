import { GCProfiler } from 'node:v8';

/** One figure of a benchmark. It gates when `goal` is given: it has to be at least, or at most, that. */
export interface BenchFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface BenchOptions {
  /** Fewer slices and smaller sizes, to see that a benchmark works; its figures are no figures. */
  readonly isQuick: boolean;
}

/** A benchmark runs in a process of its own, so that no other one's type feedback or heap weighs on it. */
export interface Bench {
  readonly name: string;
  readonly description: string;
  run(options: BenchOptions): Promise<readonly BenchFigure[]> | readonly BenchFigure[];
}

/** Two programs that do the same work. A slice returns a check sum, which has to be equal on both sides. */
export interface Contest {
  readonly contender: () => number;
  readonly baseline: () => number;
  readonly warmUpSlices: number;
  readonly slices: number;
}

export interface ContestOutcome {
  /** Medians of processor time for a slice, in microseconds. */
  readonly contenderUs: number;
  readonly baselineUs: number;
  /** Median of baseline / contender over the slices: how many times the contender is faster. */
  readonly ratio: number;
}

/**
 * Alternating slices in one process, processor time, median of the ratios by slice: on a busy machine this repeats to a
 * few per cent where wall-clock time is off by half.
 */
export function runContest({ contender, baseline, warmUpSlices, slices }: Contest): ContestOutcome {
  const times: { contender: number; baseline: number }[] = [];
  for (let slice = 0; slice < warmUpSlices + slices; slice++) {
    const left = timed(contender);
    const right = timed(baseline);
    if (left.sum !== right.sum) throw new Error(`check sums differ in slice ${slice}: ${left.sum}, ${right.sum}`);
    if (slice >= warmUpSlices) times.push({ contender: left.us, baseline: right.us });
  }
  return {
    contenderUs: median(times.map((time) => time.contender)),
    baselineUs: median(times.map((time) => time.baseline)),
    ratio: median(times.map((time) => time.baseline / time.contender)),
  };
}

function timed(slice: () => number): { sum: number; us: number } {
  const before = process.cpuUsage();
  const sum = slice();
  const { user, system } = process.cpuUsage(before);
  return { sum, us: user + system };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The number of garbage collections (mostly scavenges) that happen while `work` runs. */
export function collectionsDuring(work: () => void): number {
  const profiler = new GCProfiler();
  profiler.start();
  work();
  return profiler.stop().statistics.length;
}

export function isMet({ value, goal }: BenchFigure): boolean {
  if (goal === undefined) return true;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}
