/** Executes a finished run again, from the copies of its inputs, until what was asked for has been seen. */
import { DecisionExplainer } from '../../scheduler/explain-decision.ts';
import type { ExplainedDecision } from '../../scheduler/explained-decision.ts';
import type { Facts } from '../../record/facts.ts';
import { formatClock } from '../../engine/time.ts';
import type { Simulation } from '../../simulation.ts';
import { CliError } from '../cli-error.ts';
import { breathe } from '../cli-io.ts';
import type { CliIo } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { PreparedRun } from '../prepare.ts';
import { startProgress } from '../progress.ts';
import { newSimulation } from '../simulate-in-time.ts';
import type { AttemptOfRun, PodOfRun } from './pods-of-run.ts';
import type { FinishedRun } from './read-run.ts';

const SLICE_EVENTS = 4096;
const SLICES_PER_BREATH = 16;

/** How a run is executed again. */
export interface ReplayOptions {
  readonly io: CliIo;
  readonly isQuiet: boolean;
  /** Virtual time by which it is over at the latest, microseconds; for the progress too. */
  readonly until: number;
  readonly observers?: readonly Partial<Facts>[];
  /** Called before time begins. */
  readonly begin: (simulation: Simulation) => void;
  /** Asked after every slice: whether everything was seen. */
  readonly isOver: (simulation: Simulation) => boolean;
}

/**
 * Executes the run again.
 *
 * @throws CliError when a signal comes in between, and where it takes another course than the first time.
 */
export async function replay(finished: FinishedRun, run: PreparedRun, options: ReplayOptions): Promise<Simulation> {
  const { io, until, observers = [], isQuiet } = options;
  const simulation = newSimulation(run, { check: 'off', metrics: [], observers });
  options.begin(simulation);
  const progress = await startProgress(io, run.scenario.name, until, isQuiet);
  try {
    for (let slice = 1; ; slice++) {
      const { reason } = simulation.advance(SLICE_EVENTS);
      if (reason !== 'paused' || options.isOver(simulation) || simulation.engine.now > until) break;
      if (slice % SLICES_PER_BREATH !== 0) continue;
      progress.update(simulation.engine.now, simulation.engine.eventCount);
      await breathe();
      if (io.interruption.signal !== undefined) throw stopped(io.interruption.signal);
    }
  } finally {
    progress.stop();
  }
  checkCourse(finished, simulation);
  return simulation;
}

/** What a signal in between comes to. */
export function stopped(signal: 'SIGINT' | 'SIGTERM'): CliError {
  const exitCode = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
  return new CliError(`orrery: stopped by ${signal}; nothing was explained`, exitCode);
}

/** The trace of the run so far must be the one of the first time. */
function checkCourse({ name, manifest }: FinishedRun, { engine }: Simulation): void {
  const { checkpoints } = engine.trace;
  const at = checkpoints.findIndex((digest, index) => digest !== manifest.checkpoints[index]);
  if (at >= 0) throw otherCourse(name, `its fingerprint at checkpoint ${at + 1} differs`, manifest.command);
}

/** Executed again, the run does something else. */
export function otherCourse(name: string, what: string, command: string): CliError {
  return new CliError(
    `orrery: executed again, the run ${name} takes another course (${what}): it was made by another build of orrery.\n` +
      `Run it again: ${command}`,
    exitCodes.nonDeterminism,
  );
}

/** The decision to explain. */
export interface WantedDecision {
  readonly pod: PodOfRun;
  readonly attempts: readonly AttemptOfRun[];
  readonly chosen: AttemptOfRun;
  /** A later decision than the chosen one is taken too if it comes by this time, microseconds. */
  readonly at: number | undefined;
}

/** Executes the run again up to a decision and explains it. */
export async function replayDecision(
  finished: FinishedRun,
  run: PreparedRun,
  { pod, attempts, chosen, at }: WantedDecision,
  options: Pick<ReplayOptions, 'io' | 'isQuiet' | 'observers'> & { readonly onDecision: () => void },
): Promise<ExplainedDecision> {
  const explainer = new DecisionExplainer(({ info }, now) => {
    if (info.podInfo.pod.metadata.uid !== pod.uid) return false;
    const isWanted = at === undefined ? info.attempts === chosen.attempt : info.attempts >= chosen.attempt && now <= at;
    if (isWanted) options.onDecision();
    return isWanted;
  });
  await replay(finished, run, {
    ...options,
    until: at ?? chosen.at,
    begin: ({ scheduler }) => scheduler.observe(explainer),
    isOver: () => at === undefined && explainer.explained !== undefined,
  });
  const { explained } = explainer;
  if (explained !== undefined) return checked(finished, explained, attempts);
  if (at === undefined)
    throw otherCourse(finished.name, `attempt ${chosen.attempt} is not made`, finished.manifest.command);
  throw new CliError(
    `orrery: no decision for pod ${pod.namespace}/${pod.name} was taken by ${formatClock(at)}; ` +
      `the outcome of the first was known at ${formatClock(chosen.at)}`,
  );
}

/** What was decided again must be what the table of the run says. */
function checked(
  { name, manifest }: FinishedRun,
  explained: ExplainedDecision,
  attempts: readonly AttemptOfRun[],
): ExplainedDecision {
  const { outcome, attempt, evaluatedNodes, feasibleNodes } = explained;
  const row = attempts.find((entry) => entry.attempt === attempt);
  // The run may have ended between a decision and its outcome.
  if (row === undefined) return explained;
  const isSame =
    row.evaluatedNodes === evaluatedNodes &&
    row.feasibleNodes === feasibleNodes &&
    (outcome.type !== 'scheduled' || row.result !== 'scheduled' || isSameChoice(outcome, row));
  if (isSame) return explained;
  throw otherCourse(name, `attempt ${attempt} does not end as scheduling_attempts.csv says`, manifest.command);
}

function isSameChoice(
  { node, score, ties }: Extract<ExplainedDecision['outcome'], { readonly type: 'scheduled' }>,
  row: AttemptOfRun,
): boolean {
  return row.node === node && row.score === String(score) && row.ties === String(ties);
}
