/** The published curves: one file each, a row for each run, columns for the loads 0..130. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../src/testing/command-error.ts';
import type { CampaignTask, CurveName } from './campaign-run.ts';
import { curveNames } from './campaign-run.ts';
import { contentOf } from './data-files.ts';

/** Published curves by run. */
export class ExpectedCurves {
  private readonly curves: ReadonlyMap<string, readonly number[]>;
  private readonly tasks: readonly CampaignTask[];

  constructor(curves: ReadonlyMap<string, readonly number[]>, tasks: readonly CampaignTask[]) {
    this.curves = curves;
    this.tasks = tasks;
  }

  /** Every run that has a curve, once. */
  runs(): readonly CampaignTask[] {
    return this.tasks;
  }

  /** Undefined = none was published. */
  curve(name: CurveName, { trace, policy, seed }: CampaignTask): readonly number[] | undefined {
    return this.curves.get(`${name} ${trace} ${policy} ${seed}`);
  }
}

/** @throws CommandError where a file is not there or has another form. */
export function readExpected(folder: string): ExpectedCurves {
  const curves = new Map<string, readonly number[]>();
  const tasks = new Map<string, CampaignTask>();
  for (const name of curveNames) {
    const path = ['.csv.gz', '.csv'].map((end) => join(folder, `expected_curves_${name}${end}`)).find(existsSync);
    if (path === undefined) throw new CommandError(`${folder} has no expected_curves_${name}.csv.gz; name the folder of the published curves by --expected`);
    const [header = '', ...lines] = contentOf(path).toString('utf8').trim().split('\n');
    if (!header.startsWith('trace,policy,seed,0,1,')) throw new CommandError(`${path} begins with other columns`);
    const columns = header.trim().split(',').length;
    for (const [at, line] of lines.entries()) {
      const cells = line.trim().split(',');
      const [trace = '', policy = '', seed = '', ...values] = cells;
      const problem = cells.length === columns ? values.find(isNoNumber) : `${cells.length} of ${columns} cells`;
      if (problem !== undefined) throw new CommandError(`${path}:${at + 2} is no curve as published: ${problem}`);
      curves.set(`${name} ${trace} ${policy} ${seed}`, values.map((value) => (value === '' ? NaN : Number(value))));
      tasks.set(`${trace} ${policy} ${seed}`, { trace, policy, seed: Number(seed) });
    }
  }
  return new ExpectedCurves(curves, [...tasks.values()]);
}

/** A point is a number, or empty where nothing was published. */
const isNoNumber = (text: string): boolean => Number.isNaN(Number(text)) && text.toLowerCase() !== 'nan';
