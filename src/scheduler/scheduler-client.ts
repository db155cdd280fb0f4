/** The scheduler's way to the API server: callbacks instead of tokens, and upstream's retries. */
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Client, ResponseHandler } from '../apiserver/client.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import type { Engine, EventId, HandlerId } from '../engine/engine.ts';
import { MILLISECOND } from '../engine/time.ts';
import { isRetriable } from './pod-requests.ts';

/** Four tries, 10 ms apart at first, five times as far each time, up to a tenth longer (`ps/util/utils.go`). */
const triesMax = 4;
const retryDelayUs = 10 * MILLISECOND;
const retryFactor = 5;
const retryJitter = 0.1;

type OnResponse = (response: ApiResponse) => void;

interface Call {
  readonly request: ApiRequest;
  readonly onResponse: OnResponse;
  tries: number;
}

/** Callbacks at later instants; one handler for all of them. */
export class Timers {
  private readonly engine: Engine;
  private readonly handler: HandlerId;
  private readonly callbacks: ((() => void) | undefined)[] = [];
  private readonly free: number[] = [];

  constructor(name: string, phase: number, engine: Engine) {
    this.engine = engine;
    this.handler = engine.register({ name, phase, handle: (slot) => this.fire(slot) });
  }

  /** Calls back after a delay in microseconds; the returned function calls it off. */
  readonly after = (delayUs: number, callback: () => void): (() => void) => {
    const slot = this.free.pop() ?? this.callbacks.push(undefined) - 1;
    this.callbacks[slot] = callback;
    const event: EventId = this.engine.after(delayUs, this.handler, slot);
    return () => {
      if (this.callbacks[slot] === callback && this.engine.cancel(event)) this.release(slot);
    };
  };

  /** Nobody is called back any more. */
  close(): void {
    this.engine.retire(this.handler);
  }

  private fire(slot: number): void {
    const callback = this.callbacks[slot];
    this.release(slot);
    callback?.();
  }

  private release(slot: number): void {
    this.callbacks[slot] = undefined;
    this.free.push(slot);
  }
}

/** Sends requests and tries again where upstream does. */
export class SchedulerClient implements ResponseHandler {
  private readonly client: Client;
  private readonly engine: Engine;
  private readonly timers: Timers;
  private readonly calls: (Call | undefined)[] = [];
  private readonly free: number[] = [];

  constructor(client: Client, engine: Engine, timers: Timers) {
    this.client = client;
    this.engine = engine;
    this.timers = timers;
  }

  /** Sends a request; `onResponse` is told of the last try's answer. */
  send<K extends Kind>(request: ApiRequest<K>, onResponse?: (response: ApiResponse<KindMap[K]>) => void): void {
    const call: Call = {
      request: request as unknown as ApiRequest,
      onResponse: (onResponse ?? ignore) as OnResponse,
      tries: 0,
    };
    const token = this.free.pop() ?? this.calls.push(undefined) - 1;
    this.calls[token] = call;
    this.try(call, token);
  }

  /** Requests on their way are lost. */
  close(): void {
    this.client.close();
    this.timers.close();
  }

  onResponse(token: number, response: ApiResponse): void {
    const call = this.calls[token]!;
    if (call.tries < triesMax && isRetriable(call.request, response.code)) {
      this.timers.after(this.retryDelay(call.tries), () => this.try(call, token));
      return;
    }
    this.calls[token] = undefined;
    this.free.push(token);
    call.onResponse(response);
  }

  private try(call: Call, token: number): void {
    call.tries++;
    this.client.send(call.request, this, token);
  }

  private retryDelay(tries: number): number {
    let delay = retryDelayUs;
    for (let done = 1; done < tries; done++) delay *= retryFactor;
    return Math.round(delay * (1 + retryJitter * this.engine.random('scheduler/retry-jitter').double()));
  }
}

const ignore: OnResponse = () => undefined;
