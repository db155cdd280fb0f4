/** Image pulls: a queue for each node, and one registry for all. */
import { RateLimit } from '../apiserver/rate-limit.ts';
import type { Engine, EventHandler, EventId, HandlerId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Recorder } from '../record/recorder.ts';
import type { EntityDuration } from './draw.ts';
import type { ImageSizes } from './images.ts';
import type { NodeMachine } from './node-machine.ts';

/** What pulls depend on. */
export interface PullSettings {
  readonly sizes: ImageSizes;
  /** Bytes per second of one pull. */
  readonly bandwidth: number;
  readonly latency: EntityDuration;
  /** Pulls that a node does at a time. */
  readonly parallelism: number;
  /** Pulls that a node may begin; 0 = unlimited. Beyond the limit a pull fails at once. */
  readonly queriesPerSecond: number;
  readonly burst: number;
}

/** Why a pull fails that the kubelet does not ask the runtime for (upstream `pkg/kubelet/images/helpers.go`). */
export const tooManyPulls = 'pull QPS exceeded';

/** Who asked for a pull: a row of the container table, of a pod worker. */
export interface PullOwner {
  readonly workerId: number;
  readonly row: number;
  /** Identity of the container's start, for the random stream. */
  readonly entity: string;
}

/** One pull of an image by a node, or the check of a present one. */
export interface Pull {
  readonly id: number;
  readonly node: NodeMachine;
  readonly owner: PullOwner;
  readonly image: string;
  /** The image is there already: the registry is only asked whether it is still the same. */
  readonly isCheck: boolean;
  readonly queuedAt: number;
  startedAt: number;
  endsAt: number;
  event: EventId;
  /** Empty where it succeeds. */
  failure: string;
}

/** Hears how pulls go. */
export interface PullListener {
  pullStarted(pull: Pull): void;
  pullEnded(pull: Pull): void;
}

/** The pulls of one node. */
interface PullQueue {
  readonly active: Pull[];
  readonly waiting: Pull[];
  readonly limit: RateLimit | undefined;
}

/** All pulls of all nodes; one event for each. */
export class ImagePuller implements EventHandler {
  readonly name = 'kubelet/pull';
  readonly phase = EventPhase.machine;
  private readonly engine: Engine;
  private readonly recorder: Recorder;
  private readonly settings: PullSettings;
  private readonly listener: PullListener;
  private readonly handler: HandlerId;
  private readonly pulls: (Pull | undefined)[] = [];
  private readonly freeIds: number[] = [];
  /** Only of nodes that have pulled something. */
  private readonly queues = new Map<NodeMachine, PullQueue>();
  /** Pulls of images that fail by the scenario, by node and image. */
  private readonly attempts = new Map<NodeMachine, Map<string, number>>();
  /** Called when a node has a new image. */
  onImage: ((node: NodeMachine, image: string) => void) | undefined;
  private isAvailable = true;
  private slowdown = 1;

  constructor(engine: Engine, recorder: Recorder, settings: PullSettings, listener: PullListener) {
    this.engine = engine;
    this.recorder = recorder;
    this.settings = settings;
    this.listener = listener;
    this.handler = engine.register(this);
  }

  /** Puts a pull in the node's queue; the listener hears of it by a later event. */
  request(node: NodeMachine, owner: PullOwner, image: string, isCheck: boolean): void {
    const id = this.freeIds.pop() ?? this.pulls.push(undefined) - 1;
    const pull: Pull = {
      id,
      node,
      owner,
      image,
      isCheck,
      queuedAt: this.engine.now,
      startedAt: -1,
      endsAt: Infinity,
      event: -1,
      failure: '',
    };
    this.pulls[id] = pull;
    const queue = this.queueOf(node);
    queue.waiting.push(pull);
    this.startQueued(queue);
  }

  /** Forgets all pulls of a node, without telling anybody. */
  cancelAll(node: NodeMachine): void {
    const queue = this.queues.get(node);
    if (queue === undefined) return;
    for (const pull of queue.active) {
      this.engine.cancel(pull.event);
      this.release(pull);
    }
    for (const pull of queue.waiting) this.release(pull);
    queue.active.length = 0;
    queue.waiting.length = 0;
  }

  /** Without a registry running pulls fail at once, and new ones after the time of a request. */
  setAvailable(isAvailable: boolean): void {
    this.isAvailable = isAvailable;
    if (isAvailable) return;
    for (const pull of this.pulls) {
      if (pull === undefined || pull.startedAt < 0 || pull.failure !== '') continue;
      pull.failure = unavailable(pull.image);
      this.reschedule(pull, this.engine.now);
    }
  }

  /** Pulls take `factor` times as long from now on, running ones for the rest of their way. */
  setSlowdown(factor: number): void {
    const { now } = this.engine;
    for (const pull of this.pulls) {
      if (pull === undefined || pull.startedAt < 0 || pull.failure !== '') continue;
      this.reschedule(pull, now + Math.round(((pull.endsAt - now) * factor) / this.slowdown));
    }
    this.slowdown = factor;
  }

  /** A node has become slower or faster: its running pulls take `factor / before` times as long for the rest of their way. */
  slowNode(node: NodeMachine, factor: number, before: number): void {
    const { now } = this.engine;
    for (const pull of this.queues.get(node)?.active ?? []) {
      if (pull.failure === '') this.reschedule(pull, now + Math.round(((pull.endsAt - now) * factor) / before));
    }
  }

  handle(id: number): void {
    const pull = this.pulls[id]!;
    const { node, image, queuedAt, failure } = pull;
    const queue = this.queueOf(node);
    queue.active.splice(queue.active.indexOf(pull), 1);
    this.release(pull);
    if (failure === '' && !pull.isCheck) {
      node.images.add(image);
      this.onImage?.(node, image);
    }
    this.recorder.imagePulled(node.name, image, queuedAt, this.engine.now, failure === '');
    this.startQueued(queue);
    this.listener.pullEnded(pull);
  }

  private queueOf(node: NodeMachine): PullQueue {
    let queue = this.queues.get(node);
    if (queue === undefined) {
      const { queriesPerSecond, burst } = this.settings;
      const limit = queriesPerSecond === 0 ? undefined : new RateLimit(queriesPerSecond, Math.max(1, burst));
      this.queues.set(node, (queue = { active: [], waiting: [], limit }));
    }
    return queue;
  }

  private startQueued(queue: PullQueue): void {
    while (queue.active.length < this.settings.parallelism && queue.waiting.length > 0) {
      this.start(queue, queue.waiting.shift()!);
    }
  }

  private start(queue: PullQueue, pull: Pull): void {
    const { now } = this.engine;
    pull.startedAt = now;
    queue.active.push(pull);
    if (queue.limit !== undefined && !queue.limit.tryAccept(now)) {
      pull.failure = tooManyPulls;
      pull.endsAt = now;
    } else if (this.isAvailable) pull.endsAt = now + this.duration(pull);
    else {
      pull.failure = unavailable(pull.image);
      pull.endsAt = now + this.latency(pull);
    }
    pull.event = this.engine.at(pull.endsAt, this.handler, pull.id);
    this.listener.pullStarted(pull);
  }

  /** Microseconds, and the error of the attempt where the scenario wants one. */
  private duration(pull: Pull): number {
    const { sizes, bandwidth } = this.settings;
    const entry = sizes.entry(pull.image);
    if (entry?.failures !== undefined || entry?.failsWith !== undefined) {
      const attempts = this.attemptsOf(pull.node);
      const attempt = attempts.get(pull.image) ?? 0;
      attempts.set(pull.image, attempt + 1);
      pull.failure =
        entry.failures?.[attempt] ?? (attempt < (entry.failures?.length ?? 0) ? '' : (entry.failsWith ?? ''));
    }
    const stated = pull.isCheck ? entry?.checkDuration : entry?.pullDuration;
    if (stated !== undefined) {
      const random = this.engine.entityRandom('kubelet/pull-duration', pull.owner.entity);
      return Math.round(Math.max(0, stated.sample(random)) * this.slowdown * pull.node.slowdown);
    }
    const transferUs = pull.isCheck ? 0 : (sizes.of(pull.image) / bandwidth) * SECOND;
    return Math.round((this.latency(pull) + transferUs) * this.slowdown * pull.node.slowdown);
  }

  private attemptsOf(node: NodeMachine): Map<string, number> {
    let attempts = this.attempts.get(node);
    if (attempts === undefined) this.attempts.set(node, (attempts = new Map()));
    return attempts;
  }

  private latency(pull: Pull): number {
    const { latency } = this.settings;
    return latency.constantUs ?? latency.draw(this.engine, pull.owner.entity);
  }

  private reschedule(pull: Pull, endsAt: number): void {
    this.engine.cancel(pull.event);
    pull.endsAt = endsAt;
    pull.event = this.engine.at(endsAt, this.handler, pull.id);
  }

  private release(pull: Pull): void {
    this.pulls[pull.id] = undefined;
    this.freeIds.push(pull.id);
  }
}

function unavailable(image: string): string {
  return `failed to pull and unpack image "${image}": failed to do request: the registry cannot be reached`;
}
