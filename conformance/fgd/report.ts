/** The outcome of the campaign as a table. */
import type { CampaignOptions } from './campaign.ts';
import type { CampaignRun } from './campaign-run.ts';
import type { Band, Comparison } from './compare-runs.ts';
import { differenceMax } from './compare-runs.ts';

/** Lines for people. */
export function comparisonLines(
  comparisons: readonly Comparison[],
  { runs, seconds, options }: { runs: readonly CampaignRun[]; seconds: number; options: CampaignOptions },
): string[] {
  const head = ['trace', 'policy', 'runs', 'points', 'largest diff', 'failed pods', 'cpu s', ''];
  const rows = comparisons.map((comparison) => [
    comparison.trace,
    comparison.policy,
    String(comparison.runs),
    String(comparison.points),
    comparison.points === 0 ? '-' : comparison.largestDifference.toFixed(4),
    comparison.failedPods.toFixed(1),
    comparison.cpuSeconds.toFixed(2),
    remarkOf(comparison),
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at < 2 || at === 7 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ').trimEnd();
  return [line(head), ...rows.map(line), '', ...closingLines(comparisons, runs, seconds, options)];
}

function remarkOf({ isWrong, band, points }: Comparison): string {
  if (band !== undefined) return bandText(band);
  if (points === 0) return 'nothing published here';
  return isWrong ? 'DIFFERS' : '';
}

function bandText({ own, published, halfWidth }: Band): string {
  const isInside = Math.abs(own - published) <= halfWidth;
  const numbers = `${own.toFixed(2)} % at 100 %, published ${published.toFixed(2)} +- ${halfWidth.toFixed(2)}`;
  return `${isInside ? 'in its band' : 'OUTSIDE its band'}: ${numbers}`;
}

function closingLines(
  comparisons: readonly Comparison[],
  runs: readonly CampaignRun[],
  seconds: number,
  { tieBreak, workers }: CampaignOptions,
): string[] {
  const exact = comparisons.filter(({ policy }) => policy !== 'Random');
  const points = exact.reduce((sum, comparison) => sum + comparison.points, 0);
  const largest = Math.max(0, ...exact.map(({ largestDifference }) => largestDifference));
  const wrong = exact.filter(({ isWrong }) => isWrong).length;
  const cpu = runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const peak = Math.max(...runs.map(({ peakMb }) => peakMb));
  const verdict =
    wrong === 0
      ? `deterministic policies: ${points} points, none differs by more than ${differenceMax} (largest ${largest.toFixed(4)})`
      : `deterministic policies: ${wrong} of ${exact.length} pairs of trace and policy DIFFER by more than ${differenceMax}`;
  return [
    verdict,
    `${runs.length} runs in ${seconds.toFixed(1)} s on ${workers} workers, ${cpu.toFixed(1)} s of processor time, at most ${peak} MB; ties: ${tieBreak}`,
  ];
}
