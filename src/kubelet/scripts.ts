/** Scripts of containers, ready for use: what a scenario says beyond distributions of run times. */
import type { Distribution } from '../engine/distributions.ts';
import type { ContainerScript, ExecAnswer, SandboxScript } from './behavior.ts';
import { EntityDuration } from './draw.ts';
import { matchesGlob } from './glob.ts';

/** One run of a container. */
export interface ResolvedRun {
  /** undefined = for ever. */
  readonly exitAfter: EntityDuration | undefined;
  readonly exitCode: number;
  readonly reason: string;
  readonly startError: string;
  /** undefined = at once. */
  readonly stopAfter: EntityDuration | undefined;
  readonly stopExitCode: number;
  readonly ignoresSigterm: boolean;
}

/** The script of one container. */
export interface ResolvedScript {
  readonly createDuration: EntityDuration | undefined;
  readonly startDuration: EntityDuration | undefined;
  readonly runs: readonly ResolvedRun[];
  readonly answers: readonly ExecAnswer[];
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** The scripts of a pod's containers and sandbox. */
export interface PodScript {
  /** The script of a container by its name. */
  of(container: string): ResolvedScript | undefined;
  readonly sandboxDuration: EntityDuration | undefined;
  readonly sandboxFailures: number;
  /** Whether a ConfigMap or Secret is not there. */
  isMissing(name: string): boolean;
}

/** Makes the scripts of pods that match one and the same behaviours; undefined where none says anything. */
export function podScript(
  containers: readonly ContainerScript[],
  sandbox: SandboxScript | undefined,
  missingObjects: readonly string[],
): PodScript | undefined {
  if (containers.length === 0 && sandbox === undefined && missingObjects.length === 0) return undefined;
  const resolved = containers.map((script) => ({ name: script.name, script: resolveScript(script) }));
  return {
    of: (container) => resolved.find(({ name }) => matchesGlob(name, container))?.script,
    sandboxDuration: optional('kubelet/sandbox', sandbox?.duration),
    sandboxFailures: sandbox?.failures ?? 0,
    isMissing: (name) => missingObjects.some((pattern) => matchesGlob(pattern, name)),
  };
}

function resolveScript(script: ContainerScript): ResolvedScript {
  return {
    createDuration: optional('kubelet/create-duration', script.createDuration),
    startDuration: optional('kubelet/start-duration', script.startDuration),
    runs: script.runs.map((run) => ({
      exitAfter: optional('kubelet/run-duration', run.exitAfter),
      exitCode: run.exitCode,
      reason: run.reason,
      startError: run.startError,
      stopAfter: optional('kubelet/stop-after', run.stopAfter),
      stopExitCode: run.stopExitCode,
      ignoresSigterm: run.ignoresSigterm,
    })),
    answers: script.answers,
    memoryBytes: script.memoryBytes,
    diskBytes: script.diskBytes ?? 0,
  };
}

/** A duration that may be left out. */
export function optional(purpose: string, distribution: Distribution | undefined): EntityDuration | undefined {
  return distribution === undefined ? undefined : new EntityDuration(purpose, distribution);
}

/** The k-th run, from 0; the last one holds for all later ones. */
export function runOf(script: ResolvedScript, attempt: number): ResolvedRun | undefined {
  return script.runs[Math.min(attempt, script.runs.length - 1)];
}

/** What a command answers at an age of the container: the last entry that fits; undefined = success at once. */
export function answerOf(
  answers: readonly ExecAnswer[],
  command: string,
  ageUs: number,
  attempt: number,
): ExecAnswer | undefined {
  let found: ExecAnswer | undefined;
  for (const answer of answers) {
    if (answer.command !== command || answer.from > ageUs) continue;
    if (answer.run === undefined || answer.run === attempt) found = answer;
  }
  return found;
}

/** The first age above `ageUs` from which a command may answer otherwise; Infinity where nothing changes any more. */
export function nextAnswerChange(answers: readonly ExecAnswer[], command: string, ageUs: number): number {
  let next = Infinity;
  for (const answer of answers) {
    if (answer.command === command && answer.from > ageUs) next = Math.min(next, answer.from);
  }
  return next;
}
