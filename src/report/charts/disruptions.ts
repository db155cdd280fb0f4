import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { formatNumber } from '../format.ts';
import { compareText, groupBy, numberOf, readTable, textOf } from '../read-table.ts';
import { PLOT_WIDTH, seriesColors } from '../theme.ts';

const ROW_HEIGHT = 24;
const WORKLOADS_NAMED = 3;

interface Reason {
  readonly reason: string;
  readonly pods: number;
  /** Whose pods these were, those with most first. */
  readonly whose: string;
}

function reasonsOf({ tables }: ChartInput): Reason[] {
  const rows = readTable(tables, 'disruptions', ['namespace', 'workload', 'reason', 'pods']);
  const reasons = [...groupBy(rows, (row) => textOf(row.reason))].map(([reason, group]): Reason => {
    const pods = group.reduce((sum, row) => sum + numberOf(row.pods), 0);
    const most = [...group].sort((a, b) => numberOf(b.pods) - numberOf(a.pods)).slice(0, WORKLOADS_NAMED);
    const names = most.map(
      (row) => `${textOf(row.namespace)}/${textOf(row.workload)} ${formatNumber(numberOf(row.pods))}`,
    );
    const rest = group.length - most.length;
    return { reason, pods, whose: `${names.join(', ')}${rest > 0 ? ` and ${formatNumber(rest)} more workloads` : ''}` };
  });
  return reasons.sort((a, b) => b.pods - a.pods || compareText(a.reason, b.reason));
}

function spec(input: ChartInput): View {
  const reasons = reasonsOf(input);
  const most = Math.max(1, ...reasons.map(({ pods }) => pods));
  const bars = reasons.map(({ reason, pods, whose }, row) => ({
    ...{ reason, pods, whose, zero: 0, a: row + 0.15, b: row + 0.85, row: row + 0.5 },
    text: `${formatNumber(pods)} · ${whose}`,
    isLong: pods > 0.4 * most,
  }));
  const y = { type: 'quantitative', scale: { domain: [reasons.length, 0], nice: false }, axis: null };
  const x = {
    field: 'pods',
    type: 'quantitative',
    scale: { domain: [0, most], nice: false },
    axis: { title: 'pods', tickMinStep: 1, tickCount: 6, format: '~s' },
  };
  const text = (values: readonly View[], field: string, place: View, mark: View): View => ({
    data: { values },
    mark: { type: 'text', baseline: 'middle', style: 'label', clip: false, ...mark },
    encoding: { x: place, y: { ...y, field: 'row' }, text: { field } },
  });
  return {
    width: PLOT_WIDTH,
    height: reasons.length * ROW_HEIGHT,
    layer: [
      {
        data: { values: bars },
        mark: { type: 'rect', color: seriesColors[0], fillOpacity: 0.55, stroke: null, tooltip: true },
        encoding: { x: { ...x, field: 'zero' }, x2: { field: 'pods' }, y: { ...y, field: 'a' }, y2: { field: 'b' } },
      },
      text(bars, 'reason', { value: 0 }, { align: 'right', dx: -8 }),
      text(
        bars.filter(({ isLong }) => isLong),
        'text',
        { value: 0 },
        { align: 'left', dx: 6 },
      ),
      text(
        bars.filter(({ isLong }) => !isLong),
        'text',
        x,
        { align: 'left', dx: 6 },
      ),
    ],
  };
}

/** Why pods ended before their time. */
export const disruptions = defineChart({
  name: 'disruptions',
  title: 'Why pods ended',
  question: 'For which reasons were pods deleted or did they fail, and whose were they?',
  tables: ['disruptions'],
  spec,
});
