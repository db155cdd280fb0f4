import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';

/** A part of the cells of a sweep, for one of several machines. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** Where it was read from: `--shard`, or the variables of a scheduler of jobs. */
  readonly source: string;
}

const countMax = 100_000;

/**
 * The shard that this process runs: `--shard 2/8`, `--shard /8` with the index from an Indexed Job of Kubernetes
 * (JOB_COMPLETION_INDEX), or nothing at all within a Slurm array (SLURM_ARRAY_TASK_ID, _COUNT, _MIN, _STEP). Undefined = all
 * cells.
 *
 * @throws CliError when the text is none, or half of what is needed is there.
 */
export function shardOf(text: string | undefined, env: CliIo['env']): Shard | undefined {
  if (text === undefined) return slurmShard(env) ?? jobWithoutCount(env);
  const [, given, count] = /^(\d{0,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (count === undefined) throw new CliError(`orrery: --shard "${text}" is none; write 2/8 for the second of eight`);
  if (given !== '') return checked(Number(given) - 1, Number(count), '--shard');
  const index = env['JOB_COMPLETION_INDEX'];
  if (index === undefined || !/^\d{1,6}$/.test(index))
    throw new CliError(`orrery: --shard ${text} takes the index from JOB_COMPLETION_INDEX, which is not set`);
  return checked(Number(index), Number(count), 'JOB_COMPLETION_INDEX');
}

function checked(index: number, count: number, source: string): Shard {
  if (count < 1 || count > countMax || index < 0 || index >= count)
    throw new CliError(`orrery: there is no shard ${index + 1} of ${count} (${source}); shards count from 1`);
  return { index, count, source };
}

function slurmShard(env: CliIo['env']): Shard | undefined {
  const [id, count] = [numberIn(env, 'SLURM_ARRAY_TASK_ID'), numberIn(env, 'SLURM_ARRAY_TASK_COUNT')];
  if (id === undefined) return undefined;
  if (count === undefined)
    throw new CliError('orrery: SLURM_ARRAY_TASK_ID is set and SLURM_ARRAY_TASK_COUNT is not; say --shard I/N');
  const step = numberIn(env, 'SLURM_ARRAY_TASK_STEP') ?? 1;
  const min = numberIn(env, 'SLURM_ARRAY_TASK_MIN') ?? 0;
  const index = (id - min) / Math.max(1, step);
  if (!Number.isInteger(index))
    throw new CliError('orrery: the tasks of the Slurm array are not evenly numbered; say --shard I/N');
  return checked(index, count, 'SLURM_ARRAY_TASK_ID');
}

function jobWithoutCount(env: CliIo['env']): undefined {
  if (env['JOB_COMPLETION_INDEX'] === undefined) return undefined;
  throw new CliError('orrery: JOB_COMPLETION_INDEX is set: say into how many shards the cells are divided, --shard /N');
}

function numberIn(env: CliIo['env'], name: string): number | undefined {
  const text = env[name];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The cells of a shard: every `count`-th of those with different keys, so that neighbours, which cost alike, are spread. */
export function cellsOfShard<T extends { readonly key: string }>(
  cells: readonly T[],
  shard: Shard | undefined,
): readonly T[] {
  if (shard === undefined) return cells;
  const unique = [...new Map(cells.map((cell) => [cell.key, cell])).values()];
  return unique.filter((_, at) => at % shard.count === shard.index);
}
