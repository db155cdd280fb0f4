/** What the faults of a scenario do to this run's machines and control plane. Overlapping faults count: the last one to end restores. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import { compileSelector } from '../api/labels.ts';
import type { Pod } from '../api/core-v1.ts';
import type { LabelSelector } from '../api/meta-v1.ts';
import type { RandomStream } from '../engine/random.ts';
import type { FaultTargets } from './fault.ts';

/** The machines under the nodes, as the kubelet room offers them. */
export interface Machines {
  crash(nodeName: string): void;
  restore(nodeName: string): void;
  partition(nodeName: string): void;
  heal(nodeName: string): void;
  stopKubelet(nodeName: string): void;
  startKubelet(nodeName: string): void;
  /** Kills the first running main container of a pod; false if none runs. */
  crashContainer(pod: Pod, exitCode: number): boolean;
  setRegistryAvailable(isAvailable: boolean): void;
  setRegistrySlowdown(factor: number): void;
  /** Tells all kubelets that the API server can or cannot be reached. */
  setApiServerReachable(isReachable: boolean): void;
}

/** Counts how many faults hold a thing down. */
class HoldCount {
  private readonly counts = new Map<string, number>();

  /** True for the first of several overlapping holds. */
  begin(name: string): boolean {
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    return count === 1;
  }

  /** True for the last. */
  end(name: string): boolean {
    const count = (this.counts.get(name) ?? 1) - 1;
    this.counts.set(name, count);
    return count === 0;
  }
}

/** Wires faults to machines and API server. */
export class RunFaultTargets implements FaultTargets {
  private readonly machines: Machines;
  private readonly server: ApiServer;
  private readonly random: RandomStream;
  private readonly down = new HoldCount();
  private readonly cut = new HoldCount();
  private readonly stopped = new HoldCount();
  private readonly services = new HoldCount();
  private readonly slowdowns: number[] = [];
  private isReachable = true;

  constructor(machines: Machines, server: ApiServer) {
    this.machines = machines;
    this.server = server;
    this.random = server.engine.random('faults/victims');
  }

  crashNode(name: string): void {
    if (this.down.begin(name)) this.machines.crash(name);
  }

  restoreNode(name: string): void {
    if (this.down.end(name)) this.machines.restore(name);
  }

  partitionNode(name: string): void {
    if (this.cut.begin(name)) this.machines.partition(name);
  }

  healNode(name: string): void {
    if (this.cut.end(name)) this.machines.heal(name);
  }

  stopKubelet(name: string): void {
    if (this.stopped.begin(name)) this.machines.stopKubelet(name);
  }

  startKubelet(name: string): void {
    if (this.stopped.end(name)) this.machines.startKubelet(name);
  }

  crashContainers(selector: LabelSelector, namespace: string | undefined, count: number, exitCode: number): number {
    const matches = compileSelector(selector);
    const running: Pod[] = [];
    for (const pod of this.server.state.list('Pod')) {
      const isMeant =
        pod.status.phase === 'Running' && (namespace === undefined || pod.metadata.namespace === namespace);
      if (isMeant && matches(pod.metadata.labels)) running.push(pod);
    }
    running.sort(byName);
    let hit = 0;
    while (hit < count && running.length > 0) {
      const [victim] = running.splice(this.random.below(running.length), 1);
      if (this.machines.crashContainer(victim!, exitCode)) hit++;
    }
    return hit;
  }

  setRegistryAvailable(isAvailable: boolean): void {
    const isEdge = isAvailable ? this.services.end('registry') : this.services.begin('registry');
    if (isEdge) this.machines.setRegistryAvailable(isAvailable);
  }

  beginRegistrySlowdown(factor: number): void {
    this.slowdowns.push(factor);
    this.machines.setRegistrySlowdown(Math.max(...this.slowdowns));
  }

  endRegistrySlowdown(factor: number): void {
    this.slowdowns.splice(this.slowdowns.indexOf(factor), 1);
    this.machines.setRegistrySlowdown(Math.max(1, ...this.slowdowns));
  }

  setApiServerAvailable(isAvailable: boolean): void {
    const isEdge = isAvailable ? this.services.end('api') : this.services.begin('api');
    if (isEdge) this.server.condition.available = isAvailable;
    this.tellReach();
  }

  setEtcdWritable(isWritable: boolean): void {
    const isEdge = isWritable ? this.services.end('etcd') : this.services.begin('etcd');
    if (isEdge) this.server.condition.writable = isWritable;
    this.tellReach();
  }

  addApiServerLatency(requestUs: number, watchUs: number): void {
    this.server.condition.extraLatencyUs += requestUs;
    this.server.condition.extraWatchLatencyUs += watchUs;
  }

  /** A kubelet cannot renew its lease without the API server, nor where nothing can be written. */
  private tellReach(): void {
    const { available, writable } = this.server.condition;
    const isReachable = available && writable;
    if (isReachable === this.isReachable) return;
    this.isReachable = isReachable;
    this.machines.setApiServerReachable(isReachable);
  }
}

function byName(a: Pod, b: Pod): number {
  const left = `${a.metadata.namespace}/${a.metadata.name}`;
  const right = `${b.metadata.namespace}/${b.metadata.name}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
