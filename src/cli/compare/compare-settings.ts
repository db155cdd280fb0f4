/** What the command line of `compare` asks for, read and checked. */
import type { ComparisonOptions } from '../../experiment/comparison/comparison.ts';
import { sequentialSteps } from '../../experiment/comparison/stopping.ts';
import { eachWorkload } from '../../experiment/comparison/workload-figures.ts';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import type { SummaryMetric } from '../../metrics/summary-metrics.ts';
import { nearest } from '../../util/suggest.ts';
import type { CompareArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import { warmUpSetting } from './warm-up.ts';
import type { WarmUpSetting } from './warm-up.ts';

/** How the comparison is made. */
export interface CompareSettings {
  /** 0.95 = 95 %. */
  readonly level: number;
  readonly tolerated: number;
  /** Undefined = those that are compared where nobody says. */
  readonly metrics: readonly SummaryMetric[] | undefined;
  /** Whether single workloads are compared. */
  readonly workloads: ComparisonOptions['workloads'];
  /** Worlds; with `relativeHalfWidth` those to begin with, `sequentialSteps.first` or more. */
  readonly replications: number;
  /** How exactly differences are wanted, as a share of the baseline. */
  readonly halfWidth: number;
  /** Undefined = as many as stated. */
  readonly relativeHalfWidth: number | undefined;
  readonly replicationsMax: number;
  readonly tieSalts: number;
  /** Undefined = nothing is cut. */
  readonly warmUp: WarmUpSetting | undefined;
}

const REPLICATIONS = sequentialSteps.first;
const LEVEL_MIN = 50;
/** Beyond it would be told as 100. */
const LEVEL_MAX = 99.99;

/** @throws CliError where a value is none. */
export function compareSettings(args: CompareArguments): CompareSettings {
  const level = Number(args.level.replace(/ ?%$/, ''));
  if (!(level >= LEVEL_MIN && level <= LEVEL_MAX))
    throw new CliError(
      `orrery: --level "${args.level}" is no confidence level from ${LEVEL_MIN} to ${LEVEL_MAX}; write 95 for 95 %`,
    );
  const width = args['until-half-width'];
  if (width !== undefined && args['half-width'] !== undefined)
    throw new CliError(
      'orrery: --half-width and --until-half-width both say how exactly differences are wanted; state one',
    );
  if (width === undefined && args['replications-max'] !== undefined)
    throw new CliError('orrery: --replications-max goes with --until-half-width; -n says how many worlds there are');
  if (args['tie-salts'] !== undefined && (args['warm-up'] !== undefined || args.replications === '1'))
    throw new CliError('orrery: --tie-salts goes with neither --warm-up nor -n 1: salts are compared by whole runs');
  const replications =
    args.replications === undefined ? REPLICATIONS : wholeNumber('--replications', args.replications, 1);
  const replicationsMax = wholeNumber('--replications-max', args['replications-max'] ?? '100', 2);
  if (width !== undefined) refuseTooFew(replications, replicationsMax);
  return {
    level: level / 100,
    tolerated: shareOf('--tolerate', args.tolerate, 0),
    ...metricsOf(args.metric),
    replications,
    halfWidth: shareOf(
      width === undefined ? '--half-width' : '--until-half-width',
      width ?? args['half-width'] ?? '5%',
      0.0001,
    ),
    relativeHalfWidth: width === undefined ? undefined : shareOf('--until-half-width', width, 0.0001),
    replicationsMax,
    warmUp: warmUpSetting(args['warm-up']),
    tieSalts: args['tie-salts'] === undefined ? 0 : wholeNumber('--tie-salts', args['tie-salts'], 1),
  };
}

/** Of few worlds a half-width is known too badly to stop by. */
function refuseTooFew(replications: number, replicationsMax: number): void {
  if (replications < sequentialSteps.first)
    throw new CliError(
      `orrery: --until-half-width begins with ${sequentialSteps.first} worlds or more; -n ${replications} is below that`,
    );
  if (replicationsMax < replications)
    throw new CliError(
      `orrery: --replications-max ${replicationsMax} is below the ${replications} worlds with which --until-half-width begins`,
    );
}

/** `5%` as 0.05. */
function shareOf(option: string, text: string, least: number): number {
  const [, digits] = /^(\d{1,4}(?:\.\d{1,6})?) ?%$/.exec(text) ?? [];
  const share = Number(digits ?? NaN) / 100;
  if (share >= least) return share;
  const from = least === 0 ? '' : ` from ${100 * least}% on`;
  throw new CliError(`orrery: ${option} "${text}" is no share${from}; write 5%`);
}

function wholeNumber(option: string, text: string, least: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
  throw new CliError(`orrery: ${option} "${text}" is not a whole number from ${least} on`);
}

function metricsOf(names: readonly string[] | undefined): Pick<CompareSettings, 'metrics' | 'workloads'> {
  if (names === undefined) return { metrics: undefined, workloads: 'few' };
  const wanted = new Set<SummaryMetric>();
  const all = names.flatMap((entry) => entry.split(','));
  for (const name of all.filter((entry) => entry !== eachWorkload)) {
    const pattern = new RegExp(`^${name.replaceAll(/[^\w*]/g, String.raw`\$&`).replaceAll('*', '.*')}$`);
    const found = summaryMetrics.filter((metric) => pattern.test(metric.name));
    if (found.length === 0) throw new CliError(`orrery: --metric: there is no metric "${name}"${hint(name)}`);
    for (const metric of found) wanted.add(metric);
  }
  return {
    metrics: summaryMetrics.filter((metric) => wanted.has(metric)),
    workloads: all.includes(eachWorkload) ? 'all' : 'none',
  };
}

function hint(name: string): string {
  const near = nearest(name, [...summaryMetrics.map((metric) => metric.name), eachWorkload]);
  return near === undefined ? '; orrery list metrics shows them' : `; did you mean "${near}"?`;
}
