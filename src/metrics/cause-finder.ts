/** Notes each fact that has effects, with the fact that caused it: an observer that looks at nothing but other facts. */
import type { Node, Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodActive, isPodReady } from '../api/pod-conditions.ts';
import type { Facts, FaultRecord, Leader, MachineState, PreemptionAttempt, ZoneDisruption } from '../record/facts.ts';
import type { CauseLog } from './cause-log.ts';
import { noCause } from './cause-log.ts';
import { LeaderLosses, leaderTexts } from './leader-losses.ts';
import type { RunDescription } from './metric.ts';
import { NodeCauses } from './node-causes.ts';
import type { PodDirectory } from './pod-directory.ts';
import { podEnd } from './pod-end.ts';
import { podReason } from './pod-reason.ts';
import { WorkloadCauses } from './workload-causes.ts';

/** Fills a log. Each method gives the number of the fact that it noted, -1 where it noted none. */
export class CauseFinder implements Partial<Facts> {
  private readonly log: CauseLog;
  private readonly pods: PodDirectory;
  private readonly now: () => number;
  private readonly nodes: NodeCauses;
  private readonly workloads: WorkloadCauses;
  /** Preemptions by the victims that they wait for. */
  private readonly preemptions = new Map<Uid, number>();
  /** Faults by the pods whose containers they killed. */
  private readonly crashes = new Map<Uid, number>();
  /** Faults by the pods whose processes stand still by them. */
  private readonly hangs = new Map<Uid, number>();
  private readonly leaders = new LeaderLosses<number>();
  /** The last fact about each component that elects a leader. */
  private readonly leaderFacts = new Map<string, number>();
  private lastFault = noCause;
  private lastFaultAt = -1;

  constructor(log: CauseLog, run: RunDescription, pods: PodDirectory) {
    this.log = log;
    this.pods = pods;
    this.now = () => run.engineNow();
    this.nodes = new NodeCauses(log, this.now, (name) => run.zoneOf(name));
    this.workloads = new WorkloadCauses(log, this.now);
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
    by: string,
  ): number {
    if (kind === 'Pod') {
      const pod = before as Pod | undefined;
      if (pod === undefined || !isPodActive(pod)) return noCause;
      return this.podCommitted(pod, after as Pod | undefined, by);
    }
    if (kind === 'Node')
      return this.nodes.committed(before as Node | undefined, after as Node | undefined, by === '' ? 'kubelet' : by);
    return this.workloads.committed(kind, before, after, by);
  }

  faultStarted(fault: FaultRecord): number {
    const { kind, target, nodes } = fault;
    const who = `fault ${kind}`;
    const hit = nodes.length > 1 ? ` (${nodes.length} nodes)` : '';
    const subject = { kind: 'Fault', namespace: '', name: `${kind} ${target}` };
    const what = `${kind} ${target}${hit}`;
    this.lastFault = this.log.add(this.now(), { event: 'fault', who, subject, what, cause: noCause });
    this.lastFaultAt = this.now();
    this.nodes.faultStarted(fault, this.lastFault);
    this.leaders.faultStarted(fault, this.lastFault);
    return this.lastFault;
  }

  faultEnded(fault: FaultRecord): void {
    this.leaders.faultEnded(fault);
  }

  /** A leader is lost by a fault; who leads next does so because it was lost. */
  leaderChanged(component: string, leader: Leader): void {
    const isLost = leader === 'none';
    const isNow = (fault: number): boolean => fault === this.lastFault && this.now() === this.lastFaultAt;
    const cause = isLost ? this.leaders.lost(component, isNow) : this.leaderFacts.get(component);
    const id = this.log.add(this.now(), {
      event: 'leader',
      who: component,
      subject: { kind: 'Lease', namespace: 'kube-system', name: component },
      ...leaderTexts[leader],
      cause: cause ?? noCause,
    });
    this.leaderFacts.set(component, id);
  }

  machineChanged(nodeName: string, state: MachineState): number {
    return this.nodes.machineChanged(nodeName, state);
  }

  zoneStateChanged(zone: string, state: ZoneDisruption): void {
    this.nodes.zoneStateChanged(zone, state);
  }

  containerHung({ metadata: { uid } }: Pod, isHung: boolean): void {
    if (isHung) this.hangs.set(uid, this.lastFault);
    else this.hangs.delete(uid);
  }

  /** What dies in the instant of a fault that hits no node dies by it; so does what stands still, when a probe has it killed. */
  containerExited(pod: Pod): void {
    const { uid } = pod.metadata;
    const hang = this.hangs.get(uid);
    if (this.now() === this.lastFaultAt) this.crashes.set(uid, this.lastFault);
    else if (hang !== undefined) this.crashes.set(uid, hang);
    else if (this.crashes.size > 0) this.crashes.delete(uid);
  }

  preemptionAttempt({ preemptor, nodeName, victims, profile }: PreemptionAttempt): void {
    if (victims.length === 0) return;
    const { uid, namespace, name } = preemptor.metadata;
    const pods = `${victims.length} ${victims.length === 1 ? 'pod' : 'pods'}`;
    const owner = controllerOf(preemptor);
    const id = this.log.add(this.now(), {
      event: 'preemption',
      who: profile === 'default-scheduler' ? 'kube-scheduler' : profile,
      pod: this.pods.rowOf(uid),
      what: `needs room on ${nodeName} for ${namespace}/${name}: ${pods} must go`,
      rule: `priority ${preemptor.spec.priority}`,
      cause: owner === undefined ? noCause : this.workloads.lastOf(owner.uid),
    });
    for (const victim of victims) this.preemptions.set(victim.metadata.uid, id);
  }

  /** Why a pod that was ready is not so any more, though it lives on; `by` is who wrote that. */
  readinessLost(pod: Pod, by: string): number {
    const { uid } = pod.metadata;
    const isByNode = by === 'node-lifecycle-controller';
    const reason = exitReason(pod) || podReason(pod);
    return this.log.add(this.now(), {
      event: 'not_ready',
      who: isByNode ? by : `kubelet ${pod.spec.nodeName}`,
      pod: this.pods.rowOf(uid),
      what: isByNode ? 'its node is not ready' : `not ready${reason === '' ? '' : ` (${reason})`}`,
      cause: isByNode ? this.nodes.of(pod.spec.nodeName).ready : this.causeOfCrash(pod),
    });
  }

  private causeOfCrash(pod: Pod): number {
    const { uid } = pod.metadata;
    return this.crashes.get(uid) ?? this.hangs.get(uid) ?? noCause;
  }

  private podCommitted(before: Pod, after: Pod | undefined, by: string): number {
    if (after !== undefined && isPodActive(after)) return noCause;
    const { uid } = before.metadata;
    const preemption = this.preemptions.get(uid) ?? noCause;
    const crash = this.causeOfCrash(before);
    this.preemptions.delete(uid);
    this.crashes.delete(uid);
    this.hangs.delete(uid);
    // A pod that has done its work ended by itself.
    if (after?.status.phase === 'Succeeded') return noCause;
    const node = this.nodes.of(before.spec.nodeName);
    const end = podEnd(before, after, by, { node, workloads: this.workloads, preemption, crash });
    const who = by === 'kubelet' ? `kubelet ${before.spec.nodeName}` : by;
    return this.log.add(this.now(), { event: 'pod_end', who, pod: this.pods.rowOf(uid), ...end });
  }
}

/** Whether the pod has lost its readiness with this version. */
export function losesReadiness(before: Pod | undefined, after: Pod | undefined): boolean {
  return before !== undefined && after !== undefined && isPodReady(before) && !isPodReady(after) && isPodActive(after);
}

function exitReason(pod: Pod): string {
  for (const { state, lastState } of pod.status.containerStatuses) {
    const ended = state.phase === 'terminated' ? state : lastState;
    if (ended?.phase === 'terminated') return `${ended.reason}, exit code ${ended.exitCode}`;
  }
  return '';
}
