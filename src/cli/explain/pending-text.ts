/** Why a pod is pending, in one paragraph. */
import { formatResource } from '../../api/quantity.ts';
import { formatClock, formatDuration } from '../../engine/time.ts';
import type { FaultRecord } from '../../record/facts.ts';
import { formatNumber } from '../../report/format.ts';
import type { ExplainedDecision, NodeResource, NodeVerdict } from '../../scheduler/explained-decision.ts';
import type { PodOfRun } from './pods-of-run.ts';

/** What the paragraph is made of. */
export interface PendingCase {
  readonly pod: PodOfRun;
  /** End of the run, microseconds. */
  readonly endsAt: number;
  readonly decision: ExplainedDecision;
  /** Faults that were on at the decision. */
  readonly faults: readonly FaultRecord[];
}

/** The paragraph, without line breaks. */
export function pendingText(given: PendingCase): string {
  const { decision } = given;
  const { outcome, nodes } = decision;
  const message = outcome.type === 'scheduled' ? '' : outcome.message;
  const why = nodes.length === 0 || outcome.type === 'error' ? [`${message}.`] : refusedText(given);
  return [sinceText(given), ...why].join(' ');
}

function sinceText({ pod, endsAt, decision: { attempt, decidedAt } }: PendingCase): string {
  const { namespace, name, createdAt, boundAt, node, deletedAt, finishedAt } = pod;
  const tried = `attempt ${attempt} at ${formatClock(decidedAt)}`;
  const span = (end: number): string => formatDuration(end - createdAt);
  if (boundAt !== undefined)
    return `${namespace}/${name} was pending for ${span(boundAt)}, until it was bound to ${node} at ${formatClock(boundAt)}. Before that, in ${tried}:`;
  const end = deletedAt ?? finishedAt;
  if (end !== undefined)
    return `${namespace}/${name} was pending for ${span(end)}, until it was gone at ${formatClock(end)}. In ${tried}:`;
  return `${namespace}/${name} has been pending for ${span(endsAt)}, from ${formatClock(createdAt)} to the end of the run. In ${tried}:`;
}

function refusedText({ decision, faults }: PendingCase): string[] {
  const { nodes, filters } = decision;
  const parts = filters
    .filter(({ refused }) => refused > 0)
    .map(
      ({ plugin, refused, reasons }) =>
        `${plugin} refuses ${formatNumber(refused)} (${[...reasons.keys()].join('; ')})`,
    );
  return [
    `none of ${formatNumber(nodes.length)} nodes can take it: ${parts.join(', ')}.`,
    ...resourceTexts(nodes),
    ...nearMissText(nodes),
    ...faults.flatMap((fault) => faultText(fault, nodes)),
  ];
}

/** What the pod asks for and nodes do not have free. */
function resourceTexts(nodes: readonly NodeVerdict[]): string[] {
  const names = nodes[0]?.resources.map(({ name }) => name) ?? [];
  const free = ({ allocatable, requested }: NodeResource): number => allocatable - requested;
  return names.flatMap((name) => {
    const rows = nodes
      .map(({ node, resources }) => ({ node, ...resources.find((entry) => entry.name === name)! }))
      .filter((row) => free(row) < row.asked);
    const [first] = rows;
    if (first === undefined) return [];
    const best = rows.reduce((most, row) => (free(row) > free(most) ? row : most));
    const largest = rows.reduce((most, row) => Math.max(most, row.allocatable), 0);
    const shown = (amount: number): string => formatResource(name, amount);
    const who = rows.length === nodes.length ? 'no node has' : `${formatNumber(rows.length)} nodes do not have`;
    const most = `the most is ${shown(free(best))}, on ${best.node}`;
    const never =
      largest < first.asked ? `; the largest has ${shown(largest)} in all, so that it can never take it` : '';
    return [`It asks for ${shown(first.asked)} ${name}, which ${who} free (${most}${never}).`];
  });
}

/** Nodes that only one filter keeps from being feasible. */
function nearMissText(nodes: readonly NodeVerdict[]): string[] {
  const byPlugin = new Map<string, string[]>();
  for (const { node, refusals } of nodes) {
    const plugins = new Set(refusals.map(({ plugin }) => plugin));
    const [only] = plugins;
    if (plugins.size !== 1 || only === undefined) continue;
    byPlugin.set(only, [...(byPlugin.get(only) ?? []), node]);
  }
  if (byPlugin.size === 0) return ['Every node is refused by more than one filter.'];
  // Then it was said already.
  if (byPlugin.size === 1 && [...byPlugin.values()][0]!.length === nodes.length) return [];
  const parts = [...byPlugin]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(
      ([plugin, names]) =>
        `${formatNumber(names.length)} by ${plugin} alone (${names[0]}${names.length > 1 ? ', ...' : ''})`,
    );
  return [`Refused by one filter only: ${parts.join(', ')}.`];
}

function faultText({ kind, target, startsAt, nodes }: FaultRecord, verdicts: readonly NodeVerdict[]): string[] {
  const hit = nodes.filter((name) => verdicts.find(({ node }) => node === name)?.refusal !== undefined);
  if (hit.length === 0) return [];
  const which = hit.length === 1 ? hit[0]! : `${formatNumber(hit.length)} of these nodes`;
  return [`The fault ${kind} ${target} has hit ${which} since ${formatClock(startsAt)}.`];
}
