/** `orrery explain pod`: answers from a finished run, by executing it again as far as needed. */
import { parseDuration, formatSeconds } from '../../engine/time.ts';
import type { FaultRecord, Facts } from '../../record/facts.ts';
import type { ExplainPodArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { PreparedRun } from '../prepare.ts';
import { prepareAgain } from '../read-result.ts';
import { wrapText } from '../wrap-text.ts';
import { causesOfRun } from './causes-of-run.ts';
import { decisionJson } from './decision-json.ts';
import { decisionLines } from './decision-text.ts';
import { tellAnswer } from './explain-answer.ts';
import type { Answer } from './explain-answer.ts';
import { isReplayInOrder, offerAnswer } from './explain-offer.ts';
import { killedAnswer } from './killed-answer.ts';
import { absenceText } from './leader-outages.ts';
import { nodeLines, verdictOf, whyNot } from './node-text.ts';
import { pendingText } from './pending-text.ts';
import { PodTimeline } from './pod-timeline.ts';
import type { TimelineRow } from './pod-timeline.ts';
import { attemptsFor, chooseAttempt, findPod } from './pods-of-run.ts';
import type { PodOfRun } from './pods-of-run.ts';
import { readRun } from './read-run.ts';
import type { FinishedRun } from './read-run.ts';
import { replay, replayDecision } from './replay.ts';
import { timelineLines } from './timeline-text.ts';

const WIDTH = 80;

/** Explains one pod of a finished run. */
export async function explainPod(args: ExplainPodArguments, io: CliIo): Promise<ExitCode> {
  const at = args.at === undefined ? undefined : timeOf(args.at);
  const finished = readRun(args.run, io);
  if (isReplayInOrder(finished)) {
    tellAnswer(await offerAnswer(finished, args, io), finished, args.output, io);
    return exitCodes.ok;
  }
  const pod = findPod(finished, args.pod, args.namespace, at);
  const isDecisionWanted = args.decision || args.at !== undefined || args.attempt !== undefined;
  const isAboutDecision = isDecisionWanted || args.node !== undefined || args['why-pending'];
  const work = { args, io, finished, pod, at };
  const answer = args['why-killed']
    ? killed(work)
    : isAboutDecision
      ? await decisionAnswer(work)
      : await timelineAnswer(work);
  tellAnswer(answer, finished, args.output, io);
  return exitCodes.ok;
}

interface Work {
  readonly args: ExplainPodArguments;
  readonly io: CliIo;
  readonly finished: FinishedRun;
  readonly pod: PodOfRun;
  readonly at: number | undefined;
}

function prepared({ finished, args, io }: Work): Promise<PreparedRun> {
  return prepareAgain(finished, { cwd: io.cwd, allowPlugins: args['allow-plugins'] });
}

function killed({ finished, pod }: Work): Answer {
  const { lines, data } = killedAnswer(finished, pod);
  return { lines, data: { ...podJson(pod), ...data } };
}

async function timelineAnswer(work: Work): Promise<Answer> {
  const { finished, pod, io, args } = work;
  const run = await prepared(work);
  let now = (): number => 0;
  const timeline = new PodTimeline(pod.uid, () => now());
  await replay(finished, run, {
    ...{ io, isQuiet: args.quiet, observers: [timeline] },
    until: pod.deletedAt ?? finished.manifest.endsAtUs,
    begin: ({ engine, scheduler }) => {
      now = () => engine.now;
      scheduler.observe(timeline);
    },
    isOver: () => timeline.isOver,
  });
  const rows = timeline.rows();
  return { lines: timelineLines(pod, rows), data: { ...podJson(pod), timeline: rowsJson(rows) } };
}

async function decisionAnswer(work: Work): Promise<Answer> {
  const { finished, pod, io, args, at } = work;
  const attempts = attemptsFor(finished, pod);
  const attempt = args.attempt === undefined ? undefined : attemptNumber(args.attempt);
  const isFailureWanted = args['why-pending'];
  const chosen = chooseAttempt(pod, attempts, { attempt, at, isFailureWanted, absence: absenceOf(work) });
  const faults = new ActiveFaults();
  const decision = await replayDecision(
    finished,
    await prepared(work),
    { pod, attempts, chosen, at: args['why-pending'] ? undefined : at },
    { io, isQuiet: args.quiet, observers: [faults], onDecision: () => faults.keep() },
  );
  const data = { ...podJson(pod), decision: decisionJson(decision) };
  if (args.node !== undefined) {
    const why = whyNot(decision, verdictOf(decision, args.node));
    return { lines: nodeLines(decision, args.node), data: { ...data, node: args.node, why } };
  }
  if (!args['why-pending']) return { lines: decisionLines(decision), data };
  const text = pendingText({ pod, endsAt: finished.manifest.endsAtUs, decision, faults: faults.kept });
  return { lines: wrapText(text, WIDTH, ''), data: { ...data, why: text } };
}

/** Whether there was no scheduler while the pod waited for a node. */
function absenceOf({ finished, pod }: Work): string {
  const end = pod.boundAt ?? pod.deletedAt ?? finished.manifest.endsAtUs;
  return absenceText(causesOfRun(finished), 'kube-scheduler', pod.createdAt, end);
}

/** The faults that are on. */
class ActiveFaults implements Partial<Facts> {
  /** As of the last call of `keep`. */
  kept: readonly FaultRecord[] = [];
  private readonly active = new Map<number, FaultRecord>();

  faultStarted(fault: FaultRecord): void {
    this.active.set(fault.id, fault);
  }

  faultEnded({ id }: FaultRecord): void {
    this.active.delete(id);
  }

  keep(): void {
    this.kept = [...this.active.values()];
  }
}

function podJson({ namespace, name, uid, workload, node, phase, reason }: PodOfRun): Record<string, unknown> {
  return { pod: { namespace, name, uid, workload, node, phase, reason } };
}

function rowsJson(rows: readonly TimelineRow[]): unknown {
  return rows.map(({ at, who, what, count, lastAt }, index) => ({
    t_s: formatSeconds(at),
    delta_s: formatSeconds(index === 0 ? 0 : at - rows[index - 1]!.lastAt),
    ...{ who, what },
    ...(count > 1 && { count, last_t_s: formatSeconds(lastAt) }),
  }));
}

const MILLISECOND_END = 999;

/** `12m30s`, or a clock as it is printed: `00:12:30.250`, which means the whole of that millisecond. Microseconds. */
function timeOf(text: string): number {
  const clock = /^(\d+):([0-5]\d):([0-5]\d)(?:\.(\d{3}|\d{6}))?$/.exec(text);
  const us = clock === null ? parseDuration(text) : clockTime(clock);
  if (us !== undefined) return us;
  throw new CliError(`orrery: --at "${text}" is no time: write 12m30s, or 00:12:30.250 as the timeline prints it`);
}

function clockTime([, hours, minutes, seconds, fraction = '']: readonly string[]): number {
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const rest = fraction.length === 3 ? Number(fraction) * 1000 + MILLISECOND_END : Number(fraction);
  return whole * 1_000_000 + rest;
}

function attemptNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CliError(`orrery: --attempt "${text}" is not a whole number from 1`);
}
