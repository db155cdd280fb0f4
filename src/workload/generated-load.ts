/** Sends what generators and traces make when it arrives, as a user without a rate limit would. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Client, ResponseHandler } from '../apiserver/client.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import type { Engine, HandlerId, Lane } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Recorder } from '../record/recorder.ts';
import { unavailableRetryUs } from './script.ts';

/** What arrives one after the other: a generator, or a trace. */
export interface ArrivingObjects {
  /** Time of the next arrival, microseconds, never before the one last given; undefined when there are no more. */
  nextArrival(): number | undefined;
  /** The request that creates the next object. */
  nextRequest(): ApiRequest;
}

/** All generators and traces of a run. */
export class GeneratedLoad implements ResponseHandler {
  readonly hearsRefusalsOnly = true;
  private readonly engine: Engine;
  private readonly recorder: Recorder;
  private readonly client: Client;
  private readonly sources: readonly ArrivingObjects[];
  private readonly arrive: HandlerId;
  private readonly retries: Lane;
  /** Requests that found no API server, oldest first: the lane fires in the same order. */
  private readonly waiting: ApiRequest[] = [];
  private firstWaiting = 0;

  constructor(server: ApiServer, client: Client, sources: readonly ArrivingObjects[]) {
    this.engine = server.engine;
    this.recorder = server.recorder;
    this.client = client;
    this.sources = sources;
    this.arrive = this.engine.register({
      name: 'workload/arrival',
      phase: EventPhase.input,
      handle: (at) => this.onArrival(at),
    });
    const retry = this.engine.register({
      name: 'workload/retry',
      phase: EventPhase.input,
      handle: () => this.retry(),
    });
    this.retries = this.engine.lane(retry);
  }

  /** Posts the first arrival of each source. */
  start(): void {
    for (const [at, source] of this.sources.entries()) {
      const first = source.nextArrival();
      if (first !== undefined) this.engine.at(first, this.arrive, at);
    }
  }

  onResponse(_token: number, response: ApiResponse, request: ApiRequest): void {
    const { engine } = this;
    if (response.code === 'Unavailable') {
      this.waiting.push(request);
      this.retries.push(engine.now + unavailableRetryUs, 0);
      return;
    }
    const target = `${request.kind} ${request.namespace}/${request.name}`;
    this.recorder.userAction({ verb: 'create', target, startedAt: engine.now, message: response.message });
  }

  /** Objects that arrive together share one event. */
  private onArrival(at: number): void {
    const source = this.sources[at]!;
    let next: number | undefined;
    do {
      this.client.send(source.nextRequest(), this);
      next = source.nextArrival();
    } while (next === this.engine.now);
    if (next !== undefined) this.engine.at(next, this.arrive, at);
  }

  private retry(): void {
    const request = this.waiting[this.firstWaiting++]!;
    if (this.firstWaiting === this.waiting.length) {
      this.waiting.length = 0;
      this.firstWaiting = 0;
    }
    this.client.send(request, this);
  }
}
