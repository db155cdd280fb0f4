import type { View } from '../define-chart.ts';

/** Pixels between panels, axis labels included. */
const GAP = 56;

/** One view as it is, several in rows of two to `columnsMax`, sharing their colours and one legend. */
export function panelGrid(views: readonly View[], width: number, columnsMax = 4): View {
  const [first] = views;
  if (views.length === 1 && first !== undefined) return { ...first, width };
  const each = panelWidth(views.length, width, columnsMax);
  return {
    concat: views.map((view) => ({ ...view, width: each })),
    columns: columnsFor(views.length, columnsMax),
    spacing: 14,
    resolve: { scale: { color: 'shared' }, legend: { color: 'shared' } },
  };
}

/** Pixels of the plot of each of so many panels. */
export function panelWidth(count: number, width: number, columnsMax: number): number {
  if (count === 1) return width;
  const columns = columnsFor(count, columnsMax);
  return Math.floor((width - (columns - 1) * GAP) / columns);
}

function columnsFor(count: number, columnsMax: number): number {
  return Math.min(columnsMax, count <= 4 ? 2 : count <= 9 ? 3 : 4);
}
