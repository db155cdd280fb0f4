/** One row per fault: when it was detected, when pods were evicted because of it, when the workloads had recovered. */
import type { Node, Pod, Taint } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';
import { taintRule } from '../controllers/node-zones.ts';
import { isPodActive, isPodReady, isPodTerminal } from '../api/pod-conditions.ts';
import type { FaultRecord, Leader, MachineState, PodHop, ZoneDisruption } from '../record/facts.ts';
import { toleratedUs } from '../controllers/taint-eviction.ts';
import type { Table } from '../record/table.ts';
import { pressureConditions } from './fault-kinds.ts';
import { FaultRecovery } from './fault-recovery.ts';
import { faultFigures, faultTable } from './fault-table.ts';
import { LeaderLosses } from './leader-losses.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { isRejection } from './pod-end.ts';
import { Replacements } from './replacements.ts';
import type { WorkloadListener } from './workload-ledger.ts';
import { WorkloadLedger } from './workload-ledger.ts';

/** Of the node lifecycle controller, on nodes that are not ready. */
const lostTaints: ReadonlySet<string> = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

class FaultsMetric implements Metric, WorkloadListener {
  private readonly run: RunDescription;
  private readonly ledger = new WorkloadLedger(this);
  private readonly faults: FaultRecovery[] = [];
  /** Faults that are not over, by id; and by node. */
  private readonly open = new Map<number, FaultRecovery>();
  private readonly openByNode = new Map<string, FaultRecovery[]>();
  private readonly notReady = new Set<string>();
  /** The fault that a machine fell silent by, until its node is ready again: others on the same node add nothing. */
  private readonly silencedBy = new Map<string, FaultRecovery>();
  /** NoExecute taints by node, of those that faults have hit. */
  private readonly noExecute = new Map<string, readonly Taint[]>();
  private readonly victims = new Map<Uid, FaultRecovery>();
  private readonly replacements = new Replacements(this.ledger);
  private readonly leaders = new LeaderLosses<FaultRecovery>();
  private lastFault: FaultRecovery | undefined;
  /** Outages of the registry that are on, by id. */
  private readonly registryFaults = new Map<number, FaultRecovery>();
  private readonly zoneStates = new Map<string, ZoneDisruption>();
  private readonly isShort = (owner: number, level: number): boolean =>
    this.ledger.ready[owner]! < Math.min(level, this.ledger.desired[owner]!);

  constructor(run: RunDescription) {
    this.run = run;
  }

  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
    by: string,
  ): void {
    this.ledger.committed(kind, slot, before, after);
    if (kind === 'Node') this.nodeCommitted(before as Node | undefined, after as Node | undefined);
    else if (kind === 'Pod' && this.open.size > 0) {
      this.podCommitted(before as Pod | undefined, after as Pod | undefined, by);
    }
  }

  podHop(uid: Uid, hop: PodHop, time: number): void {
    if (hop === 'pulled') this.replacements.pulled(uid, time);
  }

  containerExited(pod: Pod): void {
    this.podHit(pod);
  }

  /** Once it goes on, nothing more follows unless somebody has noticed. */
  containerHung(pod: Pod, isHung: boolean): void {
    const { uid } = pod.metadata;
    const fault = this.victims.get(uid);
    if (isHung) this.podHit(pod);
    else if (fault !== undefined && !fault.isHurt) this.spare(uid, fault);
  }

  containerStarted(pod: Pod, _containerIndex: number, restartCount: number): void {
    if (restartCount === 0 || this.victims.size === 0) return;
    const { uid } = pod.metadata;
    const fault = this.victims.get(uid);
    if (fault === undefined) return;
    if (fault.restartedAt === -1) fault.restartedAt = this.run.engineNow();
    // No workload tells when a pod without a controller is well again.
    if (this.ledger.owners.controllerIndex(pod) < 0) this.spare(uid, fault);
  }

  imagePulled(_nodeName: string, _image: string, _queuedUs: number, _pulledUs: number, succeeded: boolean): void {
    for (const fault of this.registryFaults.values()) {
      fault.pulls++;
      if (!succeeded) fault.pullsFailed++;
    }
  }

  zoneStateChanged(zone: string, state: ZoneDisruption): void {
    this.zoneStates.set(zone, state);
  }

  machineChanged(nodeName: string, state: MachineState): void {
    this.ledger.machineChanged(nodeName, state);
    const fault = this.openByNode.get(nodeName)?.at(-1);
    if (state === 'up' && !this.notReady.has(nodeName)) this.silencedBy.delete(nodeName);
    else if (state !== 'up' && fault !== undefined && !this.silencedBy.has(nodeName))
      this.silencedBy.set(nodeName, fault);
  }

  faultStarted(record: FaultRecord): void {
    const fault = new FaultRecovery(record);
    this.faults.push(fault);
    this.lastFault = fault;
    this.leaders.faultStarted(record, fault);
    if (record.kind === 'registryOutage') this.registryFaults.set(record.id, fault);
    if (!fault.hitsNodes) return;
    fault.noticedUnder = fault.presses ? this.pressedBefore(fault) : this.noticedBefore(record.nodes);
    if (fault.presses && fault.noticedUnder !== undefined) fault.pressedAlready();
    this.open.set(record.id, fault);
    for (const node of record.nodes) {
      const others = this.openByNode.get(node);
      if (others === undefined) this.openByNode.set(node, [fault]);
      else others.push(fault);
      for (const owner of this.ledger.workloadsOn(node)) fault.workloads.set(owner, this.levelOf(owner));
    }
  }

  /** Ready pods of a workload, or as many as it had before the faults from which it has not recovered yet. */
  private levelOf(owner: number): number {
    let level = this.ledger.ready[owner]!;
    for (const { isHurt, recoveredAt, workloads } of this.open.values())
      if (isHurt && recoveredAt < 0) level = Math.max(level, workloads.get(owner) ?? 0);
    return level;
  }

  /** The fault under which all of these nodes fell silent or became not ready; undefined where one of them did not. */
  private noticedBefore(nodes: readonly string[]): FaultRecovery | undefined {
    if (!nodes.every((node) => this.notReady.has(node) || this.silencedBy.has(node))) return undefined;
    const before = (node: string): FaultRecovery | undefined =>
      this.silencedBy.get(node) ?? this.openByNode.get(node)?.find(({ isNoticed }) => isNoticed);
    return nodes.map(before).find((fault) => fault !== undefined);
  }

  /** The fault of the same kind by which the nodes told of the pressure already: that lasts as long as both. */
  private pressedBefore(fault: FaultRecovery): FaultRecovery | undefined {
    const { kind, nodes } = fault.record;
    for (const node of nodes) {
      const earlier = this.openByNode.get(node)?.find((other) => other.record.kind === kind && other.isPressing(node));
      if (earlier !== undefined) return earlier;
    }
    return undefined;
  }

  leaderChanged(component: string, leader: Leader): void {
    const now = this.run.engineNow();
    if (leader === 'none') {
      const isAtOnce = (fault: FaultRecovery): boolean => fault === this.lastFault && fault.record.startsAt === now;
      this.leaders.lost(component, isAtOnce)?.leaderLost(component);
      return;
    }
    const last = this.leaders.lastOf(component);
    // Earlier faults that had taken it too, before it had a leader again, are over with the same take-over.
    for (const fault of this.faults)
      if (fault === last || fault.isWithoutLeader(component)) fault.takenOver(component, now);
  }

  faultEnded(record: FaultRecord): void {
    this.leaders.faultEnded(record);
    this.registryFaults.delete(record.id);
    const fault = this.open.get(record.id);
    if (fault === undefined) return;
    fault.hasEnded = true;
    this.closeIfOver(fault);
  }

  workloadChanged(owner: number): void {
    if (this.open.size === 0) return;
    this.review([...this.open.values()].filter((fault) => fault.workloads.has(owner)));
  }

  finish(): void {
    for (const fault of this.faults) fault.finish();
  }

  tables(): readonly Table[] {
    return [faultTable(this.faults)];
  }

  figures(): Figures {
    return faultFigures(this.faults);
  }

  private nodeCommitted(before: Node | undefined, after: Node | undefined): void {
    const { name } = (after ?? before)!.metadata;
    const wasReady = !this.notReady.has(name);
    const ready = after === undefined ? undefined : nodeCondition(after, 'Ready')?.status;
    const isReady = ready === 'True';
    if (!isReady) this.notReady.add(name);
    else if (this.notReady.delete(name)) this.silencedBy.delete(name);
    const faults = this.openByNode.get(name);
    if (faults === undefined) return;
    const now = this.run.engineNow();
    const isTainted = after !== undefined && after.spec !== before?.spec && hasNewNoExecute(before, after);
    if (after === undefined) this.noExecute.delete(name);
    else if (after.spec !== before?.spec)
      this.noExecute.set(
        name,
        after.spec.taints.filter(({ effect }) => effect === 'NoExecute'),
      );
    // Neither a fault under which the node went on nor one that came later is why it fell silent.
    const silencer = this.silencedBy.get(name) ?? faults.findLast(({ silences }) => silences);
    if (wasReady && !isReady) silencer?.detected(now, ready);
    if (isTainted) silencer?.tainted(now, taintRule(this.zoneStates.get(this.run.zoneOf(name))));
    for (const fault of [...faults]) {
      if (fault.presses) fault.pressureTold(name, isUnderPressure(after, fault), now);
      if (isReady) this.closeIfOver(fault);
    }
  }

  /** Pods that come to a node which nobody knows to be lost are hurt too. */
  private podCommitted(before: Pod | undefined, after: Pod | undefined, by: string): void {
    const pod = (after ?? before)!;
    if (this.victims.size > 0) this.victimCommitted(pod, before, after);
    this.replacements.committed(pod, before, this.open.values(), this.run.engineNow());
    const { nodeName } = pod.spec;
    const faults = nodeName === '' ? undefined : this.openByNode.get(nodeName);
    if (faults === undefined) return;
    if (before?.spec.nodeName !== nodeName) this.addWorkload(pod, faults);
    if (before === undefined || isPodTerminal(before) || before.metadata.deletionTimestamp !== undefined) return;
    const isDeleted = after === undefined || after.metadata.deletionTimestamp !== undefined;
    const silencer = this.silencedBy.get(nodeName);
    if (silencer !== undefined && after !== undefined && isPodReady(before) && !isPodReady(after)) this.hurt(silencer);
    // A node that is ready again keeps its taint for some seconds.
    const isEvicted = isDeleted && (this.notReady.has(nodeName) || by === 'taint-eviction-controller');
    if (isEvicted) this.podEvicted(silencer ?? faults.at(-1)!, before);
    else if (!isDeleted && after.status.phase === 'Failed') this.podFailed(after, faults, silencer);
  }

  /** What a node goes on under ends no pod, but pressure does. */
  private podFailed(pod: Pod, faults: readonly FaultRecovery[], silencer: FaultRecovery | undefined): void {
    const pressing = isOfPressure(pod) ? faults.findLast(({ presses }) => presses) : undefined;
    const blamed = pressing ?? silencer ?? faults.findLast(({ silences }) => silences);
    if (blamed === undefined) return;
    this.podLost(blamed, pod);
    if (blamed !== pressing) return;
    if (isRejection(pod.status.message)) blamed.podsRefused++;
    else blamed.podsEvicted++;
  }

  private addWorkload(pod: Pod, faults: readonly FaultRecovery[]): void {
    const { owners } = this.ledger;
    const owner = owners.controllerIndex(pod);
    if (owner < 0) return;
    const top = owners.top(owner);
    for (const fault of faults) if (!fault.workloads.has(top)) fault.workloads.set(top, Infinity);
    this.review([...faults]);
  }

  private review(faults: readonly FaultRecovery[]): void {
    for (const fault of faults) {
      fault.review(this.isShort, this.run.engineNow());
      this.closeIfOver(fault);
    }
  }

  private podLost(fault: FaultRecovery, pod: Pod): void {
    const isBare = controllerOf(pod) === undefined;
    fault.podLost(isBare);
    if (!isBare) this.hurt(fault);
  }

  /** A pod suffers from it: what had recovered, perhaps from another fault on the same workloads, has not. */
  private hurt(fault: FaultRecovery): void {
    fault.hurt();
    this.review([fault]);
  }

  private podEvicted(fault: FaultRecovery, pod: Pod): void {
    const {
      metadata: { uid },
      spec: { nodeName, tolerations },
    } = pod;
    fault.podEvicted(this.run.engineNow());
    this.podLost(fault, pod);
    this.replacements.lost(uid);
    const us = toleratedUs(this.noExecute.get(nodeName) ?? [], tolerations);
    if (us < Infinity) fault.toleratedUs = us;
  }

  /** A container of the pod was killed, or stands still, in the instant of a fault that hits no node: by that one. */
  private podHit(pod: Pod): void {
    const fault = this.lastFault;
    if (fault === undefined || fault.hitsNodes || fault.record.startsAt !== this.run.engineNow()) return;
    const { uid } = pod.metadata;
    const owner = this.ledger.owners.controllerIndex(pod);
    fault.hitsPods = true;
    if (!fault.victims.has(uid)) fault.podsHit++;
    fault.victims.add(uid);
    if (owner >= 0) {
      const workload = this.ledger.owners.top(owner);
      fault.workloads.set(workload, this.ledger.ready[workload]!);
    }
    this.open.set(fault.record.id, fault);
    this.endHang(uid, fault);
    this.victims.set(uid, fault);
  }

  /** What hung is hit by another fault: nothing more can be noticed of the hang. */
  private endHang(uid: Uid, by: FaultRecovery): void {
    const hang = this.victims.get(uid);
    if (hang === undefined || hang === by || hang.record.kind !== 'containerHang' || hang.isNoticed) return;
    if (hang.victims.size === 1) hang.overtaken(by);
    this.spare(uid, hang);
  }

  /** The machine under a pod that was hit has fallen silent: what is told of the pod now is told of that. */
  private silenced(uid: Uid, fault: FaultRecovery, by: FaultRecovery): void {
    this.endHang(uid, by);
    if (this.victims.has(uid)) this.spare(uid, fault);
  }

  /** A pod whose container was killed or hangs: when the kubelet tells of it, and whether the pod has failed. */
  private victimCommitted(pod: Pod, before: Pod | undefined, after: Pod | undefined): void {
    const { uid } = pod.metadata;
    const fault = this.victims.get(uid);
    if (fault === undefined) return;
    const silencer = this.silencedBy.get(pod.spec.nodeName);
    if (silencer !== undefined) return this.silenced(uid, fault, silencer);
    if (after !== undefined && after.status !== before?.status) fault.detected(this.run.engineNow());
    const isOver = after === undefined || !isPodActive(after) || fault.recoveredAt >= 0;
    if (!isOver) return;
    if (after?.status.phase === 'Failed') this.podLost(fault, after);
    this.spare(uid, fault);
  }

  /** Nothing more can come to this pod by the fault. */
  private spare(uid: Uid, fault: FaultRecovery): void {
    this.victims.delete(uid);
    fault.victims.delete(uid);
    this.closeIfOver(fault);
  }

  /** Whether pods may still be evicted from a node, because it was not ready. */
  private isLost(node: string): boolean {
    return this.noExecute.get(node)?.some(({ key }) => lostTaints.has(key)) === true;
  }

  private closeIfOver(fault: FaultRecovery): void {
    if (!fault.isOver || fault.record.nodes.some((node) => this.notReady.has(node) || this.isLost(node))) return;
    this.open.delete(fault.record.id);
    for (const node of fault.record.nodes) {
      const rest = this.openByNode.get(node)!.filter((other) => other !== fault);
      if (rest.length === 0) this.openByNode.delete(node);
      else this.openByNode.set(node, rest);
    }
  }
}

/** Whether the node tells of what the fault does to it; one that is gone tells nothing. */
function isUnderPressure(node: Node | undefined, { record }: FaultRecovery): boolean {
  const type = pressureConditions.get(record.kind);
  return node !== undefined && type !== undefined && nodeCondition(node, type)?.status === 'True';
}

/** Evicted, or not admitted, by a kubelet under pressure. */
function isOfPressure(pod: Pod): boolean {
  return pod.status.reason === 'Evicted';
}

function hasNewNoExecute(before: Node | undefined, after: Node): boolean {
  const isKnown = (key: string): boolean =>
    before?.spec.taints.some((taint) => taint.key === key && taint.effect === 'NoExecute') === true;
  return after.spec.taints.some(({ key, effect }) => effect === 'NoExecute' && !isKnown(key));
}

/** The table `faults`, and figures on detection, eviction and recovery. */
export const faultsMetric: MetricDefinition = {
  name: 'faults',
  description: 'When each fault was detected, when its pods were evicted, when the workloads had recovered.',
  create: (run) => new FaultsMetric(run),
};
