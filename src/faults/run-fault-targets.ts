/** What the faults of a scenario do to this run's machines and control plane. Overlapping faults count: the last one to end restores. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Pod } from '../api/core-v1.ts';
import type { RandomStream } from '../engine/random.ts';
import { SECOND } from '../engine/time.ts';
import type { ComponentReplicas, ContainerChoice, ElectedComponent, FaultTargets, NodeAmount } from './fault.ts';
import { electedComponents } from './fault.ts';
import { LeaderElection, renewTimeoutUs } from './leader-election.ts';
import type { ElectedProcess } from './leader-election.ts';
import type { Machines, NodeResource } from './machines.ts';
import { HoldCount, Slowdowns, Sums } from './overlaps.ts';
import { SpotMachines } from './spot-machines.ts';
import { hitSome, runningPods } from './victims.ts';

interface Hung {
  readonly pod: Pod;
  readonly container: string;
}

/** Timeout of a kubelet's client for heartbeats: nodeStatusUpdateFrequency (cmd/kubelet/app/server.go). */
const heartbeatTimeoutUs = 10 * SECOND;

/** Wires faults to machines and API server. What a run needs rarely is made when it is first needed. */
export class RunFaultTargets implements FaultTargets {
  private readonly machines: Machines;
  private readonly server: ApiServer;
  private readonly processes: Readonly<Record<ElectedComponent, ElectedProcess>>;
  private readonly random: RandomStream;
  private readonly down = new HoldCount();
  private readonly cut = new HoldCount();
  private readonly stopped = new HoldCount();
  private readonly services = new HoldCount();
  private readonly slowdowns = new Slowdowns();
  private readonly used = new Sums();
  private readonly clocks = new Sums();
  private readonly hung = new Map<number, readonly Hung[]>();
  private readonly elections = new Map<ElectedComponent, LeaderElection>();
  private spot: SpotMachines | undefined;
  /** Whether the API server can be written to, and whether it answers leases of kubelets and of leaders in time. */
  private readonly reach = { writes: true, heartbeats: true, leaders: true };

  constructor(machines: Machines, server: ApiServer, processes: Readonly<Record<ElectedComponent, ElectedProcess>>) {
    this.machines = machines;
    this.server = server;
    this.processes = processes;
    this.random = server.engine.random('faults/victims');
  }

  crashNode(name: string): void {
    if (this.down.begin(name)) this.machines.crash(name);
  }

  shutDownNode(name: string): void {
    if (this.down.begin(name)) this.machines.shutDown(name);
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

  reclaimNode(name: string, noticeUs: number): void {
    this.spotMachines().reclaim(name, noticeUs);
  }

  replaceNode(name: string): void {
    this.spotMachines().replace(name);
  }

  beginNodeSlowdown(name: string, factor: number): void {
    this.machines.setSlowdown(name, this.slowdowns.begin(`node ${name}`, factor));
  }

  endNodeSlowdown(name: string, factor: number): void {
    this.machines.setSlowdown(name, this.slowdowns.end(`node ${name}`, factor));
  }

  addOtherMemory(name: string, used: NodeAmount, sign: 1 | -1): void {
    this.machines.setOtherMemory(name, this.addUsed(name, 'memory', used, sign));
  }

  addOtherDisk(name: string, used: NodeAmount, sign: 1 | -1): void {
    this.machines.setOtherDisk(name, this.addUsed(name, 'disk', used, sign));
  }

  addOtherProcesses(name: string, used: NodeAmount, sign: 1 | -1): void {
    this.machines.setOtherProcesses(name, this.addUsed(name, 'processes', used, sign));
  }

  shiftClock(name: string, us: number): void {
    this.machines.setClockOffset(name, this.clocks.add(name, us));
  }

  crashContainers({ pods, container, mode }: ContainerChoice, exitCode: number, reason: string): number {
    return hitSome(runningPods(this.server, pods), mode, this.random, (pod) =>
      this.machines.crashContainer(pod, exitCode, reason, container),
    );
  }

  hangContainers(id: number, { pods, container, mode }: ContainerChoice): number {
    const hung: Hung[] = [];
    this.hung.set(id, hung);
    return hitSome(runningPods(this.server, pods), mode, this.random, (pod) => {
      const name = this.machines.hangContainer(pod, container);
      if (name === undefined) return false;
      hung.push({ pod, container: name });
      this.server.recorder.containerHung(pod, true);
      return true;
    });
  }

  releaseContainers(id: number): void {
    for (const { pod, container } of this.hung.get(id) ?? []) {
      this.machines.releaseContainer(pod, container);
      this.server.recorder.containerHung(pod, false);
    }
    this.hung.delete(id);
  }

  setRegistryAvailable(isAvailable: boolean): void {
    const isEdge = isAvailable ? this.services.end('registry') : this.services.begin('registry');
    if (isEdge) this.machines.setRegistryAvailable(isAvailable);
  }

  beginRegistrySlowdown(factor: number): void {
    this.machines.setRegistrySlowdown(this.slowdowns.begin('registry', factor));
  }

  endRegistrySlowdown(factor: number): void {
    this.machines.setRegistrySlowdown(this.slowdowns.end('registry', factor));
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
    this.tellReach();
  }

  stopComponent(component: ElectedComponent, how: ComponentReplicas): void {
    this.electionOf(component).lose(how);
  }

  startComponent(component: ElectedComponent, how: ComponentReplicas): void {
    this.electionOf(component).regain(how);
  }

  private addUsed(name: string, what: NodeResource, { amount, percent }: NodeAmount, sign: 1 | -1): number {
    const whole = percent === undefined ? amount : Math.floor((this.machines.capacityOf(name, what) * percent) / 100);
    return this.used.add(`${what} ${name}`, sign * whole);
  }

  private electionOf(component: ElectedComponent): LeaderElection {
    let election = this.elections.get(component);
    if (election === undefined) {
      election = new LeaderElection(component, this.server.engine, this.processes[component], this.server.recorder);
      this.elections.set(component, election);
    }
    return election;
  }

  private spotMachines(): SpotMachines {
    this.spot ??= new SpotMachines(this.server, {
      beginShutdown: (name) => this.machines.beginShutdown(name),
      vanish: (name) => this.crashNode(name),
      appear: (name) => {
        this.machines.replace(name);
        this.restoreNode(name);
      },
    });
    return this.spot;
  }

  /** Who gets no answer, or none in time, cannot renew his lease; where nothing can be written, nobody can. */
  private tellReach(): void {
    const { available, writable, extraLatencyUs } = this.server.condition;
    const isWritable = available && writable;
    const { machines } = this;
    this.tell('heartbeats', isWritable && extraLatencyUs < heartbeatTimeoutUs, (is) => machines.setLeasesRenewed(is));
    this.tell('writes', isWritable, (is) => machines.setApiServerReachable(is));
    this.tell('leaders', isWritable && extraLatencyUs < renewTimeoutUs, (is) => {
      for (const component of electedComponents) this.electionOf(component).reach(is);
    });
  }

  private tell(whom: keyof typeof this.reach, isReachable: boolean, tell: (isReachable: boolean) => void): void {
    if (isReachable === this.reach[whom]) return;
    this.reach[whom] = isReachable;
    tell(isReachable);
  }
}
