/** What was run against what was published, trace by trace and policy by policy. */
import type { CampaignRun, CurveName } from './campaign-run.ts';
import { curveNames } from './campaign-run.ts';
import type { ExpectedCurves } from './expected-curves.ts';

/** Largest difference at any point: the last printed digit of a mean. */
export const differenceMax = 0.01;

/** Comparing decimals: what 0.01 may come to in binary. */
const slack = 1e-9;

/** All runs of one trace and policy. */
export interface Comparison {
  readonly trace: string;
  readonly policy: string;
  readonly runs: number;
  /** Of these, those for which curves were published. */
  readonly comparedRuns: number;
  readonly points: number;
  /** In percent of devices, of all three curves. */
  readonly largestDifference: number;
  /** Mean over the runs. */
  readonly failedPods: number;
  readonly cpuSeconds: number;
  readonly band: Band | undefined;
  /** A deterministic policy differs. */
  readonly isWrong: boolean;
}

/** For Random, which can only agree in distribution: means over the seeds of the allocation at full load. */
export interface Band {
  readonly own: number;
  readonly published: number;
  /** Three standard deviations of the difference of the two means. */
  readonly halfWidth: number;
}

/** One comparison for each trace and policy, in the order of the runs. */
export function compareRuns(runs: readonly CampaignRun[], expected: ExpectedCurves): readonly Comparison[] {
  const groups = new Map<string, CampaignRun[]>();
  for (const run of runs) {
    const key = `${run.trace} ${run.policy}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()].map((group) => compare(group, expected));
}

function compare(runs: readonly CampaignRun[], expected: ExpectedCurves): Comparison {
  const { trace, policy } = runs[0]!;
  let points = 0;
  let comparedRuns = 0;
  let largestDifference = 0;
  for (const run of runs) {
    for (const name of curveNames) {
      const wanted = expected.curve(name, run);
      if (wanted === undefined) continue;
      if (name === curveNames[0]) comparedRuns++;
      points += wanted.length;
      largestDifference = Math.max(largestDifference, differenceOf(run.curves[name], wanted));
    }
  }
  const isRandom = policy === 'Random';
  const mean = (valueOf: (run: CampaignRun) => number): number =>
    runs.reduce((sum, run) => sum + valueOf(run), 0) / runs.length;
  return {
    trace,
    policy,
    runs: runs.length,
    comparedRuns,
    points,
    largestDifference,
    failedPods: mean(({ failed }) => failed),
    cpuSeconds: mean(({ cpuSeconds }) => cpuSeconds),
    band: isRandom ? bandOf(runs, expected) : undefined,
    isWrong: !isRandom && largestDifference > differenceMax + slack,
  };
}

/** A point that one has and the other has not is infinitely far away. */
function differenceOf(own: readonly (number | undefined)[], wanted: readonly number[]): number {
  if (own.length !== wanted.length) return Infinity;
  return own.reduce<number>((largest, value, at) => {
    const published = wanted[at]!;
    if (value === undefined && Number.isNaN(published)) return largest;
    if (value === undefined || Number.isNaN(published)) return Infinity;
    return Math.max(largest, Math.abs(value - published));
  }, 0);
}

const fullLoad = 100;

function bandOf(runs: readonly CampaignRun[], expected: ExpectedCurves): Band | undefined {
  const name: CurveName = 'alloc_pct';
  const own = runs.flatMap(({ curves }) => curves[name][fullLoad] ?? []);
  const published = runs.flatMap((run) => expected.curve(name, run)?.[fullLoad] ?? []);
  if (own.length === 0 || published.length < 2) return undefined;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = mean(published);
  const variance =
    published.reduce((sum, value) => sum + (value - centre) * (value - centre), 0) / (published.length - 1);
  const halfWidth = 3 * Math.sqrt(variance * (1 / own.length + 1 / published.length));
  return { own: mean(own), published: centre, halfWidth };
}
