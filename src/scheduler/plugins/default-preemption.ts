import type { Pod } from '../../api/core-v1.ts';
import { SECOND } from '../../engine/time.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint } from '../framework/cluster-event.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import { fitErrorMessage } from '../framework/fit-error.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin, PostFilterResult } from '../framework/interface.ts';
import type { NodeStatuses } from '../framework/node-statuses.ts';
import { Code, Status, unresolvable } from '../framework/status.ts';
import { defaultPreemptionArgs, readPreemptionArgs, validatePreemptionArgs } from './default-preemption-args.ts';
import type { DefaultPreemptionArgs } from './default-preemption-args.ts';
import { findCandidates } from './find-candidates.ts';
import type { CandidateSearch } from './find-candidates.ts';
import { bestCandidates } from './pick-candidate.ts';
import { refuseToPreempt } from './preemption-eligibility.ts';
import { PreemptionExecutor } from './preemption-executor.ts';
import type { Candidate } from './select-victims.ts';

const isBusy = Object.freeze(unresolvable('waiting for the preemption for this pod to be finished'));
const noPlugins: ReadonlySet<string> = new Set();

/**
 * Makes room for a pod by removing pods of lower priority (`pl/defaultpreemption/default_preemption.go`,
 * `ps/framework/preemption/preemption.go`). The decision is taken within the cycle, the victims are deleted beside it.
 */
class DefaultPreemption implements Plugin {
  readonly name = 'DefaultPreemption';
  private readonly args: DefaultPreemptionArgs;
  private readonly handle: Handle;
  private readonly executor: PreemptionExecutor;

  constructor(args: DefaultPreemptionArgs, handle: Handle) {
    this.args = args;
    this.handle = handle;
    this.executor = new PreemptionExecutor(handle);
  }

  /** A preemptor is not tried again before its victims have been told to go. */
  preEnqueue({ metadata }: Pod): Status | undefined {
    return this.executor.isUnderWay(metadata.uid) ? isBusy : undefined;
  }

  /** No event of its own makes a pod schedulable; this one makes the queue ask `preEnqueue` again. */
  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [onClusterEvent('AssignedPod', ActionType.delete, () => 'Skip')];
  }

  postFilter(state: CycleState, pod: Pod, statuses: NodeStatuses): PostFilterResult {
    const { result, chosen, candidates } = this.preempt(state, pod, statuses);
    const { victims, violations } = chosen ?? nobody;
    const nodeName = chosen?.node.name ?? '';
    this.handle.preemptionAttempt({ preemptor: pod, nodeName, candidates, victims, violations });
    if (chosen !== undefined) this.executor.start(pod, chosen);
    return result;
  }

  private preempt(state: CycleState, pod: Pod, statuses: NodeStatuses): Preemption {
    const { nominatedNodeName } = pod.status;
    const nominated = nominatedNodeName === '' ? undefined : this.handle.snapshot.get(nominatedNodeName);
    const refusal = refuseToPreempt(pod, nominated, nominated === undefined ? undefined : statuses.get(nominated));
    if (refusal !== undefined) return withoutVictims({ status: prefixed(refusal.code, refusal.message) });
    const search = findCandidates(this.handle, state, pod, statuses, this.args, (count) => this.draw(count));
    const candidates = search.candidates.length;
    if (candidates === 0) return withoutVictims(this.withoutCandidates(search));
    const chosen = this.choose(search.candidates);
    const { node, victims } = chosen;
    const message = `found a potential placement for pod on node ${node.name}, preempting ${victims.length} victims`;
    const result = { nominatedNodeName: node.name, status: prefixed(Code.success, message) };
    return { result, chosen, candidates };
  }

  /** An old nomination is of no use any more and goes, except after an error. */
  private withoutCandidates({ statuses, errors }: CandidateSearch): PostFilterResult {
    if (errors.length > 0)
      return { status: prefixed(Code.error, errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`) };
    const diagnosis = {
      nodeStatuses: statuses,
      unschedulablePlugins: noPlugins,
      pendingPlugins: noPlugins,
      preFilterMessage: '',
    };
    const message = fitErrorMessage(this.handle.snapshot.nodes, diagnosis, '');
    return { nominatedNodeName: '', status: prefixed(Code.unschedulable, message) };
  }

  private choose(candidates: readonly Candidate[]): Candidate {
    const best = bestCandidates(candidates, this.handle.now / SECOND);
    return best.length === 1 ? best[0]! : best[this.draw(best.length)]!;
  }

  private draw(count: number): number {
    return this.handle.random('preemption').below(count);
  }
}

/** What one PostFilter came to. */
interface Preemption {
  readonly result: PostFilterResult;
  /** Absent: nobody has to go. */
  readonly chosen: Candidate | undefined;
  readonly candidates: number;
}

const nobody = { victims: [], violations: 0 };

function withoutVictims(result: PostFilterResult): Preemption {
  return { result, chosen: undefined, candidates: 0 };
}

function prefixed(code: Code, message: string): Status {
  return new Status(code, [`preemption: ${message}`], '');
}

export const defaultPreemption = definePlugin<DefaultPreemptionArgs>({
  name: 'DefaultPreemption',
  description: 'makes room for a pod that fits nowhere by removing pods of lower priority',
  defaultArgs: defaultPreemptionArgs,
  readArgs: readPreemptionArgs,
  validateArgs: validatePreemptionArgs,
  create: (args, handle) => new DefaultPreemption(args, handle),
});
