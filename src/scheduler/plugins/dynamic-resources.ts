import type { Pod } from '../../api/core-v1.ts';
import { SECOND, parseDuration } from '../../engine/time.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import type { Plugin, PostFilterResult } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { NodeStatuses } from '../framework/node-statuses.ts';
import { errorStatus, skip, unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { invalidArg, readPluginArgs } from './read-args.ts';

/** Says that PreFilter of this plugin was reached; a pod without claims has nothing to remember. */
const noClaims: StateValue = {
  clone: () => noClaims,
};
const stateKey = cycleStateKey('PreFilterDynamicResources');

const claimsNotModelled = Object.freeze(
  unresolvable('resource claims are not modelled by this version of the simulator'),
);
const notReached: PostFilterResult = Object.freeze({ status: Object.freeze(errorStatus('not found')) });
const nothingToDeallocate: PostFilterResult = Object.freeze({ status: Object.freeze(unschedulable()) });

/**
 * Takes part as upstream does for pods without resource claims (`pl/dynamicresources/dynamicresources.go`): it skips, scores 0 and
 * deallocates nothing. A pod with claims is refused by name.
 */
class DynamicResources implements Plugin {
  readonly name = 'DynamicResources';
  readonly isNodeLocal = true;

  preEnqueue(): Status | undefined {
    return undefined;
  }

  preFilter(state: CycleState, { spec }: Pod): Status {
    state.write(stateKey, noClaims);
    return spec.resourceClaims.length === 0 ? skip : claimsNotModelled;
  }

  filter(): undefined {
    return undefined;
  }

  /** Where an earlier plugin has ended PreFilter, the state is missing: upstream's error, which also ends the stage. */
  postFilter(state: CycleState, _pod: Pod, _statuses: NodeStatuses): PostFilterResult {
    return state.read(stateKey) === undefined ? notReached : nothingToDeallocate;
  }

  score(_state: CycleState, _pod: Pod, _node: NodeInfo): number {
    return 0;
  }

  scoreNodes(_state: CycleState, _pod: Pod, _nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    scores.fill(0);
  }

  reserve(): undefined {
    return undefined;
  }

  unreserve(): void {
    // Nothing was reserved.
  }

  preBindPreFlight(): Status {
    return skip;
  }

  preBind(_state: CycleState, _pod: Pod, _nodeName: string, done: (status: undefined) => void): void {
    done(undefined);
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    const { add, update, updateNodeAllocatable, updateNodeLabel, updatePodGeneratedResourceClaim } = ActionType;
    return [
      onClusterEvent('Node', add | updateNodeLabel | updateNodeAllocatable),
      onClusterEvent('ResourceClaim', ActionType.all),
      onClusterEvent('TargetPod', updatePodGeneratedResourceClaim),
      onClusterEvent('DeviceClass', add | update),
      onClusterEvent('ResourceSlice', add | update),
    ];
  }
}

/** Durations as Go writes them; they matter to pods with claims only. */
interface DynamicResourcesArgs {
  readonly filterTimeout: string;
  readonly bindingTimeout: string;
}

const defaultArgs: DynamicResourcesArgs = { filterTimeout: '10s', bindingTimeout: '10m0s' };

function readArgs(given: unknown, problems: ArgsProblem[]): DynamicResourcesArgs {
  return readPluginArgs('DynamicResources', ['filterTimeout', 'bindingTimeout'], given, problems, (reader) => ({
    filterTimeout: reader.text('filterTimeout', defaultArgs.filterTimeout),
    bindingTimeout: reader.text('bindingTimeout', defaultArgs.bindingTimeout),
  }));
}

/** What upstream refuses; the unit of the bounds is a second. */
function validateArgs({ filterTimeout, bindingTimeout }: DynamicResourcesArgs): readonly ArgsProblem[] {
  return [
    ...durationProblems('filterTimeout', filterTimeout, 0, 'must be zero or positive'),
    ...durationProblems('bindingTimeout', bindingTimeout, 1, 'must be at least 1 second'),
  ];
}

function durationProblems(name: string, text: string, leastSeconds: number, detail: string): readonly ArgsProblem[] {
  const isNegative = text.startsWith('-');
  const amountUs = text === '0' ? 0 : parseDuration(isNegative ? text.slice(1) : text);
  if (amountUs === undefined) return [invalidArg([name], text, `time: invalid duration ${JSON.stringify(text)}`)];
  return (isNegative ? -amountUs : amountUs) < leastSeconds * SECOND ? [invalidArg([name], text, detail)] : [];
}

export const dynamicResources = definePlugin<DynamicResourcesArgs>({
  name: 'DynamicResources',
  description: 'stands in its place for pods without resource claims; pods with claims are refused by name',
  defaultArgs,
  readArgs,
  validateArgs,
  create: () => new DynamicResources(),
});
