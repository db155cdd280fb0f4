/** Replays recorded steps of the real scheduling queue and compares where every pod is after each. */
import type { Pod } from '../api/core-v1.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import type { QueuedPodInfo } from '../scheduler/framework/queued-pod-info.ts';
import {
  assignedPodAdd,
  assignedPodDelete,
  nodeAdd,
  nodeDelete,
  nodeEvents,
  objectEvent,
  podEvents,
  watchedKinds,
} from '../scheduler/object-events.ts';
import type { WatchedKind } from '../scheduler/object-events.ts';
import type { QueuePlace } from '../scheduler/scheduling-queue.ts';
import { SchedulingQueue } from '../scheduler/scheduling-queue.ts';
import type { Difference } from './scheduler-replay.ts';
import { SchedulerFixture, nodeFrom, podFrom } from './scheduler-fixture.ts';
import type {
  RecordedManifest,
  RecordedQueueCase,
  RecordedQueueState,
  RecordedQueueStep,
} from './scheduler-recordings.ts';

/** Steps that agreed, and the first that did not. */
export interface QueueReplayResult {
  readonly steps: number;
  readonly difference: Difference | undefined;
}

/** What differs after a step. */
type StepDifference = Pick<Difference, 'what' | 'expected' | 'got'>;

/** Replays until the end or the first difference. */
export function replayQueue(recorded: RecordedQueueCase): QueueReplayResult {
  const replay = new QueueReplay(recorded);
  let steps = 0;
  for (const step of recorded.steps) {
    const found = replay.step(step);
    if (found !== undefined) {
      const where = `step ${steps} (${step.op} at ${step.at} ms)`;
      return { steps, difference: { case: recorded.id, where, ...found } };
    }
    steps++;
  }
  return { steps, difference: undefined };
}

class QueueReplay {
  private readonly fixture: SchedulerFixture;
  private readonly queue: SchedulingQueue;
  private readonly pods = new Map<string, Pod>();
  private readonly inFlight = new Map<string, QueuedPodInfo>();
  private lastState: RecordedQueueState | undefined;
  private lastUid = 0;

  constructor({ config }: RecordedQueueCase) {
    this.fixture = new SchedulerFixture(config);
    const { podInitialBackoffSeconds, podMaxBackoffSeconds } = this.fixture.configuration;
    const backoff = { initialUs: podInitialBackoffSeconds * SECOND, maxUs: podMaxBackoffSeconds * SECOND };
    this.queue = new SchedulingQueue(this.fixture.frameworks, this.fixture.podInfos, { backoff });
  }

  has(plugin: string): boolean {
    return this.fixture.framework.plugin(plugin) !== undefined;
  }

  /** Does one step; says what differs. */
  step(step: RecordedQueueStep): StepDifference | undefined {
    const difference = this.act(step, step.at * MILLISECOND);
    if (difference !== undefined) return difference;
    this.lastState = step.state ?? this.lastState;
    const expected = JSON.stringify(sortedState(this.lastState ?? emptyState));
    return differenceOf('state', JSON.stringify(this.state()), expected);
  }

  private act(step: RecordedQueueStep, now: number): StepDifference | undefined {
    const { queue } = this;
    const name = step.pod ?? '';
    switch (step.op) {
      case 'add':
        this.pods.set(name, podFrom(step.manifest!, ++this.lastUid));
        queue.add(this.pods.get(name)!, now);
        return undefined;
      case 'pop':
        return this.pop(step);
      case 'fail':
      case 'error':
        return this.fail(name, step.plugins ?? [], now);
      case 'bind':
        queue.done(this.pods.get(name)!.metadata.uid);
        this.inFlight.delete(name);
        queue.moveAllToActiveOrBackoff(assignedPodAdd, undefined, this.bound(name, step.node!), now);
        return undefined;
      case 'event':
        return this.event(step, now);
      case 'update':
        return this.update(name, step.manifest!, now);
      case 'delete':
        queue.delete(this.pods.get(name)!.metadata.uid);
        return undefined;
      case 'activate':
        queue.activate(
          step.pods!.map((pod) => this.pods.get(pod)!),
          now,
        );
        return undefined;
      case 'advance':
        return this.advance(step, now);
    }
  }

  private bound(name: string, nodeName: string): Pod {
    const pod = this.pods.get(name)!;
    return podWith(pod, { spec: bindSpec(pod.spec, nodeName) });
  }

  private pop({ popped, attempts }: RecordedQueueStep): StepDifference | undefined {
    const info = this.queue.pop();
    const name = info?.podInfo.pod.metadata.name ?? '';
    if (info !== undefined) this.inFlight.set(name, info);
    return differenceOf('popped pod and attempts', `${name} ${info?.attempts ?? 0}`, `${popped} ${attempts ?? 0}`);
  }

  private fail(name: string, plugins: readonly string[], now: number): undefined {
    const info = this.inFlight.get(name)!;
    this.inFlight.delete(name);
    info.podInfo = this.fixture.podInfos.podInfo(this.pods.get(name)!);
    info.unschedulablePlugins = new Set(plugins);
    this.queue.addUnschedulable(info, now);
  }

  private update(name: string, manifest: RecordedManifest, now: number): undefined {
    const before = this.pods.get(name)!;
    const after = podFrom(manifest, before.metadata.uid);
    this.pods.set(name, after);
    this.queue.update(before, after, now);
  }

  /** Kinds that no plugin here registers are not told. */
  private event({ event, old, new: now, labels }: RecordedQueueStep, at: number): StepDifference | undefined {
    const { queue } = this;
    const tell = queue.moveAllToActiveOrBackoff.bind(queue);
    if (event === 'nodeAdd') tell(nodeAdd, undefined, nodeFrom(now), at);
    if (event === 'nodeDelete') tell(nodeDelete, nodeFrom(old), undefined, at);
    if (event === 'assignedPodAdd') tell(assignedPodAdd, undefined, this.boundPod(now), at);
    if (event === 'assignedPodDelete') tell(assignedPodDelete, this.boundPod(old), undefined, at);
    const kind = watchedKinds.find((known) => known === (old ?? now)?.kind);
    if (kind !== undefined) return this.objectEvent(kind, old, now, labels, at);
    if (event !== 'nodeUpdate' && event !== 'assignedPodUpdate') return undefined;
    const isNode = event === 'nodeUpdate';
    const [before, after] = isNode ? [nodeFrom(old), nodeFrom(now)] : [this.boundPod(old), this.boundPod(now)];
    const events = isNode
      ? nodeEvents(nodeFrom(old), nodeFrom(now))
      : podEvents(before as Pod, after as Pod, 'AssignedPod');
    for (const entry of events) tell(entry, before, after, at);
    const found = events.map(({ label }) => label).join();
    const expected = (labels ?? []).join();
    return labels === undefined ? undefined : differenceOf('events', found, expected);
  }

  private objectEvent(
    kind: WatchedKind,
    old: RecordedManifest | undefined,
    now: RecordedManifest | undefined,
    labels: readonly string[] | undefined,
    at: number,
  ): StepDifference | undefined {
    const read = (manifest: RecordedManifest | undefined): ApiObject | undefined =>
      manifest && this.fixture.cluster.decode(manifest);
    const [before, after] = [read(old), read(now)];
    const event = objectEvent(kind, before, after);
    this.queue.moveAllToActiveOrBackoff(event, before, after, at);
    const found = this.queue.hints.isEventOfInterest(event) ? event.label : '';
    const expected = (labels ?? []).join();
    return differenceOf('events', found, expected);
  }

  private boundPod(manifest: unknown): Pod {
    return podFrom(manifest, 1_000_000);
  }

  private advance({ to, moves }: RecordedQueueStep, from: number): StepDifference | undefined {
    const found: string[] = [];
    for (let at = from - (from % SECOND) + SECOND; at <= to! * MILLISECOND; at += SECOND) {
      const before = this.places();
      this.queue.flush(at);
      for (const [name, place] of this.places()) {
        const old = before.get(name)!;
        if (old !== place) found.push(`${at / MILLISECOND} ${name} ${old} ${place}`);
      }
    }
    const expected = (moves ?? []).map((move) => `${move.at} ${move.pod} ${move.from} ${move.to}`).join();
    return differenceOf('moves', found.join(), expected);
  }

  /** Names with their places, in name order. */
  private places(): ReadonlyMap<string, string> {
    const places: [string, string][] = [];
    for (const place of ['active', 'backoff', 'errorBackoff', 'unschedulable', 'inFlight'] as const) {
      for (const { pod } of this.queue.podsAt(place)) places.push([pod.metadata.name, this.placeText(place, pod)]);
    }
    return new Map(places.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private placeText(place: QueuePlace, pod: Pod): string {
    return place === 'unschedulable' && this.queue.get(pod.metadata.uid)!.isGated ? 'gated' : place;
  }

  private state(): RecordedQueueState {
    const places = this.places();
    const at = (place: string): string[] => [...places].filter(([, where]) => where === place).map(([name]) => name);
    const ends = (place: QueuePlace): Record<string, number> => {
      const entries = this.queue.podsAt(place).map(({ pod }) => {
        const { backoffExpiration } = this.queue.get(pod.metadata.uid)!;
        return [pod.metadata.name, backoffExpiration / MILLISECOND] as const;
      });
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    };
    return {
      active: at('active'),
      backoff: ends('backoff'),
      errorBackoff: ends('errorBackoff'),
      unschedulable: at('unschedulable'),
      gated: at('gated'),
      inFlight: at('inFlight'),
    };
  }
}

const emptyState: RecordedQueueState = {
  active: [],
  backoff: {},
  errorBackoff: {},
  unschedulable: [],
  gated: [],
  inFlight: [],
};

function differenceOf(what: string, got: string, expected: string): StepDifference | undefined {
  return got === expected ? undefined : { what, expected, got };
}

/** The same state with its keys in one order. */
function sortedState(state: RecordedQueueState): RecordedQueueState {
  const { active, backoff, errorBackoff, unschedulable, gated, inFlight } = state;
  const inOrder = (ends: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(ends).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { active, backoff: inOrder(backoff), errorBackoff: inOrder(errorBackoff), unschedulable, gated, inFlight };
}
