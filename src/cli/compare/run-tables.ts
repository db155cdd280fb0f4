/** The tables of a finished run that figures of a part of it are made of. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PodSpan, RunTables, SeriesStep } from '../../experiment/steady-state/span-figures.ts';
import { CliError } from '../cli-error.ts';
import { csvRecords, microsecondsOf } from '../explain/csv-records.ts';

/** Which tables a cell has to keep. */
export const runTableNames = ['timeseries', 'pods'] as const;

/** @throws CliError where the run has not kept them. */
export function readRunTables(folder: string, name: string): RunTables {
  const missing = runTableNames.find((table) => !existsSync(join(folder, `${table}.csv`)));
  if (missing !== undefined)
    throw new CliError(
      `orrery: ${name} has kept no ${missing}.csv, which this takes; sweep again with outputs: { tables: [${runTableNames.join(', ')}] }`,
    );
  const text = (table: string): string => readFileSync(join(folder, `${table}.csv`), 'utf8');
  return { steps: stepsOf(text('timeseries')), pods: csvRecords(text('pods')).map(podOf) };
}

function stepsOf(text: string): readonly SeriesStep[] {
  const steps = new Map<number, SeriesStep & { readonly values: Map<string, number> }>();
  for (const record of csvRecords(text)) {
    const start = microsecondsOf(record['t_s'])!;
    const length = microsecondsOf(record['step_s'])!;
    const step = steps.get(start) ?? { start, length, values: new Map<string, number>() };
    steps.set(start, step);
    if (record['subject'] === '') step.values.set(record['metric']!, Number(record['value_timeavg']));
  }
  return [...steps.values()];
}

function podOf(record: Readonly<Record<string, string>>): PodSpan {
  const time = (name: string): number | undefined => microsecondsOf(record[name]);
  return {
    ownerKind: record['owner_kind']!,
    node: record['node']!,
    phase: record['phase']!,
    created: time('created_t_s')!,
    bound: time('bound_t_s'),
    finished: time('finished_t_s'),
    deleted: time('deleted_t_s'),
    pending: time('pending_s'),
  };
}
