/** Critical pods that wait until others have made room for them (upstream `pkg/kubelet/preemption`). */
import type { Pod, ResourceList } from '../api/core-v1.ts';
import { qosRank } from '../api/pod-qos.ts';
import type { Rejection } from './admission.ts';
import { lackingResources } from './admission.ts';
import { criticalPriority } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeMachine } from './node-machine.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { lackingWithout, preemptionVictims } from './preemption.ts';

interface WaitingPod {
  readonly node: NodeMachine;
  readonly pod: Pod;
  readonly slot: number;
  /** Still to be stopped, one after the other. */
  readonly victims: PodWorker[];
}

const preempted = {
  reason: 'Preempting',
  message: 'Preempted in order to admit critical pod',
  disruption: 'Pod was preempted by Kubelet to accommodate a critical pod.',
} as const;

/** Makes room on nodes. */
export class CriticalPods {
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly events: KubeletEvents;
  private readonly waiting: WaitingPod[] = [];

  constructor(workers: PodWorkers, syncer: PodSyncer, events: KubeletEvents) {
    this.workers = workers;
    this.syncer = syncer;
    this.events = events;
  }

  /** Begins to stop others for a critical pod that finds no room; undefined = it waits, else why it is refused. */
  makeRoom(node: NodeMachine, pod: Pod, slot: number, rejection: Rejection): Rejection | undefined {
    const { spec } = pod;
    if (spec.priority < criticalPriority || !rejection.reason.startsWith('OutOf')) return rejection;
    const stored = this.workers.server.state.get('Node', '', node.name);
    if (stored === undefined) return rejection;
    const { requests } = this.workers.resources.of(spec);
    const lacking = lackingResources(requests, stored, node, this.workers.settings.maxPods);
    const candidates = this.candidates(node, spec.priority);
    const unmet = lackingWithout(candidates, lacking);
    if (unmet.size > 0) return noVictims(unmet);
    const chosen = preemptionVictims(candidates, lacking);
    if (chosen.length === 0) return rejection;
    const waiting = { node, pod, slot, victims: chosen.map(({ worker }) => worker) };
    this.waiting.push(waiting);
    this.stopNext(waiting);
    return undefined;
  }

  /** The containers of a pod are gone: the pods that have room now, each once. */
  podEnded(worker: PodWorker): readonly { readonly node: NodeMachine; readonly pod: Pod; readonly slot: number }[] {
    const admitted: WaitingPod[] = [];
    for (const waiting of [...this.waiting]) {
      const at = waiting.victims.indexOf(worker);
      if (at < 0) continue;
      waiting.victims.splice(at, 1);
      if (waiting.victims.length > 0) this.stopNext(waiting);
      else {
        this.waiting.splice(this.waiting.indexOf(waiting), 1);
        admitted.push(waiting);
      }
    }
    return admitted;
  }

  private candidates(node: NodeMachine, priority: number) {
    return this.workers
      .on(node)
      .filter((worker) => !worker.has(WorkerFlag.finished) && isPreemptable(worker.spec.priority, priority))
      .map((worker) => {
        const { requests } = this.workers.resources.of(worker.spec);
        return { worker, requests, qosRank: qosRank(worker.spec, requests) };
      });
  }

  private stopNext({ victims }: WaitingPod): void {
    const [victim] = victims;
    if (victim === undefined) return;
    if (this.events.areWanted) {
      this.events.pod(this.workers.podOf(victim), 'Warning', preempted.reason, preempted.message);
    }
    this.syncer.terminate(victim, victim.spec.terminationGracePeriodSeconds, preempted);
    this.workers.proceed(victim);
  }
}

function noVictims(lacking: ResourceList): Rejection {
  let wanted = '';
  for (const [name, amount] of lacking) wanted += `(res: ${name}, q: ${amount}), `;
  return {
    reason: 'UnexpectedAdmissionError',
    message:
      'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to ' +
      `preempt: no set of running pods found to reclaim resources: [${wanted}]`,
  };
}

function isPreemptable(victim: number, preemptor: number): boolean {
  return victim < criticalPriority || victim < preemptor;
}
