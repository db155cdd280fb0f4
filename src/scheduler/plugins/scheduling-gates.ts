import type { Pod } from '../../api/core-v1.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint } from '../framework/cluster-event.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin } from '../framework/interface.ts';
import { unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';

/** Keeps pods with scheduling gates out of the queue (`pl/schedulinggates/scheduling_gates.go`). */
class SchedulingGates implements Plugin {
  readonly name = 'SchedulingGates';

  preEnqueue({ spec: { schedulingGates } }: Pod): Status | undefined {
    if (schedulingGates.length === 0) return undefined;
    return unresolvable(`waiting for scheduling gates: [${schedulingGates.join(' ')}]`);
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [onClusterEvent('TargetPod', ActionType.updatePodSchedulingGatesEliminated, () => 'Queue')];
  }
}

export const schedulingGates = definePlugin({
  name: 'SchedulingGates',
  description: 'keeps pods with scheduling gates out of the queue until all gates are gone',
  create: () => new SchedulingGates(),
});
