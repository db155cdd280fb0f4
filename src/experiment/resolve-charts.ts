/** Charts as an experiment asks for them, with their axes and tables looked up. */
import type { FieldPath } from '../scenario/field-path.ts';
import * as messages from '../scenario/messages.ts';
import type { ExperimentInput } from '../scenario/schema/experiment-schema.ts';
import type { SweepChartOptions } from '../report/sweep-charts/registry.ts';
import type { ExperimentAxis } from './experiment.ts';
import type { ExperimentContext } from './experiment-context.ts';
import { reportAt } from './experiment-context.ts';

type ChartInput = NonNullable<ExperimentInput['spec']['charts']>[number];

/** The table of the figures of all runs, which is always there. */
const figuresTable = 'figures';

/** See above; what is wrong is reported. */
export function resolveCharts(
  { charts = [], outputs = {} }: ExperimentInput['spec'],
  axes: readonly ExperimentAxis[],
  context: ExperimentContext,
): readonly SweepChartOptions[] {
  const tables = [figuresTable, ...(outputs.tables ?? [])];
  const names = axes.map(({ name }) => name);
  return charts.map((chart, index) => {
    const field = ['spec', 'charts', index];
    const { table = figuresTable, series, facet, name } = chart;
    if (charts.findIndex((other) => other.name === name) < index)
      reportAt(context, messages.unusable(`the chart "${name}" is named a second time`), [...field, 'name']);
    if (!tables.includes(table)) reportAt(context, messages.noSuch('merged table', table, tables), [...field, 'table']);
    checkAxis(series, names, [...field, 'series'], context);
    if (facet !== undefined) checkAxis(facet, names, [...field, 'facet'], context);
    return optionsOf(chart, table);
  });
}

function checkAxis(name: string, known: readonly string[], field: FieldPath, context: ExperimentContext): void {
  if (!known.includes(name)) reportAt(context, messages.noSuch('axis', name, known), field);
}

function optionsOf(chart: ChartInput, table: string): SweepChartOptions {
  const { kind, name, title, question, over: x = '', value: y = 'value', series, facet, xTitle, yTitle } = chart;
  const where = new Map(Object.entries(chart.where ?? {}).map(([column, value]) => [column, String(value)]));
  const common = { name, title, question, table, y, series, yTitle, where };
  return kind === 'curve' ? { kind, ...common, x, facet, xTitle } : { kind, ...common, group: facet };
}
