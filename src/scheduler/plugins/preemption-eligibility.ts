/** Whether a pod may preempt others at all (`pl/defaultpreemption/default_preemption.go` PodEligibleToPreemptOthers). */
import type { Pod } from '../../api/core-v1.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { Status } from '../framework/status.ts';
import { Code, unschedulable } from '../framework/status.ts';

const never = Object.freeze(unschedulable('not eligible due to preemptionPolicy=Never.'));
const isUnderWay = Object.freeze(unschedulable('not eligible due to a terminating pod on the nominated node.'));

/**
 * Undefined = it may. A pod whose victims are still on their way out waits for them, unless its nominated node has become hopeless.
 *
 * @param nominated the nominated node, where there is one in the snapshot.
 * @param status what filters said of that node in this cycle.
 */
export function refuseToPreempt(
  pod: Pod,
  nominated: NodeInfo | undefined,
  status: Status | undefined,
): Status | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return never;
  if (nominated === undefined || status?.code === Code.unschedulableAndUnresolvable) return undefined;
  const isWaitedFor = nominated.pods.some(
    ({ pod: other }) => other.spec.priority < pod.spec.priority && isTerminatingByPreemption(other),
  );
  return isWaitedFor ? isUnderWay : undefined;
}

/** The first condition DisruptionTarget decides. */
function isTerminatingByPreemption({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  const target = status.otherConditions.find(({ type }) => type === 'DisruptionTarget');
  return target?.status === 'True' && target.reason === 'PreemptionByScheduler';
}
