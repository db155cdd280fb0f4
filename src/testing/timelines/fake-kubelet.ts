/** Kubelets that only pretend, as those of the recordings did: a pod's annotations say when it runs, is ready, exits and ends. */
import { podWith } from '../../apiserver/pod-object.ts';
import type { Client } from '../../apiserver/client.ts';
import type { ApiRequest } from '../../apiserver/requests.ts';
import { deleteRequest, patchStatusRequest } from '../../apiserver/requests.ts';
import type { Kind } from '../../api/kinds.ts';
import type { Pod } from '../../api/core-v1.ts';
import type { ApiObject, Uid } from '../../api/meta-v1.ts';
import { controllerOf, labelValue } from '../../api/meta-v1.ts';
import { isPodReady, isPodTerminal } from '../../api/pod-conditions.ts';
import type { ContainerState, ContainerStatus, PodStatus } from '../../api/pod-status.ts';
import { observeCondition, statusWith } from '../../api/pod-status.ts';
import { exponential } from '../../engine/distributions.ts';
import { MILLISECOND, SECOND, parseDuration } from '../../engine/time.ts';
import { EventPhase } from '../../record/event-phases.ts';
import type { ActedServer } from './acted-server.ts';

/** Times in microseconds; undefined = never. */
interface PodScript {
  readonly startAfter: number;
  readonly readyAfter: number | undefined;
  readonly terminateAfter: number;
  readonly exitAfter: number | undefined;
  readonly exitCode: number;
  readonly unready: readonly [number, number] | undefined;
}

const reactionMinUs = 1 * MILLISECOND;
const reaction = exponential({ mean: 3 * MILLISECOND });

const restartDelays = [0, 10, 20, 40, 80, 160, 300];

interface Life {
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly script: PodScript;
  restarts: number;
  isOver: boolean;
}

/** What a write changes of a status; `now` in whole seconds. */
type StatusChange = (status: PodStatus, now: number) => Partial<PodStatus>;

/** Does something later, microseconds from now. */
export type Later = (delayUs: number, action: () => void) => void;

/** All kubelets of a case. */
export class FakeKubelets {
  private readonly server: ActedServer;
  private readonly later: Later;
  private readonly client: Client;
  private readonly lives = new Map<Uid, Life>();
  private readonly boundCounts = new Map<string, number>();
  private readonly silent = new Set<string>();
  /** What fell due on silent nodes. */
  private readonly overdue = new Map<string, (() => void)[]>();

  constructor(server: ActedServer, later: Later) {
    this.server = server;
    this.later = later;
    this.client = server.client({ name: 'kubelet', phase: EventPhase.machine, queriesPerSecond: 0, burst: 0 });
    server.recorder.observe({
      committed: (kind: Kind, _slot: number, before: ApiObject | undefined, after: ApiObject | undefined) => {
        if (kind === 'Pod') this.onPod(before as Pod | undefined, after as Pod | undefined);
      },
    });
  }

  silence(nodeName: string): void {
    this.silent.add(nodeName);
  }

  /** The node posts its running pods again and does what it has missed. */
  speak(nodeName: string): void {
    this.silent.delete(nodeName);
    for (const [uid, { nodeName: own, script }] of this.lives) {
      const pod = own === nodeName ? this.podOf(uid) : undefined;
      if (pod === undefined || pod.status.phase !== 'Running' || isPodReady(pod)) continue;
      if (script.readyAfter === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
      this.postReady(uid, true);
    }
    const missed = this.overdue.get(nodeName) ?? [];
    this.overdue.delete(nodeName);
    for (const action of missed) action();
  }

  /** The readiness of a pod changes at once, as somebody outside has told. */
  postReady(uid: Uid, isReady: boolean): void {
    this.server.as('kubelet', this.statusRequest(uid, readiness(isReady)));
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    if (after === undefined) return void this.lives.delete(before!.metadata.uid);
    const { nodeName } = after.spec;
    if (nodeName !== '' && (before?.spec.nodeName ?? '') === '') this.onBound(after);
    const isMarked = after.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined;
    if (isMarked && nodeName !== '' && !isPodTerminal(after)) this.onDeletion(after);
  }

  private onBound(pod: Pod): void {
    const { uid, namespace, name } = pod.metadata;
    const script = this.scriptOf(pod);
    const { startAfter, readyAfter } = script;
    this.lives.set(uid, { namespace, name, nodeName: pod.spec.nodeName, script, restarts: 0, isOver: false });
    const lag = this.lag();
    this.due(uid, startAfter + lag, () => this.start(uid));
    if (readyAfter !== undefined && readyAfter > startAfter) this.due(uid, readyAfter + lag, () => this.ready(uid));
  }

  private onDeletion(pod: Pod): void {
    const { uid, deletionGracePeriodSeconds = 0 } = pod.metadata;
    const life = this.lives.get(uid);
    if (life === undefined) return;
    const delay = Math.min(life.script.terminateAfter, deletionGracePeriodSeconds * SECOND) + this.lag();
    if (!this.silent.has(life.nodeName)) return this.due(uid, delay, () => this.end(uid));
    this.postpone(life.nodeName, () => this.due(uid, delay, () => this.end(uid)));
  }

  /** A kubelet hears of a change and answers it later than at once, microseconds; its own timers go on exactly. */
  private lag(): number {
    return Math.round(reactionMinUs + reaction.sample(this.server.engine.random('timeline/kubelet')));
  }

  /** Does something for a pod after a delay, or when its node is back. */
  private due(uid: Uid, delayUs: number, action: () => void): void {
    const act = (): void => {
      const life = this.lives.get(uid);
      if (life === undefined) return;
      if (this.silent.has(life.nodeName)) this.postpone(life.nodeName, act);
      else action();
    };
    this.later(delayUs, act);
  }

  private postpone(nodeName: string, action: () => void): void {
    const list = this.overdue.get(nodeName);
    if (list === undefined) this.overdue.set(nodeName, [action]);
    else list.push(action);
  }

  private start(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined || isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return;
    const { script } = this.lives.get(uid)!;
    const isReady = script.readyAfter !== undefined && script.readyAfter <= script.startAfter;
    this.write(uid, (status, now) => ({
      phase: 'Running',
      startTime: now,
      podIP: uid,
      ready: observeCondition(status.ready, isReady, now),
      containersReady: observeCondition(status.containersReady, isReady, now),
      containerStatuses: [running(now, 0, isReady)],
    }));
    this.scheduleExit(uid);
    if (script.unready !== undefined) {
      this.due(uid, script.unready[0], () => this.write(uid, readiness(false)));
      this.due(uid, script.unready[1], () => this.write(uid, readiness(true)));
    }
  }

  private scheduleExit(uid: Uid): void {
    const { exitAfter } = this.lives.get(uid)!.script;
    if (exitAfter !== undefined) this.due(uid, exitAfter, () => this.exit(uid));
  }

  private ready(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined || pod.status.phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) return;
    this.write(uid, readiness(true));
  }

  private exit(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined || isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return;
    const life = this.lives.get(uid)!;
    const { exitCode } = life.script;
    const { restartPolicy } = pod.spec;
    if (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && exitCode === 0))
      return this.finish(uid, exitCode);
    const delay = restartDelays[Math.min(life.restarts, restartDelays.length - 1)]!;
    life.restarts++;
    if (delay > 0) {
      const { restarts } = life;
      this.write(uid, (status, now) => ({
        ready: observeCondition(status.ready, false, now),
        containersReady: observeCondition(status.containersReady, false, now),
        containerStatuses: [waiting(exitCode, now, restarts)],
      }));
    }
    this.due(uid, delay * SECOND + life.script.startAfter, () => this.restart(uid));
  }

  private restart(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined || isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return;
    const { restarts } = this.lives.get(uid)!;
    this.write(uid, (status, now) => ({
      ready: observeCondition(status.ready, true, now),
      containersReady: observeCondition(status.containersReady, true, now),
      containerStatuses: [running(now, restarts, true)],
    }));
    this.scheduleExit(uid);
  }

  private finish(uid: Uid, exitCode: number): void {
    const { restarts } = this.lives.get(uid)!;
    this.write(uid, (status, now) => ({
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      ready: observeCondition(status.ready, false, now),
      containersReady: observeCondition(status.containersReady, false, now),
      containerStatuses: [
        {
          index: 0,
          state: terminated(exitCode, now),
          lastState: undefined,
          restartCount: restarts,
          ready: false,
          started: false,
        },
      ],
    }));
  }

  /** The end of a deleted pod. */
  private end(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined) return;
    if (!isPodTerminal(pod)) this.finish(uid, 0);
    this.due(uid, this.lag() + this.lag(), () => this.remove(uid));
  }

  private remove(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined) return;
    const { namespace, name } = pod.metadata;
    this.client.send(deleteRequest('Pod', namespace, name, { gracePeriodSeconds: 0, uid }));
  }

  private podOf(uid: Uid): Pod | undefined {
    const life = this.lives.get(uid);
    const pod = life && this.server.state.get('Pod', life.namespace, life.name);
    return pod?.metadata.uid === uid ? pod : undefined;
  }

  private write(uid: Uid, change: StatusChange): void {
    this.client.send(this.statusRequest(uid, change));
  }

  private statusRequest(uid: Uid, change: StatusChange): ApiRequest<'Pod'> {
    const { namespace, name } = this.lives.get(uid)!;
    const now = this.server.nowSeconds;
    const patch = (pod: Pod): Pod => podWith(pod, { status: statusWith(pod.status, change(pod.status, now)) });
    return patchStatusRequest('Pod', namespace, name, patch, undefined, uid);
  }

  private scriptOf(pod: Pod): PodScript {
    const { annotations } = pod.metadata;
    const text = (name: string): string | undefined => labelValue(annotations, `oracle/${name}`);
    const time = (name: string): number | undefined =>
      text(name) === undefined ? undefined : parseDuration(text(name)!);
    const owner = controllerOf(pod)?.uid ?? pod.metadata.uid;
    const rank = this.boundCounts.get(String(owner)) ?? 0;
    this.boundCounts.set(String(owner), rank + 1);
    const startAfter = time('start-after') ?? SECOND;
    const readyAfter =
      text('ready-after') === 'never'
        ? undefined
        : (time('ready-after') ?? startAfter) + rank * (time('ready-step') ?? 0);
    const index = labelValue(pod.metadata.labels, 'batch.kubernetes.io/job-completion-index');
    const unready = text('unready')
      ?.split('-')
      .map((part) => parseDuration(part)!);
    return {
      startAfter,
      readyAfter,
      terminateAfter: time('terminate-after') ?? SECOND,
      exitAfter: (index === undefined ? undefined : time(`exit-after-index-${index}`)) ?? time('exit-after'),
      exitCode: codeOfIndex(text('exit-code-by-index'), index) ?? Number(text('exit-code') ?? 0),
      unready: unready && [unready[0]!, unready[1]!],
    };
  }
}

function readiness(isReady: boolean): StatusChange {
  return (status, now) => ({
    ready: observeCondition(status.ready, isReady, now),
    containersReady: observeCondition(status.containersReady, isReady, now),
  });
}

/** The exit code of an index in `1:5,3:42`; other indexes end well. */
function codeOfIndex(list: string | undefined, index: string | undefined): number | undefined {
  if (list === undefined || index === undefined) return undefined;
  const entry = list.split(',').find((part) => part.startsWith(`${index}:`));
  return entry === undefined ? 0 : Number(entry.slice(index.length + 1));
}

function running(startedAt: number, restartCount: number, ready: boolean): ContainerStatus {
  const state = { phase: 'running', reason: '', message: '', exitCode: 0, startedAt, finishedAt: -1 } as const;
  return { index: 0, state, lastState: undefined, restartCount, ready, started: true };
}

function waiting(exitCode: number, now: number, restartCount: number): ContainerStatus {
  const state = {
    phase: 'waiting',
    reason: 'CrashLoopBackOff',
    message: '',
    exitCode: 0,
    startedAt: -1,
    finishedAt: -1,
  } as const;
  return { index: 0, state, lastState: terminated(exitCode, now), restartCount, ready: false, started: false };
}

function terminated(exitCode: number, finishedAt: number): ContainerState {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return { phase: 'terminated', reason, message: '', exitCode, startedAt: 0, finishedAt };
}
