/**
 * The run as sentences: an observer that turns facts into lines such as `00:03:12.004 Pod shop/batch-17 bound to
 * general-c-2`. It keeps nothing; where the lines go is the caller's matter.
 */
import type { Node, Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';
import { isPodReady } from '../api/pod-conditions.ts';
import { formatClock } from '../engine/time.ts';
import type { FaultRecord, Facts, MachineState, SchedulingAttempt, UserAction } from './facts.ts';

/** Receives one line; `time` in microseconds of virtual time, `text` without the clock. */
export type JournalWriter = (time: number, text: string) => void;

/** A line as people read it. */
export function journalLine(time: number, text: string): string {
  return `${formatClock(time)} ${text}`;
}

/** Tells commits, decisions, faults, user actions and exits of containers, in the order in which they happen. */
export class Journal implements Partial<Facts> {
  private readonly now: () => number;
  private readonly write: JournalWriter;

  /** `now` gives the present virtual time, microseconds. */
  constructor(now: () => number, write: JournalWriter) {
    this.now = now;
    this.write = write;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    const object: ApiObject = (after ?? before)!;
    const what = nameOf(object);
    if (before === undefined) this.tell(`${what} created${ownerOf(object)}`);
    else if (after === undefined) this.tell(`${what} removed`);
    else for (const change of changesOf(kind, before, after)) this.tell(`${what} ${change}`);
  }

  schedulingAttempt({ pod, attempt, result, nodeName, message, score, ties, feasibleNodes }: SchedulingAttempt): void {
    const what = `${nameOf(pod)} attempt ${attempt}`;
    if (result === 'scheduled')
      this.tell(`${what}: ${nodeName} chosen (score ${score}, ${feasibleNodes} feasible, ${ties} tied)`);
    else this.tell(`${what}: ${result}: ${message}`);
  }

  faultStarted(fault: FaultRecord): void {
    this.tell(`fault ${fault.kind} ${fault.target} begins`);
  }

  faultEnded(fault: FaultRecord): void {
    this.tell(`fault ${fault.kind} ${fault.target} ends`);
  }

  userAction({ verb, target }: UserAction): void {
    this.tell(`user: ${verb} ${target}`);
  }

  machineChanged(nodeName: string, state: MachineState): void {
    this.tell(`machine of ${nodeName} is ${state}`);
  }

  containerStarted(pod: Pod, containerIndex: number, restartCount: number): void {
    const restarts = restartCount === 0 ? '' : ` (restart ${restartCount})`;
    this.tell(`${nameOf(pod)} container ${containerIndex} started${restarts}`);
  }

  containerExited(pod: Pod, containerIndex: number, exitCode: number, reason: string): void {
    this.tell(`${nameOf(pod)} container ${containerIndex} exited with ${exitCode} (${reason})`);
  }

  private tell(text: string): void {
    this.write(this.now(), text);
  }
}

function nameOf({ kind, metadata: { namespace, name } }: ApiObject): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function ownerOf(object: ApiObject): string {
  const owner = controllerOf(object);
  return owner === undefined ? '' : ` for ${owner.kind} ${owner.name}`;
}

function changesOf<K extends Kind>(kind: K, before: KindMap[K], after: KindMap[K]): readonly string[] {
  const changes: string[] = [];
  if (kind === 'Pod') podChanges(before as Pod, after as Pod, changes);
  else if (kind === 'Node') nodeChanges(before as Node, after as Node, changes);
  else if (kind === 'Deployment' || kind === 'ReplicaSet' || kind === 'ReplicationController')
    replicaChanges(before as KindMap['ReplicaSet'], after as KindMap['ReplicaSet'], changes);
  deletionChange(before, after, changes);
  return changes.length > 0 ? changes : ['updated'];
}

function podChanges(before: Pod, after: Pod, changes: string[]): void {
  if (before.spec.nodeName !== after.spec.nodeName) changes.push(`bound to ${after.spec.nodeName}`);
  const { phase, reason } = after.status;
  if (before.status.phase !== phase) changes.push(`is ${phase}${reason === '' ? '' : ` (${reason})`}`);
  if (isPodReady(before) !== isPodReady(after)) changes.push(isPodReady(after) ? 'is ready' : 'is not ready');
}

function nodeChanges(before: Node, after: Node, changes: string[]): void {
  const ready = nodeCondition(after, 'Ready')?.status ?? 'absent';
  if (ready !== (nodeCondition(before, 'Ready')?.status ?? 'absent')) changes.push(`Ready=${ready}`);
  if (before.spec.unschedulable !== after.spec.unschedulable)
    changes.push(after.spec.unschedulable ? 'cordoned' : 'uncordoned');
  for (const taint of tags(after)) if (!tags(before).includes(taint)) changes.push(`tainted ${taint}`);
  for (const taint of tags(before)) if (!tags(after).includes(taint)) changes.push(`no longer tainted ${taint}`);
}

const tags = ({ spec }: Node): string[] => spec.taints.map(({ key, effect }) => `${key}:${effect}`);

function replicaChanges(before: KindMap['ReplicaSet'], after: KindMap['ReplicaSet'], changes: string[]): void {
  if (before.spec.replicas !== after.spec.replicas)
    changes.push(`scaled from ${before.spec.replicas} to ${after.spec.replicas}`);
  if (before.status.readyReplicas !== after.status.readyReplicas)
    changes.push(`has ${after.status.readyReplicas} of ${after.spec.replicas} replicas ready`);
}

function deletionChange(before: ApiObject, after: ApiObject, changes: string[]): void {
  const { deletionTimestamp, deletionGracePeriodSeconds } = after.metadata;
  if (deletionTimestamp === undefined || before.metadata.deletionTimestamp !== undefined) return;
  changes.push(`is being deleted (grace ${deletionGracePeriodSeconds ?? 0} s)`);
}
