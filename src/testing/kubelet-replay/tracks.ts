/** What a replay shows, in the words of the recordings. */
import type { Node, Pod } from '../../api/core-v1.ts';
import { nodeCondition } from '../../api/node-conditions.ts';
import type { ContainerState, ContainerStatus } from '../../api/pod-status.ts';
import { isConditionTrue } from '../../api/pod-status.ts';
import type { Facts, KubeEvent, RuntimeCall } from '../../record/facts.ts';
import { conditionsAsShown } from '../pod-condition-texts.ts';

/** `what` happened at `t` seconds. */
export interface TrackItem {
  readonly what: readonly unknown[];
  readonly t: number;
}

/** Builds the tracks of a case from the facts of a run; `seconds` is the time since the first pod of the case was there. */
export class TrackRecorder {
  readonly tracks = new Map<string, TrackItem[]>();
  private readonly seconds: () => number;
  private readonly secondsOf: (time: number) => number;
  private readonly withNode: boolean;
  private readonly names: ReadonlyMap<string, string>;
  private readonly lastSeen = new Map<string, string>();
  /** Events so far of each pod, and when the client's spam filter began to drop them. */
  private readonly eventCounts = new Map<string, number>();
  /** Last versions of the pods, and those whose deadline is over: their conditions have other reasons. */
  private readonly pods = new Map<string, Pod>();
  private readonly exceeded = new Set<string>();
  firstDropAt = Infinity;

  /** @param names tracks by the name of the pod. @param withNode whether the node has tracks too. */
  constructor(
    names: ReadonlyMap<string, string>,
    withNode: boolean,
    seconds: () => number,
    secondsOf: (time: number) => number,
  ) {
    this.names = names;
    this.withNode = withNode;
    this.seconds = seconds;
    this.secondsOf = secondsOf;
  }

  get observer(): Partial<Facts> {
    return {
      committed: (kind, _slot, before, after) => {
        if (kind === 'Pod') this.onPod(before as Pod | undefined, after as Pod | undefined);
        else if (kind === 'Node' && this.withNode) this.onNode(before as Node, after as Node);
      },
      kubeEvent: (event) => this.onEvent(event),
      runtimeCall: (call) => this.onCall(call),
    };
  }

  private add(track: string, what: readonly unknown[], t = this.seconds()): void {
    const items = this.tracks.get(track);
    if (items === undefined) this.tracks.set(track, [{ what, t }]);
    else items.push({ what, t });
  }

  /** Adds a state where it differs from the last one. */
  private state(track: string, what: readonly unknown[]): void {
    const text = JSON.stringify(what);
    if (this.lastSeen.get(track) === text) return;
    this.lastSeen.set(track, text);
    this.add(track, what);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    const name = this.names.get((after ?? before)!.metadata.name);
    if (name === undefined) return;
    if (before === undefined) this.add(`${name}/object`, ['assigned']);
    if (after === undefined) {
      this.state(`${name}/deletion`, ['deleting', 0]);
      this.add(`${name}/object`, ['removed']);
      return;
    }
    const { deletionTimestamp, deletionGracePeriodSeconds } = after.metadata;
    if (deletionTimestamp !== undefined) this.state(`${name}/deletion`, ['deleting', deletionGracePeriodSeconds ?? 0]);
    this.onStatus(name, after);
  }

  private onStatus(name: string, pod: Pod): void {
    this.pods.set(name, pod);
    const { phase, reason, message, containerStatuses, initContainerStatuses } = pod.status;
    this.state(`${name}/phase`, [phase]);
    if (reason !== '' || message !== '') this.state(`${name}/why`, [reason, this.masked(message, pod)]);
    this.onConditions(name, pod);
    for (const status of initContainerStatuses) this.onContainer(name, pod, status, true);
    for (const status of containerStatuses) this.onContainer(name, pod, status, false);
  }

  private onConditions(name: string, pod: Pod): void {
    for (const condition of conditionsAsShown(pod, this.exceeded.has(name))) {
      const { type, status } = condition;
      this.state(`${name}/condition ${type}`, [status, condition.reason, condition.message]);
    }
  }

  private onContainer(name: string, pod: Pod, status: ContainerStatus, isInit: boolean): void {
    const container = (isInit ? pod.spec.initContainers : pod.spec.containers)[status.index]!;
    const { state, restartCount, ready, started, lastState } = status;
    const last = lastState === undefined ? null : `${lastState.reason} ${lastState.exitCode}`;
    const what = [this.masked(stateText(state), pod), restartCount, ready, started, last];
    this.state(`${name}/container ${container.name}`, what);
    this.state(`${name}/restarts ${container.name}`, [restartCount]);
  }

  private onNode(before: Node, after: Node): void {
    for (const { type } of after.status.conditions) {
      const condition = nodeCondition(after, type)!;
      if (condition.status === nodeCondition(before, type)?.status) continue;
      this.add(`node/condition ${type}`, [condition.status, condition.reason]);
    }
    const taints = after.spec.taints.map(({ key, effect }) => `${key}:${effect}`);
    this.state('node/taints', [taints.sort((a, b) => (a < b ? -1 : 1)).join(' ')]);
  }

  private onEvent({ type, reason, message, involvedKind, name, container, source }: KubeEvent): void {
    if (source !== 'kubelet') return;
    if (involvedKind === 'Node') {
      if (this.withNode) this.add(`node/event ${reason}: ${message.replaceAll(name, '<node>')}`, ['event']);
      return;
    }
    const track = this.names.get(name);
    if (track === undefined) return;
    const count = (this.eventCounts.get(track) ?? 0) + 1;
    this.eventCounts.set(track, count);
    // A burst of 25 for each object, and one more in five minutes (client-go `events_cache.go`).
    if (count > burstOfEvents + this.seconds() / 300) this.firstDropAt = Math.min(this.firstDropAt, this.seconds());
    this.add(`${track}/event ${reason} ${container ?? ''} ${maskedEvent(message)}`, [type]);
    if (reason === 'DeadlineExceeded' && !this.exceeded.has(track)) this.onExceeded(track);
  }

  /** Of a pod that was not ready before nothing changes but the reason, which is written in the same moment. */
  private onExceeded(track: string): void {
    this.exceeded.add(track);
    const pod = this.pods.get(track);
    if (pod !== undefined && !isConditionTrue(pod.status.containersReady)) this.onConditions(track, pod);
  }

  private onCall(call: RuntimeCall): void {
    const name = this.names.get(call.pod.metadata.name);
    if (name === undefined) return;
    const t = this.secondsOf(call.time);
    const { attempt, code, detail, container } = call;
    switch (call.call) {
      case 'RunPodSandbox':
      case 'StopPodSandbox':
        return this.add(`${name}/cri sandbox`, [call.call, attempt, detail], t);
      case 'PullImage': {
        const [image, error] = maskedEvent(detail).split('\n');
        return this.add(`${name}/cri pull ${image}`, [call.call, error ?? ''], t);
      }
      case 'CreateContainer':
      case 'StartContainer':
        return this.add(
          `${name}/cri ${container}`,
          detail === '' ? [call.call, attempt] : [call.call, attempt, detail],
          t,
        );
      case 'StopContainer':
      case 'Exit':
        return this.add(`${name}/cri ${container}`, [call.call, attempt, code], t);
      case 'ExecSync':
        return this.add(`${name}/exec ${container} ${detail}`, [attempt, code], t);
    }
  }

  private masked(text: string, pod: Pod): string {
    return maskedEvent(text.replaceAll(`(${pod.metadata.uid})`, '(<uid>)'));
  }
}

const burstOfEvents = 25;

/** What differs between plays: names, uids and durations. */
function maskedEvent(text: string): string {
  return text
    .replaceAll(/pod-[a-z0-9-]+_oracle\(\d+\)/g, '<pod>_oracle(<uid>)')
    .replaceAll(/pod-[a-z0-9-]+_oracle/g, '<pod>_oracle')
    .replaceAll(/in \S+ \(\S+ including waiting\)/g, 'in <d> (<d> including waiting)')
    .replaceAll(/(registry\.test\/[a-z/]+)0\//g, '$1@/');
}

function stateText({ phase, reason, message, exitCode }: ContainerState): string {
  if (phase === 'running') return 'running';
  if (phase === 'terminated') return `terminated ${reason} ${exitCode}`;
  return message === '' ? `waiting ${reason}`.trim() : `waiting ${reason}: ${message}`;
}
