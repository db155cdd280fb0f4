/**
 * What a controller is: what it watches, how an object maps to a key, and an idempotent reconcile of one key. A reconcile
 * is a generator: it reads listers, yields requests, and goes on when the answers are there, as a worker of the real
 * controller blocks on its calls. The runner owns queue, workers, back-off and client.
 */
import type { LabelSelector } from '../api/meta-v1.ts';
import type { Client } from '../apiserver/client.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { EventId } from '../engine/engine.ts';
import type { RandomStream } from '../engine/random.ts';
import type { Facts, KubeEvent } from '../record/facts.ts';

/** What a reconcile waits for: all of these answers, a span of time, or the end of parts that go side by side. */
export type Effect =
  | { readonly type: 'requests'; readonly requests: readonly ApiRequest[] }
  | { readonly type: 'sleep'; readonly delayUs: number }
  | { readonly type: 'parts'; readonly parts: readonly Step<void>[] };

/** A part of a reconcile that may wait and then gives a value. */
export type Step<T> = Generator<Effect, T, readonly ApiResponse[]>;

/** How a sync ended. `failed` is retried with back-off; `requeueAfterUs` asks for another look. */
export interface SyncResult {
  readonly failed?: string;
  readonly requeueAfterUs?: number;
}

/** A sync that has nothing more to say. */
export const synced: SyncResult = Object.freeze({});

/** Observes, compares, acts. */
export interface Controller {
  /** Registers handlers at the informers. */
  watch(): void;
  /** One sync of one key; must be idempotent. */
  reconcile(key: string): Step<SyncResult>;
  /** Called once when time starts. */
  start?(): void;
}

/** A timer of a controller that works by the clock instead of by keys. */
export interface Timer {
  at(time: number, payload?: number): EventId;
  after(delayUs: number, payload?: number): EventId;
  cancel(event: EventId): void;
}

/** What the runner gives to a controller. */
export interface ControllerContext {
  /** Microseconds. */
  readonly now: number;
  /** The API's present time, whole seconds. */
  readonly nowSeconds: number;
  readonly client: Client;
  /** Hears what is no Kubernetes Event; costs nothing. */
  readonly facts: Pick<Facts, 'zoneStateChanged'>;
  /** The watch of a kind, which the controllers of a process share. */
  informer<K extends Kind>(kind: K): Informer<K>;
  enqueue(key: string): void;
  enqueueAfter(key: string, delayUs: number): void;
  /** Tells a Kubernetes Event; costs a token of the client, as upstream. */
  kubeEvent(event: Omit<KubeEvent, 'source'>): void;
  timer(name: string, handle: (payload: number) => void): Timer;
  random(name: string): RandomStream;
  /** Runs steps outside the queue (timers use it): independent of the workers. */
  spawn(step: () => Step<unknown>): void;
}

/** How a failing key comes back: `baseDelayUs` doubling to `maxDelayUs`, and no faster than a bucket that all keys share. */
export interface RetryLimits {
  readonly baseDelayUs: number;
  readonly maxDelayUs: number;
  readonly hasSharedBucket: boolean;
}

/** What a registry lists: name, workers, limits, and how to make one. */
export interface ControllerDefinition<Environment = ControllerEnvironment> {
  /** Name as in `kube-controller-manager --controllers`, for example `replicaset-controller`. */
  readonly name: string;
  /** One sentence for `orrery list controllers`. */
  readonly description: string;
  /** Component that its Events name where that is not its own name. */
  readonly eventSource?: string;
  /** Parallel workers (upstream --concurrent-*-syncs). */
  readonly workers: number;
  /** Client limit; upstream 20/30 for each controller. */
  readonly queriesPerSecond?: number;
  readonly burst?: number;
  /** Failed syncs after which a key is dropped until its next event; undefined = retried for ever. */
  readonly maxRetries?: number;
  /** Upstream's default rate limiter unless stated. */
  readonly retry?: RetryLimits;
  create(context: ControllerContext, environment: Environment): Controller;
}

/** What controllers need to know of the world outside the API; given by the composition root. */
export interface ControllerEnvironment {
  readonly heartbeats: NodeHeartbeats;
  /** What pods use; absent = there is no metrics API. */
  readonly podMetrics?: PodMetrics;
  /** What else is measured; absent = there is no such API. */
  readonly customMetrics?: CustomMetrics;
}

/** What was measured of a pod: in the unit of the resource (cpu: milli) or in thousandths, times in microseconds. */
export interface MetricSample {
  readonly value: number;
  /** End of the window that was measured, and its length. */
  readonly time: number;
  readonly windowUs: number;
}

/** The resource metrics API. */
export interface PodMetrics {
  /** Whether the API answers. */
  isAvailable(now: number): boolean;
  /** The newest sample of a pod, or of one of its containers; undefined = none. */
  sample(pod: Pod, resource: string, now: number, container?: string): MetricSample | undefined;
}

/** The custom and the external metrics API. Values are in thousandths, times in microseconds. */
export interface CustomMetrics {
  /** Whether pods have a metric of this name at all. */
  servesPods(name: string): boolean;
  ofPod(pod: Pod, name: string, now: number): MetricSample | undefined;
  /** A metric of an object; undefined = nobody measures it. */
  ofObject(
    namespace: string,
    described: { readonly kind: string; readonly name: string },
    name: string,
    selector: LabelSelector | undefined,
    now: number,
  ): number | undefined;
  /** Every series of the name that the selector takes. */
  external(namespace: string, name: string, selector: LabelSelector | undefined, now: number): readonly number[];
}

/**
 * Leases as arithmetic. A kubelet renews its lease at times that are a function of the node; nobody simulates the
 * renewals, and only their beginning and end are told.
 */
export interface NodeHeartbeats {
  /** Time of the newest renewal at or before `now` that reached the API server, microseconds; -1 = none. */
  lastRenewal(nodeName: string, now: number): number;
  /**
   * Calls back when a node falls silent (no further renewals until told otherwise) and when it speaks again; at once for those that
   * are silent already.
   */
  onChange(listener: (nodeName: string, isRenewing: boolean) => void): void;
}

/** Sends one request and waits for its answer. */
export function* send<K extends Kind>(request: ApiRequest<K>): Step<ApiResponse<KindMap[K]>> {
  const responses = yield { type: 'requests', requests: [request as unknown as ApiRequest] };
  return responses[0] as ApiResponse<KindMap[K]>;
}

/** Sends requests in parallel and waits for all answers, in the order of the requests. */
export function* sendAll<K extends Kind>(requests: readonly ApiRequest<K>[]): Step<readonly ApiResponse<KindMap[K]>[]> {
  if (requests.length === 0) return [];
  if (requests.length > parallelRequestsMax) return yield* sendInParts(requests);
  const responses = yield { type: 'requests', requests: requests as unknown as readonly ApiRequest[] };
  return responses as readonly ApiResponse<KindMap[K]>[];
}

/** More than any batch of upstream's, whose bursts end at 500. */
export const parallelRequestsMax = 4096;

function* sendInParts<K extends Kind>(requests: readonly ApiRequest<K>[]): Step<readonly ApiResponse<KindMap[K]>[]> {
  const responses: ApiResponse<KindMap[K]>[] = [];
  for (let at = 0; at < requests.length; at += parallelRequestsMax)
    responses.push(...(yield* sendAll(requests.slice(at, at + parallelRequestsMax))));
  return responses;
}

/** Runs steps side by side, as goroutines that are waited for: each goes on when its own answers are there. Their results in their order. */
export function* sideBySide<T>(steps: readonly Step<T>[]): Step<readonly T[]> {
  const results: T[] = [];
  if (steps.length > 0) yield { type: 'parts', parts: steps.map((step, at) => keepResult(step, results, at)) };
  return results;
}

function* keepResult<T>(step: Step<T>, results: T[], at: number): Step<void> {
  results[at] = yield* step;
}

/** Waits, microseconds. */
export function* sleep(delayUs: number): Step<void> {
  yield { type: 'sleep', delayUs };
}
