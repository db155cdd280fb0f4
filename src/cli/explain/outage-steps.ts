/** What happened in one span below the wish, step by step: causes, pods that ended, pods that came. */
import type { CauseOfRun } from './causes-of-run.ts';
import { chainTo } from './causes-of-run.ts';
import type { ChainLine } from './chain-text.ts';
import { chainLine, ruleText } from './chain-text.ts';
import type { OutageOfRun, WorkloadPod } from './outages-of-run.ts';
import type { RestartOfRun } from './restarts-of-run.ts';

/** What the steps are made of. */
export interface OutageCase {
  readonly outage: OutageOfRun;
  readonly causes: readonly CauseOfRun[];
  /** Of the workload. */
  readonly pods: readonly WorkloadPod[];
  readonly restarts: readonly RestartOfRun[];
  /** End of the run, microseconds. */
  readonly endsAt: number;
  /** The controller that makes the pods. */
  readonly maker: string;
}

/** The facts behind a span, in order of time: what began it, and why pods of the workload ended in it. */
export function causesOfOutage({ outage, causes, pods, endsAt }: OutageCase): readonly CauseOfRun[] {
  const { from, to = endsAt, cause } = outage;
  const uids = new Set(pods.map(({ uid }) => uid));
  const ids = new Set(chainTo(causes, cause).map(({ id }) => id));
  for (const { id, at, event, uid } of causes) {
    if (event !== 'pod_end' || at < from || at > to || !uids.has(uid)) continue;
    for (const link of chainTo(causes, id)) ids.add(link.id);
  }
  return [...ids].sort((a, b) => a - b).map((id) => causes[id]!);
}

/** The steps as lines: pods that went or came in a row are one line. */
export function outageSteps(given: OutageCase): readonly ChainLine[] {
  const told = endGroups(causesOfOutage(given)).map(groupLine);
  return [...told, ...restartLines(given), ...comingLines(given)].sort((a, b) => a.at - b.at);
}

/** Ends of pods by one actor and rule together. */
function endGroups(causes: readonly CauseOfRun[]): readonly (readonly CauseOfRun[])[] {
  const groups = new Map<string, CauseOfRun[]>();
  for (const cause of causes) {
    const { event, who, rule, reason, id } = cause;
    const isGrouped =
      event === 'pod_end' || event === 'machine' || event === 'node_condition' || event === 'node_taint';
    const key = isGrouped ? [event, event === 'machine' ? '' : who, rule, reason, cause.what].join('\0') : String(id);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cause]);
    else group.push(cause);
  }
  return [...groups.values()];
}

function groupLine(group: readonly CauseOfRun[]): ChainLine {
  const [first] = group;
  const line = chainLine(first!);
  if (group.length === 1) return line;
  const { kind, event, what, rule, who } = first!;
  const more = group.length - 1;
  const things = `${kind === 'Pod' ? 'pod' : 'node'}${more === 1 ? '' : 's'}`;
  const by = event === 'machine' ? `${group.length} machines` : who;
  return { at: line.at, who: by, what: `${first!.subject} and ${more} more ${things}: ${what}${ruleText(rule)}` };
}

/** Containers that were killed by a probe or started again within the span, what says the same in one line. */
function restartLines({ outage: { from, to }, restarts, endsAt }: OutageCase): ChainLine[] {
  const within = restarts.filter(({ at }) => at >= from && at <= (to ?? endsAt));
  const groups = new Map<string, number[]>();
  for (const { at, killedFor } of within) {
    const times = groups.get(killedFor);
    if (times === undefined) groups.set(killedFor, [at]);
    else times.push(at);
  }
  return [...groups].flatMap(([killedFor, times]) =>
    stepLine(times, 'kubelet', killedFor === '' ? 'started again' : `killed (${killedFor})`, 'container'),
  );
}

/** Replacements: those that were created within the span, or became ready within it for the first time. */
function comingLines({ outage, pods, endsAt, maker }: OutageCase): ChainLine[] {
  const { from, to = endsAt, restoredBy } = outage;
  const isWithin = (time: number | undefined): time is number => time !== undefined && time >= from && time <= to;
  const created = pods.map(({ createdAt }) => createdAt).filter(isWithin);
  const bound = pods.map(({ boundAt }) => boundAt).filter(isWithin);
  const ready = pods.map(({ readyAt }) => readyAt).filter(isWithin);
  const lines = [
    ...stepLine(created, maker, 'created'),
    ...stepLine(bound, 'kube-scheduler', 'bound to a node'),
    ...stepLine(ready, 'kubelet', 'ready'),
  ];
  const last = pods.find(({ name }) => name === restoredBy);
  if (outage.to === undefined || last === undefined || isWithin(last.readyAt)) return lines;
  return [...lines, { at: outage.to, who: `kubelet ${last.node}`, what: `pod ${last.name} is ready again` }];
}

function stepLine(times: readonly number[], who: string, what: string, thing = 'pod'): ChainLine[] {
  if (times.length === 0) return [];
  const last = times.reduce((most, time) => Math.max(most, time), 0);
  const things = times.length === 1 ? `1 ${thing}` : `the last of ${times.length} ${thing}s`;
  return [{ at: last, who, what: `${things} ${what}` }];
}
