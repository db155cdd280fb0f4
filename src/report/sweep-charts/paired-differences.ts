import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { groupBy, maybeNumber, numberOf, readTable, textOf } from '../read-table.ts';
import { rounded } from '../series.ts';
import { fitText } from '../text-width.ts';
import { PLOT_WIDTH } from '../theme.ts';

const ROW_HEIGHT = 26;
const ROWS_MAX = 40;
const NAME_WIDTH = 280;
const findings = [
  ['better', '#2a9d74'],
  ['worse', '#c62f2f'],
  ['different', '#1668b3'],
  ['no difference seen', '#8a949e'],
] as const;

interface Line {
  readonly row: string;
  readonly metric: string;
  readonly policy: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly finding: string;
}

function linesOf({ tables }: ChartInput): Line[] {
  const means = readTable(tables, 'comparison_means', ['metric', 'noun', 'better']);
  const about = new Map(
    means.map(({ metric, noun, better }) => [textOf(metric), { noun: textOf(noun), better: textOf(better) }]),
  );
  const columns = ['metric', 'policy', 'level', 'change_ratio', 'change_low', 'change_high', 'p_holm'] as const;
  const rows = readTable(tables, 'comparison', columns).filter((row) => row.change_ratio !== undefined);
  const policies = new Set(rows.map(({ policy }) => textOf(policy)));
  // Whole metrics only, and one in any case: a reader compares the policies in each.
  const byMetric = [...groupBy(rows, ({ metric }) => textOf(metric)).values()];
  const kept = byMetric.filter((_, at) => at === 0 || (at + 1) * policies.size <= ROWS_MAX).flat();
  return kept.map((row) => {
    const [metric, policy] = [textOf(row.metric), textOf(row.policy)];
    const { noun, better } = about.get(metric)!;
    const ratio = 100 * numberOf(row.change_ratio);
    const isDifferent = numberOf(row.p_holm) < 1 - numberOf(row.level);
    return {
      row: fitText(policies.size > 1 ? `${noun}: ${policy}` : noun, NAME_WIDTH, 11),
      metric,
      policy,
      ratio: rounded(ratio, 4),
      low: rounded(100 * numberOf(row.change_low), 4),
      high: rounded(100 * numberOf(row.change_high), 4),
      finding: isDifferent ? findingOf(ratio, better) : 'no difference seen',
    };
  });
}

function findingOf(ratio: number, better: string): string {
  if (better === 'neither') return 'different';
  return ratio < 0 === (better === 'less') ? 'better' : 'worse';
}

const dot = { filled: true, color: '#8a949e' };

function spec(input: ChartInput): View {
  const lines = linesOf(input);
  const domain = domainOf(lines);
  const [low, high] = domain;
  const drawn = lines.map((line) => ({ ...line, low: Math.max(low, line.low), high: Math.min(high, line.high) }));
  const rowOf = new Map(lines.map(({ metric, policy, row }) => [`${metric} ${policy}`, row]));
  const worlds = readTable(input.tables, 'comparison_pairs', ['metric', 'policy', 'change_ratio']).flatMap((pair) => {
    const row = rowOf.get(`${textOf(pair.metric)} ${textOf(pair.policy)}`);
    const change = 100 * (maybeNumber(pair.change_ratio) ?? Infinity);
    return row === undefined || change < low || change > high ? [] : [{ row, change: rounded(change, 3) }];
  });
  const y = {
    field: 'row',
    type: 'nominal',
    sort: null,
    scale: { domain: lines.map(({ row }) => row) },
    axis: { title: null, ticks: false, domain: false, labelLimit: NAME_WIDTH + 20 },
  };
  const shown = findings.filter(([name]) => lines.some(({ finding }) => finding === name));
  const color = {
    field: 'finding',
    type: 'nominal',
    scale: { domain: shown.map(([name]) => name), range: shown.map(([, value]) => value) },
    legend: { title: null, orient: 'top' },
  };
  const x = {
    type: 'quantitative',
    scale: { domain, nice: true },
    axis: { tickCount: 8, title: 'change, % of the baseline' },
  };
  return {
    title: {
      subtitle: [
        'Paired within each random world. Dots: worlds; bars: intervals of the mean; grey where no difference is found.',
        ...cutShort(lines, domain),
        ...leftOut(input, lines),
      ],
    },
    width: PLOT_WIDTH - 200,
    height: ROW_HEIGHT * lines.length,
    layer: [
      {
        data: { values: worlds },
        // Below the bar, which would hide them.
        mark: { type: 'point', shape: 'circle', yOffset: 8, size: 16, opacity: 0.6, clip: true, ...dot },
        encoding: { y, x: { ...x, field: 'change' } },
      },
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', style: 'quantile' },
        encoding: { x: { ...x, field: 'zero' } },
      },
      {
        data: { values: drawn },
        mark: { type: 'rule', strokeWidth: 4, clip: true, strokeCap: 'butt' },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' }, color },
      },
      {
        data: { values: lines.filter(({ ratio }) => ratio >= low && ratio <= high) },
        mark: { type: 'point', shape: 'diamond', filled: true, size: 90, opacity: 1, clip: true, tooltip: true },
        encoding: { y, x: { ...x, field: 'ratio' }, color },
      },
    ],
  };
}

/** Metrics that are not drawn, and why, in lines of the subtitle. */
function leftOut({ tables }: ChartInput, lines: readonly Line[]): string[] {
  const contrasts = readTable(tables, 'comparison', ['metric', 'change_ratio']);
  const shares = new Set(contrasts.filter((row) => row.change_ratio !== undefined).map(({ metric }) => textOf(metric)));
  const drawn = new Set(lines.map(({ metric }) => metric));
  const means = readTable(tables, 'comparison_means', ['metric', 'noun']);
  const nouns = new Map(means.map(({ metric, noun }) => [textOf(metric), textOf(noun)]));
  const bare = [...nouns].filter(([metric]) => !shares.has(metric)).map(([, noun]) => noun);
  const further = [...shares].filter((metric) => !drawn.has(metric)).length;
  return [
    ...(bare.length === 0 ? [] : [`Without a share of the baseline, which is not told from 0: ${bare.join(', ')}.`]),
    ...(further === 0 ? [] : [`Not drawn, in the table only: ${further} more metrics.`]),
  ].map((text) => fitText(text, PLOT_WIDTH, 12));
}

/** Times the middle reach of all intervals that one of no finding may have, so that it does not make points of the others. */
const reachMax = 5;

const reachOf = ({ low, high }: Line): number => Math.max(Math.abs(low), Math.abs(high));

/**
 * Holds 0 and all intervals, but for the far ends of a few where nothing was found. Single worlds far outside are left out, since the
 * rasterizer dies of marks a million pixels away.
 */
function domainOf(lines: readonly Line[]): readonly [low: number, high: number] {
  const reaches = lines.map(reachOf).sort((a, b) => a - b);
  const found = lines.filter(({ finding }) => finding !== 'no difference seen').map(reachOf);
  const reach = Math.max(reachMax * reaches[reaches.length >> 1]!, ...found);
  const low = Math.max(-reach, Math.min(0, ...lines.map((line) => line.low)));
  const high = Math.min(reach, Math.max(0, ...lines.map((line) => line.high)));
  const margin = 0.08 * (high - low) || 1;
  return [low - margin, high + margin];
}

/** Intervals of which an end is not to be seen, in a line of the subtitle. */
function cutShort(lines: readonly Line[], [low, high]: readonly [number, number]): string[] {
  const rows = lines.filter((line) => line.low < low || line.high > high).map(({ row }) => row);
  return rows.length === 0 ? [] : [fitText(`Beyond the edge go: ${rows.join(', ')}.`, PLOT_WIDTH, 12)];
}

/** Every metric's change against the baseline, with its interval and the worlds behind it. */
export const pairedDifferences = defineChart({
  name: 'paired-differences',
  title: 'Paired differences',
  question: 'Which changes against the baseline are more than chance?',
  tables: ['comparison', 'comparison_means', 'comparison_pairs'],
  applies: (input) => linesOf(input).length > 0,
  spec,
});
