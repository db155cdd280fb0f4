import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin } from '../framework/interface.ts';
import type { QueuedPodInfo } from '../framework/queued-pod-info.ts';

/** Higher priority first, then who has waited longer since it came or last failed (`pl/queuesort/priority_sort.go`). */
class PrioritySort implements Plugin {
  readonly name = 'PrioritySort';

  less(a: QueuedPodInfo, b: QueuedPodInfo): boolean {
    const { priority } = a.podInfo.pod.spec;
    const other = b.podInfo.pod.spec.priority;
    return priority === other ? a.timestamp < b.timestamp : priority > other;
  }
}

export const prioritySort = definePlugin({
  name: 'PrioritySort',
  description: 'takes pods by priority, then by how long they have waited',
  create: () => new PrioritySort(),
});
