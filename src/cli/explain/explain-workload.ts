/** `orrery explain workload`: when and why it was below its wish, from the tables of the run alone. */
import { formatSeconds } from '../../engine/time.ts';
import { counted, formatClock, formatDuration, formatNumber, formatPercent } from '../../report/format.ts';
import type { ExplainWorkloadArguments } from '../arguments.ts';
import type { CliIo } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { wrapText } from '../wrap-text.ts';
import type { CauseOfRun } from './causes-of-run.ts';
import { causesOfRun, chainTo } from './causes-of-run.ts';
import { chainLines } from './chain-text.ts';
import { tellAnswer } from './explain-answer.ts';
import { causeJson } from './killed-answer.ts';
import { causesOfOutage, outageSteps } from './outage-steps.ts';
import type { OutageCase } from './outage-steps.ts';
import type { OutageOfRun, WorkloadOfRun } from './outages-of-run.ts';
import { findWorkload, outagesOf, podsOf } from './outages-of-run.ts';
import { readRun } from './read-run.ts';
import { restartsOf } from './restarts-of-run.ts';
import { clockText } from './timeline-text.ts';

const WIDTH = 80;
const SPANS_FIRST = 15;
const SPANS_LAST = 5;

/** Explains one workload of a finished run. */
export async function explainWorkload(args: ExplainWorkloadArguments, io: CliIo): Promise<ExitCode> {
  const finished = readRun(args.run, io);
  const workload = findWorkload(finished, args.workload, args.namespace, args.kind);
  const causes = causesOfRun(finished);
  const pods = podsOf(finished, workload);
  const restarts = restartsOf(finished, workload, pods);
  const endsAt = finished.manifest.endsAtUs;
  const maker = `${workload.kind === 'Deployment' ? 'replicaset' : workload.kind.toLowerCase()}-controller`;
  const cases = outagesOf(finished, workload).map((outage): OutageCase => ({
    outage,
    causes,
    pods,
    restarts,
    endsAt,
    maker,
  }));
  const lines = [...headLines(workload), ...spanLines(cases), ...longestLines(cases)];
  tellAnswer(
    { lines, data: { workload: workloadJson(workload), outages: cases.map(caseJson) } },
    finished,
    args.output,
    io,
  );
  return exitCodes.ok;
}

function workloadJson({ unavailableUs, noneReadyUs, belowBudgetUs, ...rest }: WorkloadOfRun): Record<string, unknown> {
  return {
    ...rest,
    unavailable_s: formatSeconds(unavailableUs),
    none_ready_s: formatSeconds(noneReadyUs),
    ...(belowBudgetUs !== undefined && { below_budget_s: formatSeconds(belowBudgetUs) }),
  };
}

function headLines({ namespace, name, kind, desired, availability, ...rest }: WorkloadOfRun): string[] {
  const { unavailableUs, noneReadyUs, belowBudgetUs, restarts } = rest;
  const parts = [
    `${kind.toLowerCase()} ${namespace}/${name}`,
    `wishes ${formatNumber(desired)}`,
    ...(availability === undefined ? [] : [`available ${formatPercent(availability)}`]),
    `below its wish for ${formatDuration(unavailableUs)}`,
    ...(noneReadyUs > 0 ? [`without any ready pod for ${formatDuration(noneReadyUs)}`] : []),
    ...(belowBudgetUs === undefined ? [] : [`below its disruption budget for ${formatDuration(belowBudgetUs)}`]),
    ...(restarts > 0 ? [counted(restarts, 'restart')] : []),
  ];
  return wrapText(parts.map((part) => part.replaceAll(' ', '\u00a0')).join(' · '), WIDTH, '  ');
}

const lengthOf = ({ outage: { from, to }, endsAt }: OutageCase): number => (to ?? endsAt) - from;

function spanLines(cases: readonly OutageCase[]): string[] {
  if (cases.length === 0) return ['', '  It always had all the pods that it wishes.'];
  const hidden = cases.length > SPANS_FIRST + SPANS_LAST + 1 ? cases.length - SPANS_FIRST - SPANS_LAST : 0;
  const clock = Math.max(4, ...cases.map(({ outage }) => clockText(outage.from).length));
  const lines = cases.flatMap((each, index) => {
    if (hidden > 0 && index >= SPANS_FIRST && index < SPANS_FIRST + hidden)
      return index === SPANS_FIRST ? [`  … ${hidden} more, all with -o json`] : [];
    const { from, to, leastReady, desired } = each.outage;
    const lasted = `${formatDuration(lengthOf(each))}${to === undefined ? '+' : ''}`;
    const head = `  ${clockText(from).padEnd(clock)}  ${lasted.padStart(8)}  ${`${leastReady}/${desired}`.padStart(7)}  `;
    return wrapText(whyText(each), WIDTH - head.length, '').map(
      (text, at) => (at === 0 ? head : ' '.repeat(head.length)) + text,
    );
  });
  return ['', `  ${'from'.padEnd(clock)}  ${'lasted'.padStart(8)}  ${'ready'.padStart(7)}  why`, ...lines];
}

/** The first cause, who was lost, and what brought it back. */
function whyText({ outage, causes }: OutageCase): string {
  return [beginText(outage, causes), lostText(outage), endText(outage)].filter((text) => text !== '').join('; ');
}

function beginText({ isStart, cause }: OutageOfRun, causes: readonly CauseOfRun[]): string {
  const chain = chainTo(causes, cause);
  const [first] = chain;
  if (first === undefined) return isStart ? 'starting' : 'unknown';
  const { event, what, kind, subject, who } = first;
  if (event === 'fault') return `fault ${what}`;
  if (event === 'pod_end') return `${who}: ${what} (${first.reason})`;
  if (event === 'not_ready') return what;
  return `${who}: ${kind} ${subject} ${what}`;
}

function lostText({ lostPods, firstLost }: OutageOfRun): string {
  if (lostPods === 0) return '';
  const more = lostPods - firstLost.length;
  return `lost ${firstLost.join(', ')}${more > 0 ? ` and ${formatNumber(more)} more` : ''}`;
}

function endText({ to, restoredBy }: OutageOfRun): string {
  if (to === undefined) return 'not over when the run ended';
  return restoredBy === '' ? 'over since fewer were wished' : `over with ${restoredBy} ready`;
}

function longestLines(cases: readonly OutageCase[]): string[] {
  const known = cases.filter(({ outage }) => !outage.isStart);
  if (known.length === 0) return [];
  const longest = known.reduce((most, each) => (lengthOf(each) > lengthOf(most) ? each : most));
  const steps = outageSteps(longest);
  if (steps.length < 2) return [];
  const which = known.length === 1 ? 'Step by step' : `The longest, from ${formatClock(longest.outage.from)} on`;
  return ['', `${which}:`, ...chainLines(steps)];
}

function caseJson(given: OutageCase): Record<string, unknown> {
  const { from, to, cause, ...rest } = given.outage;
  return {
    from_t_s: formatSeconds(from),
    to_t_s: to === undefined ? null : formatSeconds(to),
    ...rest,
    why: whyText(given),
    ...(cause >= 0 && { cause_id: cause }),
    causes: causesOfOutage(given).map(causeJson),
    steps: outageSteps(given).map(({ at, who, what }) => ({ t_s: formatSeconds(at), who, what })),
  };
}
