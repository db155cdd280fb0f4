/** What preemption would do, compared with a recording; nothing is evicted. */
import type { Pod } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import type { CycleState } from '../scheduler/framework/cycle-state.ts';
import type { NodeStatuses } from '../scheduler/framework/node-statuses.ts';
import type { PostFilterResult } from '../scheduler/framework/interface.ts';
import type { Framework } from '../scheduler/framework/runtime.ts';
import type { DefaultPreemptionArgs } from '../scheduler/plugins/default-preemption-args.ts';
import { findCandidates } from '../scheduler/plugins/find-candidates.ts';
import type { CandidateSearch } from '../scheduler/plugins/find-candidates.ts';
import { bestCandidates } from '../scheduler/plugins/pick-candidate.ts';
import { refuseToPreempt } from '../scheduler/plugins/preemption-eligibility.ts';
import type { RecordedDecision, RecordedPreemption } from './scheduler-recordings.ts';
import { recordedText, statusText } from './status-texts.ts';
import { compareText } from '../util/compare-text.ts';

/** Takes note of one comparison. */
export type Check = (what: string, where: string, found: unknown, expected: unknown) => void;

/** A pod that fitted nowhere, and what was found out about the nodes. */
export interface FailedCycle {
  readonly framework: Framework;
  readonly pod: Pod;
  readonly state: CycleState;
  readonly statuses: NodeStatuses;
}

/** Compares the outcome of PostFilter, and what DefaultPreemption would choose from. */
export function comparePreemption(
  cycle: FailedCycle,
  result: PostFilterResult | undefined,
  expected: RecordedDecision,
  check: Check,
): void {
  const { pod, preemption, postFilter } = expected;
  const isDone = result?.status?.code === 0;
  check('post filters', pod, isDone ? 'ok' : statusText(result?.status), recordedText(postFilter));
  if (preemption === undefined) return;
  check('preemptions', pod, whatWouldBeDone(cycle), recordedPreemption(preemption));
  const chosen = isDone ? result.nominatedNodeName : undefined;
  const isAllowed = chosen === undefined ? preemption.chosen === undefined : preemption.chosen?.includes(chosen);
  check('preemption nodes', pod, isAllowed, true);
}

function whatWouldBeDone({ framework, pod, state, statuses }: FailedCycle): string {
  const node = framework.snapshot.get(pod.status.nominatedNodeName);
  const refusal = refuseToPreempt(pod, node, node === undefined ? undefined : statuses.get(node));
  if (refusal !== undefined) return `not eligible: ${refusal.message}`;
  const args = framework.profile.args.get('DefaultPreemption') as DefaultPreemptionArgs;
  const search = findCandidates(framework, state, pod, statuses, args, () => 0);
  return [...candidateTexts(search, framework.now / SECOND), ...refusedTexts(search, framework)].join('\n');
}

function candidateTexts({ candidates }: CandidateSearch, nowSeconds: number): readonly string[] {
  const best = new Set(bestCandidates(candidates, nowSeconds));
  const texts = candidates.map((candidate) => {
    const { node, victims, violations } = candidate;
    const names = victims.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join();
    return `${node.name}: ${names}, ${violations} violations${best.has(candidate) ? ', chosen' : ''}`;
  });
  return sorted(texts);
}

function refusedTexts({ statuses }: CandidateSearch, { snapshot }: Framework): readonly string[] {
  const texts: string[] = [];
  for (const node of snapshot.nodes) {
    const status = statuses.own(node);
    if (status !== undefined) texts.push(`${node.name}: ${statusText(status)}`);
  }
  return sorted(texts);
}

function recordedPreemption({ notEligible, candidates = [], rejected = [], chosen = [] }: RecordedPreemption): string {
  if (notEligible !== undefined) return `not eligible: ${notEligible}`;
  const found = candidates.map(({ node, victims, numPDBViolations }) => {
    const suffix = chosen.includes(node) ? ', chosen' : '';
    return `${node}: ${victims.join()}, ${numPDBViolations ?? 0} violations${suffix}`;
  });
  const refused = rejected.flatMap((group) => group.nodes.map((node) => `${node}: ${recordedText(group)}`));
  return [...sorted(found), ...sorted(refused)].join('\n');
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...texts].sort(compareText);
}

/** The message of a failed attempt as it was recorded; with victims it depends on the node that was chosen. */
export function recordedMessage({ message, messages }: RecordedDecision, chosen: string | undefined): string {
  return messages?.[chosen ?? ''] ?? message ?? '';
}
