/** The metrics server of a recording: its load over time, shared by the Running pods or the same for each. */
import type { Pod } from '../../api/core-v1.ts';
import type { ApiServer } from '../../apiserver/apiserver.ts';
import type { PodMetrics } from '../../controllers/controller.ts';
import { SECOND } from '../../engine/time.ts';
import type { TimelineCase } from './timeline-case.ts';

/** Samples are those of the last ten seconds. */
const windowUs = 10 * SECOND;

/** What the pods of a case use. */
export class RecordedLoad implements PodMetrics {
  private readonly recorded: TimelineCase;
  private readonly server: ApiServer;
  private readonly seconds: () => number;

  constructor(recorded: TimelineCase, server: ApiServer, seconds: () => number) {
    this.recorded = recorded;
    this.server = server;
    this.seconds = seconds;
  }

  /** The story says from when to when the API does not answer. */
  isAvailable(): boolean {
    let isAvailable = this.recorded.load !== undefined;
    for (const { t, what } of this.recorded.actions) {
      if (t <= this.seconds() && what.startsWith('metrics API')) isAvailable = what === 'metrics API up';
    }
    return isAvailable;
  }

  sample(pod: Pod, resource: string, now: number): { value: number; time: number; windowUs: number } | undefined {
    if (resource !== 'cpu' || pod.status.phase !== 'Running') return undefined;
    const { mode, millicores } = this.recorded.load!;
    const load = millicores.findLast(([from]) => from <= this.seconds())?.[1] ?? 0;
    const value = mode === 'perPod' ? load : Math.round(load / this.runningCount());
    return { value, time: now, windowUs };
  }

  private runningCount(): number {
    let count = 0;
    for (const pod of this.server.state.list('Pod'))
      if (pod.status.phase === 'Running' && pod.metadata.deletionTimestamp === undefined) count++;
    return Math.max(1, count);
  }
}
