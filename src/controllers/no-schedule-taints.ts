/** NoSchedule taints and beta labels of a node, which follow its conditions, cordon and labels (upstream doNoScheduleTaintingPass). */
import { isSuccess } from '../apiserver/requests.ts';
import type { Node } from '../api/core-v1.ts';
import { withBetaLabels } from '../api/node-conditions.ts';
import type { ControllerContext, Step, SyncResult } from './controller.ts';
import { synced } from './controller.ts';
import { labelsPatch, noScheduleAddPatch, noScheduleRemovePatch } from './node-patches.ts';
import { withNoScheduleAdded, withNoScheduleRemoved } from './node-taints.ts';
import { writeLabels, writeTaints } from './node-writes.ts';

/** What is missing is added, then what is too many is removed; a taint that cannot be written fails the sync. */
export function* correctNoSchedule(context: ControllerContext, node: Node): Step<SyncResult> {
  const { name, labels } = node.metadata;
  const { taints } = node.spec;
  if (withNoScheduleAdded(node) !== taints) {
    const response = yield* writeTaints(context, name, noScheduleAddPatch);
    if (!isSuccess(response) && response.code !== 'NotFound') return { failed: response.message };
  }
  if (withNoScheduleRemoved(node) !== taints) {
    const response = yield* writeTaints(context, name, noScheduleRemovePatch);
    if (!isSuccess(response) && response.code !== 'NotFound') return { failed: response.message };
  }
  if (withBetaLabels(labels) !== labels) yield* writeLabels(name, labelsPatch);
  return synced;
}
