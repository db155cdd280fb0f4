/**
 * What a user does, one step after the other: a script is a generator that yields a request and goes on with its answer, or
 * yields a span of time and goes on after it.
 */
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Client, ResponseHandler } from '../apiserver/client.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';

/** How long a user waits before he asks an API server again that did not answer. */
export const unavailableRetryUs = SECOND;

/** A request, or microseconds. */
export type Wait = ApiRequest | number;

/** A sequence of steps with a result. */
export type Script<T = void> = Generator<Wait, T, ApiResponse | undefined>;

/** Sends a request and waits for its answer, which is never Unavailable. */
export function* ask<K extends Kind>(request: ApiRequest<K>): Script<ApiResponse<KindMap[K]>> {
  return (yield request as unknown as ApiRequest) as ApiResponse<KindMap[K]>;
}

interface Process {
  script: Script | undefined;
  /** Sent again when the API server did not answer; undefined while the script sleeps. */
  request: ApiRequest | undefined;
}

/** Runs scripts side by side. Requests that find no API server are repeated until it is back. */
export class ScriptRunner implements ResponseHandler {
  private readonly engine: Engine;
  private readonly client: Client;
  private readonly wake: HandlerId;
  private readonly processes: Process[] = [];
  private readonly free: number[] = [];

  constructor(engine: Engine, client: Client) {
    this.engine = engine;
    this.client = client;
    this.wake = engine.register({ name: 'workload/user', phase: EventPhase.input, handle: (at) => this.onWake(at) });
  }

  /** Begins a script at once. */
  start(script: Script): void {
    const at = this.free.pop() ?? this.processes.push({ script: undefined, request: undefined }) - 1;
    this.processes[at]!.script = script;
    this.resume(at, undefined);
  }

  onResponse(at: number, response: ApiResponse): void {
    if (response.code === 'Unavailable') this.engine.after(unavailableRetryUs, this.wake, at);
    else this.resume(at, response);
  }

  private onWake(at: number): void {
    const { request } = this.processes[at]!;
    if (request === undefined) this.resume(at, undefined);
    else this.client.send(request, this, at);
  }

  private resume(at: number, response: ApiResponse | undefined): void {
    const process = this.processes[at]!;
    const step = process.script!.next(response);
    const wait = step.done === true ? undefined : step.value;
    process.request = typeof wait === 'object' ? wait : undefined;
    if (wait === undefined) {
      process.script = undefined;
      this.free.push(at);
    } else if (typeof wait === 'number') this.engine.after(wait, this.wake, at);
    else this.client.send(wait, this, at);
  }
}
