/** Pods that a kubelet takes, refuses, or makes room for (upstream `pkg/kubelet/allocation`, `pkg/kubelet/lifecycle`). */
import type { ClusterState } from '../apiserver/cluster-state.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Rejection } from './admission.ts';
import { admit } from './admission.ts';
import { CriticalPods } from './critical-pods.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeMachine } from './node-machine.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { StatusWriter } from './status-writer.ts';

/** Admits pods. */
export class PodAdmission {
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly writer: StatusWriter;
  private readonly events: KubeletEvents;
  private readonly critical: CriticalPods;
  private readonly state: ClusterState;

  /** @param onLoopGoesOn looks at what has come while a kubelet made room for a pod. */
  constructor(
    workers: PodWorkers,
    syncer: PodSyncer,
    writer: StatusWriter,
    events: KubeletEvents,
    onLoopGoesOn: (node: NodeMachine) => void,
  ) {
    this.workers = workers;
    this.syncer = syncer;
    this.writer = writer;
    this.events = events;
    this.state = workers.server.state;
    this.critical = new CriticalPods(workers, syncer, events, (node, pod) => this.admit(node, pod), onLoopGoesOn);
  }

  /** Admits a pod that was bound to the node, or says why not. */
  take(node: NodeMachine, pod: Pod, slot: number): void {
    if (pod.metadata.deletionTimestamp === undefined) {
      const requests = this.workers.resources.of(pod.spec).requests;
      const stored = this.state.get('Node', '', node.name);
      const refused = admit(pod.spec, requests, stored, node, this.workers.settings.maxPods);
      if (refused !== undefined) {
        const rejection = this.critical.makeRoom(node, pod, refused);
        if (rejection !== undefined) this.reject(node, pod, rejection);
        return;
      }
    }
    this.syncer.begin(this.workers.add(node, pod, slot));
  }

  /** The containers of a pod are gone: there is room for others. */
  podEnded(worker: PodWorker): void {
    this.critical.podEnded(worker);
  }

  /** The kubelet of a node has ended. */
  forget(node: NodeMachine): void {
    this.critical.forget(node);
  }

  /** The slot of a pod in the store; -1 if another pod has its name by now. */
  slotOf(pod: Pod): number {
    const { namespace, name } = pod.metadata;
    return this.workers.current(pod) === undefined ? -1 : this.state.store('Pod').slotOf(namespace, name);
  }

  private admit(node: NodeMachine, pod: Pod): void {
    const current = this.workers.current(pod);
    if (current === undefined || !node.isConnected) return;
    this.syncer.begin(this.workers.add(node, current, this.slotOf(pod)));
  }

  private reject(node: NodeMachine, pod: Pod, rejection: Rejection): void {
    if (this.events.areWanted) this.events.pod(pod, 'Warning', rejection.reason, rejection.message);
    this.writer.reject(node, pod, rejection, node.secondsAt(this.workers.engine.now));
  }
}
