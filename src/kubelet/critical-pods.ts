/**
 * Critical pods that wait until others have made room for them (upstream `pkg/kubelet/preemption`). Their admission is a step of
 * the kubelet's sync loop, which stands still meanwhile.
 */
import type { Pod, ResourceList } from '../api/core-v1.ts';
import { qosRank } from '../api/pod-qos.ts';
import type { EventId, HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Rejection } from './admission.ts';
import { lackingResources } from './admission.ts';
import { criticalPriority } from './defaults.ts';
import { killPatienceUs, tellImpatience } from './kill-patience.ts';
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
  /** Still to be stopped, one after the other; the first one is being stopped. */
  readonly victims: PodWorker[];
  /** The first one has ended. */
  isFirstGone: boolean;
  /** When the loop goes on: the first one is gone, or not waited for any more. */
  event: EventId | undefined;
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
  private readonly admit: (node: NodeMachine, pod: Pod) => void;
  private readonly goesOn: (node: NodeMachine) => void;
  /** By the index of the node. */
  private readonly waiting = new Map<number, WaitingPod>();
  /** Registered with the first pod that waits. */
  private handler: HandlerId | undefined;

  /**
   * @param admit takes a pod for which others have been stopped, whatever there is room for.
   * @param goesOn looks at what has come while the loop stood still.
   */
  constructor(
    workers: PodWorkers,
    syncer: PodSyncer,
    events: KubeletEvents,
    admit: (node: NodeMachine, pod: Pod) => void,
    goesOn: (node: NodeMachine) => void,
  ) {
    this.workers = workers;
    this.syncer = syncer;
    this.events = events;
    this.admit = admit;
    this.goesOn = goesOn;
  }

  /** Begins to stop others for a critical pod that finds no room; undefined = it waits, else why it is refused. */
  makeRoom(node: NodeMachine, pod: Pod, rejection: Rejection): Rejection | undefined {
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
    const waiting = { node, pod, victims: chosen.map(({ worker }) => worker), isFirstGone: false, event: undefined };
    this.waiting.set(node.index, waiting);
    node.loopBlockedSince = this.workers.engine.now;
    this.stopNext(waiting);
    return undefined;
  }

  /** The containers of a pod are gone. */
  podEnded(worker: PodWorker): void {
    const waiting = this.waiting.get(worker.node.index);
    const at = waiting?.victims.indexOf(worker) ?? -1;
    if (at > 0) waiting!.victims.splice(at, 1);
    if (at !== 0) return;
    // Its worker has still something to do in this instant.
    waiting!.isFirstGone = true;
    this.arm(waiting!, 0);
  }

  /** The kubelet of a node has ended, and with it what it waited for. */
  forget(node: NodeMachine): void {
    const waiting = this.waiting.get(node.index);
    if (waiting !== undefined) this.end(waiting);
  }

  private candidates(node: NodeMachine, priority: number) {
    return this.workers.index
      .on(node)
      .filter((worker) => !worker.has(WorkerFlag.finished) && isPreemptable(worker.spec.priority, priority))
      .map((worker) => {
        const { requests } = this.workers.resources.of(worker.spec);
        return { worker, requests, qosRank: qosRank(worker.spec, requests) };
      });
  }

  private stopNext(waiting: WaitingPod): void {
    const [victim] = waiting.victims;
    if (victim === undefined) return;
    if (this.events.areWanted) {
      this.events.pod(this.workers.podOf(victim), 'Warning', preempted.reason, preempted.message);
    }
    const grace = victim.spec.terminationGracePeriodSeconds;
    this.arm(waiting, killPatienceUs(grace));
    this.syncer.orders.terminate(victim, grace, preempted);
    this.workers.proceed(victim);
  }

  private goOn(waiting: WaitingPod): void {
    waiting.event = undefined;
    const victim = waiting.victims.shift()!;
    if (!waiting.isFirstGone) tellImpatience(this.events, this.workers.podOf(victim));
    waiting.isFirstGone = false;
    if (waiting.victims.length > 0) return this.stopNext(waiting);
    this.admit(waiting.node, waiting.pod);
    this.end(waiting);
    this.goesOn(waiting.node);
  }

  private end(waiting: WaitingPod): void {
    this.disarm(waiting);
    this.waiting.delete(waiting.node.index);
    waiting.node.loopBlockedSince = Infinity;
  }

  private arm(waiting: WaitingPod, delayUs: number): void {
    const { engine } = this.workers;
    this.handler ??= engine.register({
      name: 'kubelet/preemption',
      phase: EventPhase.machine,
      handle: (index) => this.goOn(this.waiting.get(index)!),
    });
    this.disarm(waiting);
    waiting.event = engine.after(delayUs, this.handler, waiting.node.index);
  }

  private disarm(waiting: WaitingPod): void {
    if (waiting.event !== undefined) this.workers.engine.cancel(waiting.event);
    waiting.event = undefined;
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
