/** A pod's way, hop by hop: looks on while a run is executed again and notes what concerns one pod and those who made it. */
import type { Pod } from '../../api/core-v1.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import type { ApiObject, OwnerReference } from '../../api/meta-v1.ts';
import { controllerOf } from '../../api/meta-v1.ts';
import { isPodReady } from '../../api/pod-conditions.ts';
import type { Facts, KubeEvent, Leader, PodHop, SchedulingAttempt, UserAction } from '../../record/facts.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import type { Decision } from '../../scheduler/schedule-one.ts';
import type { DecisionObserver } from '../../scheduler/scheduler.ts';
import { LeaderOutages } from './leader-outages.ts';

/** One line: who did what, at which microsecond. */
export interface TimelineRow {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  /** How often it happened in a row, and when for the last time. */
  readonly count: number;
  readonly lastAt: number;
}

interface Note {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  /** Notes in a row with one key are one line. */
  readonly key: string;
}

interface Creation {
  readonly at: number;
  readonly object: ApiObject;
}

/** Events that say what the decisions say already. */
const toldByDecisions: ReadonlySet<string> = new Set(['Scheduled', 'FailedScheduling']);

/** The timeline of the pod with this uid. */
export class PodTimeline implements Partial<Facts>, DecisionObserver {
  private readonly uid: number;
  private readonly now: () => number;
  private readonly notes: Note[] = [];
  private readonly creations = new Map<number, Creation>();
  private readonly firstActions = new Map<string, UserAction>();
  private readonly podsOfOwner = new Map<number, number>();
  private readonly hops = new Map<PodHop, number>();
  private readonly leaders = new LeaderOutages();
  private pod: Pod | undefined;
  private ordinal = 0;
  private wasReady = false;
  private isRemoved = false;

  /** `now` gives the present virtual time, microseconds. */
  constructor(uid: number, now: () => number) {
    this.uid = uid;
    this.now = now;
  }

  /** Whether nothing more can happen to the pod. */
  get isOver(): boolean {
    return this.isRemoved;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    const object: ApiObject = (after ?? before)!;
    if (before === undefined && kind !== 'Pod') this.creations.set(object.metadata.uid, { at: this.now(), object });
    if (kind !== 'Pod') return;
    if (before === undefined) this.countPod(object);
    if (object.metadata.uid === this.uid) this.podCommitted(before as Pod | undefined, after as Pod | undefined);
  }

  podHop(uid: number, hop: PodHop, time: number): void {
    if (uid !== this.uid || this.hops.has(hop)) return;
    this.hops.set(hop, time);
    const told = hopTexts[hop];
    if (told === undefined) return;
    const what = hop === 'bound' ? `bound to ${this.nodeName}` : told.what;
    this.note(time, told.who === 'kubelet' ? this.kubelet : told.who, what);
  }

  searching(): void {
    // Only what comes of it is told.
  }

  scored(): void {
    // Only what comes of it is told.
  }

  decided({ info, outcome, evaluatedNodes, feasibleNodes, framework }: Decision, now: number): void {
    if (info.podInfo.pod.metadata.uid !== this.uid) return;
    const who = framework.profileName === 'default-scheduler' ? 'kube-scheduler' : framework.profileName;
    if (!('type' in outcome)) {
      this.note(now, who, `attempt ${info.attempts}: ${outcome.result}: ${outcome.message}`, outcome.message);
      return;
    }
    if (outcome.type !== 'node') return;
    const feasible = `${formatNumber(feasibleNodes)} of ${formatNumber(evaluatedNodes)} nodes feasible`;
    const tie = outcome.ties > 1 ? `; tied with ${formatNumber(outcome.ties - 1)}` : '';
    const score = feasibleNodes > 1 ? `score ${formatNumber(outcome.score)}; ` : '';
    const attempt = info.attempts > 1 ? `attempt ${info.attempts}: ` : '';
    this.note(now, who, `${attempt}chose ${outcome.node.name} (${score}${feasible}${tie})`);
  }

  /** Refusals of a search were told when it was made; this is about what came after a node was chosen. */
  schedulingAttempt({ pod, result, message, evaluatedNodes, feasibleNodes }: SchedulingAttempt): void {
    if (pod.metadata.uid !== this.uid || result === 'scheduled' || feasibleNodes === 0 || evaluatedNodes === 0) return;
    this.note(this.now(), 'kube-scheduler', `not bound after all: ${message}`);
  }

  kubeEvent({ involvedKind, namespace, name, reason, source, message }: KubeEvent): void {
    const { pod } = this;
    if (pod === undefined || this.isRemoved || involvedKind !== 'Pod' || toldByDecisions.has(reason)) return;
    if (pod.metadata.name !== name || pod.metadata.namespace !== namespace) return;
    this.note(this.now(), source === 'kubelet' ? this.kubelet : source, `${reason}: ${message}`);
  }

  leaderChanged(component: string, leader: Leader): void {
    this.leaders.changed(component, leader, this.now());
  }

  userAction(action: UserAction): void {
    if (!this.firstActions.has(action.target)) this.firstActions.set(action.target, action);
    if (action.verb === 'delete' && action.target === `Pod ${this.key}`)
      this.note(action.startedAt, 'user', 'deleted the pod');
  }

  /** The rows in order of time, repetitions in one. */
  rows(): readonly TimelineRow[] {
    const origin = this.originNotes();
    const notes = [...origin, ...this.leaderNotes(origin), ...this.notes];
    const order = notes.map((note, index) => ({ note, index }));
    order.sort((a, b) => a.note.at - b.note.at || a.index - b.index);
    const rows: (TimelineRow & { readonly key: string })[] = [];
    for (const { note } of order) {
      const last = rows.at(-1);
      const isSame = last !== undefined && last.key === note.key && last.who === note.who;
      if (isSame) rows[rows.length - 1] = { ...last, count: last.count + 1, lastAt: note.at };
      else rows.push({ ...note, count: 1, lastAt: note.at });
    }
    return rows.map(({ at, who, what, count, lastAt }) => ({ at, who, what, count, lastAt }));
  }

  private get nodeName(): string {
    return this.pod?.spec.nodeName ?? '';
  }

  private get kubelet(): string {
    return `kubelet ${this.nodeName}`;
  }

  private get key(): string {
    return `${this.pod?.metadata.namespace}/${this.pod?.metadata.name}`;
  }

  private note(at: number, who: string, what: string, key = what): void {
    this.notes.push({ at, who, what, key });
  }

  private countPod({ metadata }: ApiObject): void {
    const owner = controllerOf({ metadata });
    if (owner === undefined) return;
    const count = (this.podsOfOwner.get(owner.uid) ?? 0) + 1;
    this.podsOfOwner.set(owner.uid, count);
    if (metadata.uid === this.uid) this.ordinal = count;
  }

  private podCommitted(before: Pod | undefined, after: Pod | undefined): void {
    if (after === undefined) {
      this.isRemoved = true;
      return this.note(this.now(), 'kube-apiserver', 'removed');
    }
    this.pod = before === undefined ? after : this.changed(before, after);
  }

  private changed(before: Pod, after: Pod): Pod {
    this.pod = after;
    const { phase, reason } = after.status;
    const isReady = isPodReady(after);
    if (phase !== before.status.phase && phase !== 'Running')
      this.note(this.now(), 'kube-apiserver', `phase ${phase}${reason === '' ? '' : ` (${reason})`}`);
    if (isReady !== isPodReady(before) && this.wasReady)
      this.note(this.now(), 'kube-apiserver', isReady ? 'ready again' : 'no longer ready');
    if (isReady) this.wasReady = true;
    const { deletionTimestamp, deletionGracePeriodSeconds } = after.metadata;
    if (deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined)
      this.note(this.now(), 'kube-apiserver', `marked for deletion (grace ${deletionGracePeriodSeconds ?? 0} s)`);
    return after;
  }

  /** How the pod came to be: its owners from the top, and its own creation. */
  private originNotes(): Note[] {
    if (this.pod === undefined) return [];
    const owner = controllerOf(this.pod);
    return [...this.ownerNotes(owner), ...this.creationNotes(this.pod, owner)];
  }

  /** Who was not there to make the pod, or to find it a node. */
  private leaderNotes(origin: readonly Note[]): Note[] {
    const submitted = this.hops.get('submitted');
    if (submitted === undefined) return [];
    const waits = [
      ...this.leaders.during('kube-controller-manager', origin[0]?.at ?? submitted, submitted),
      ...this.leaders.during('kube-scheduler', submitted, this.hops.get('bound') ?? Infinity),
    ];
    return waits.map(({ at, component, what }) => noteOf(at, component, what));
  }

  private ownerNotes(reference: OwnerReference | undefined): Note[] {
    const creation = reference && this.creations.get(reference.uid);
    if (creation === undefined) return [];
    const { object, at } = creation;
    const { kind, metadata } = object;
    const what = `${kind} ${metadata.name}`;
    const above = controllerOf({ metadata });
    const stored = noteOf(at, 'kube-apiserver', `stored ${what} (revision ${metadata.resourceVersion})`);
    if (above !== undefined) return [...this.ownerNotes(above), noteOf(at, controllerName(above), `created ${what}`)];
    const action = this.firstActions.get(`${kind} ${metadata.namespace}/${metadata.name}`);
    if (action === undefined || action.startedAt > at) return [noteOf(at, 'cluster', `${what} is there`)];
    return [noteOf(action.startedAt, 'user', `created ${what}`), stored];
  }

  private creationNotes({ metadata }: Pod, owner: OwnerReference | undefined): Note[] {
    const [submitted, admitted, stored] = (['submitted', 'admitted', 'stored'] as const).map((hop) =>
      this.hops.get(hop),
    );
    if (submitted === undefined || admitted === undefined || stored === undefined) return [];
    const who = owner === undefined ? 'user' : controllerName(owner);
    const of = owner === undefined ? '' : `, number ${formatNumber(this.ordinal)} of ${owner.kind} ${owner.name}`;
    const cost = `admission ${formatDuration(admitted - submitted)}, etcd ${formatDuration(stored - admitted)}`;
    return [
      noteOf(submitted, who, `created the pod${of}`),
      noteOf(stored, 'kube-apiserver', `stored ${metadata.name} (${cost})`),
    ];
  }
}

/** Hops that are told as they are; creation, pulls and starts are told with what else is known of them. */
const hopTexts: { readonly [hop in PodHop]?: { readonly who: string; readonly what: string } } = {
  seen_by_scheduler: { who: 'kube-scheduler', what: 'seen' },
  bound: { who: 'kube-apiserver', what: 'bound' },
  seen_by_kubelet: { who: 'kubelet', what: 'seen' },
  sandbox_ready: { who: 'kubelet', what: 'sandbox ready' },
  ready: { who: 'kubelet', what: 'ready' },
};

function noteOf(at: number, who: string, what: string): Note {
  return { at, who, what, key: what };
}

function controllerName({ kind }: OwnerReference): string {
  return `${kind.toLowerCase()} controller`;
}
