import type { View } from '../define-chart.ts';

/** Pixels between panels, axis labels included. */
const GAP = 56;

/** One view as it is, several in rows of two to `columnsMax`, sharing their colours and one legend. */
export function panelGrid(views: readonly View[], width: number, columnsMax = 4): View {
  const [first] = views;
  if (views.length === 1 && first !== undefined) return { ...first, width };
  const columns = Math.min(columnsMax, columnsFor(views.length));
  const each = Math.floor((width - (columns - 1) * GAP) / columns);
  return {
    concat: views.map((view) => ({ ...view, width: each })),
    columns,
    spacing: 14,
    resolve: { scale: { color: 'shared' }, legend: { color: 'shared' } },
  };
}

function columnsFor(count: number): number {
  if (count <= 4) return 2;
  return count <= 9 ? 3 : 4;
}
