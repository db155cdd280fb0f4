/** Runs one controller: its work queue, workers and client, all on the virtual clock. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Client, ResponseHandler } from '../apiserver/client.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { Informers } from '../apiserver/informers.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import type { Kind } from '../api/kinds.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { KubeEvent } from '../record/facts.ts';
import type { Recorder } from '../record/recorder.ts';
import type {
  Controller,
  ControllerContext,
  ControllerDefinition,
  ControllerEnvironment,
  Step,
  SyncResult,
  Timer,
} from './controller.ts';
import { parallelRequestsMax } from './controller.ts';
import { EventSender } from './event-sender.ts';
import { WorkQueue } from './work-queue.ts';

/** A generator in progress and what it waits for. */
interface Process {
  /** Empty for a process outside the queue. */
  key: string;
  /** The process that waits for this one as a part of it; -1 = none. */
  whole: number;
  step: Step<unknown> | undefined;
  responses: ApiResponse[];
  missing: number;
  startedAt: number;
}

const noResponses: readonly ApiResponse[] = [];

/** One controller at work. */
export class ControllerRunner implements ResponseHandler, ControllerContext {
  readonly name: string;
  readonly client: Client;
  private readonly server: ApiServer;
  private readonly engine: Engine;
  private readonly definition: ControllerDefinition;
  private readonly controller: Controller;
  private readonly queue: WorkQueue;
  private readonly informers: Informers;
  private readonly processes: Process[] = [];
  private readonly freeProcesses: number[] = [];
  private readonly events: EventSender;
  private readonly work: HandlerId;
  private readonly wake: HandlerId;
  private readonly timers: HandlerId[] = [];
  private busyWorkers = 0;
  private isStopped = false;
  private isWorkPosted = false;

  constructor(
    definition: ControllerDefinition,
    server: ApiServer,
    informers: Informers,
    environment: ControllerEnvironment,
  ) {
    this.definition = definition;
    this.name = definition.name;
    this.server = server;
    this.informers = informers;
    this.engine = server.engine;
    this.client = server.client({
      name: definition.name,
      phase: EventPhase.controllers,
      queriesPerSecond: definition.queriesPerSecond ?? 20,
      burst: definition.burst ?? 30,
    });
    this.events = new EventSender(definition.name, EventPhase.controllers, this.engine, this.client, server.latency);
    this.work = this.engine.register({
      name: `${definition.name}/work`,
      phase: EventPhase.controllers,
      handle: () => this.onWork(),
    });
    this.wake = this.engine.register({
      name: `${definition.name}/wake`,
      phase: EventPhase.controllers,
      handle: (at) => this.resume(at, noResponses),
    });
    this.queue = new WorkQueue(
      definition.name,
      EventPhase.controllers,
      this.engine,
      () => this.postWork(),
      definition.retry,
    );
    this.controller = definition.create(this, this.whileRunning(environment));
    this.controller.watch();
  }

  /** Begins the controller's own timers. */
  start(): void {
    this.controller.start?.();
  }

  /** The process is gone: timers, queue and requests on their way with it. */
  stop(): void {
    this.isStopped = true;
    this.client.close();
    this.events.close();
    this.queue.close();
    for (const handler of [this.work, this.wake, ...this.timers]) this.engine.retire(handler);
  }

  /** Heartbeats as long as there is somebody to hear them. */
  private whileRunning(environment: ControllerEnvironment): ControllerEnvironment {
    const { heartbeats } = environment;
    return {
      ...environment,
      heartbeats: {
        lastRenewal: (nodeName, now) => heartbeats.lastRenewal(nodeName, now),
        onChange: (listener) =>
          heartbeats.onChange((nodeName, isRenewing) => {
            if (!this.isStopped) listener(nodeName, isRenewing);
          }),
      },
    };
  }

  get now(): number {
    return this.engine.now;
  }

  get facts(): Recorder {
    return this.server.recorder;
  }

  get nowSeconds(): number {
    return Math.floor(this.engine.now / SECOND);
  }

  informer<K extends Kind>(kind: K): Informer<K> {
    return this.informers.of(kind);
  }

  enqueue(key: string): void {
    this.queue.add(key);
  }

  enqueueAfter(key: string, delayUs: number): void {
    this.queue.addAfter(key, delayUs);
  }

  kubeEvent(event: Omit<KubeEvent, 'source'>): void {
    const message = this.events.send(event);
    if (message === undefined) return;
    this.server.recorder.kubeEvent({ ...event, message, source: this.definition.eventSource ?? this.name });
  }

  timer(name: string, handle: (payload: number) => void): Timer {
    const { engine } = this;
    const id = engine.register({ name: `${this.name}/${name}`, phase: EventPhase.controllers, handle });
    this.timers.push(id);
    return {
      at: (time, payload = 0) => engine.at(time, id, payload),
      after: (delayUs, payload = 0) => engine.after(delayUs, id, payload),
      cancel: (event) => void engine.cancel(event),
    };
  }

  random(name: string): ReturnType<Engine['random']> {
    return this.engine.random(`controllers/${this.name}/${name}`);
  }

  spawn(step: () => Step<unknown>): void {
    this.resume(this.begin('', step(), -1), noResponses);
  }

  onResponse(token: number, response: ApiResponse): void {
    const at = Math.floor(token / parallelRequestsMax);
    const process = this.processes[at]!;
    process.responses[token % parallelRequestsMax] = response;
    if (--process.missing === 0) this.resume(at, process.responses);
  }

  private postWork(): void {
    if (this.isWorkPosted || this.busyWorkers >= this.definition.workers) return;
    this.isWorkPosted = true;
    this.engine.after(0, this.work, 0);
  }

  private onWork(): void {
    this.isWorkPosted = false;
    while (this.busyWorkers < this.definition.workers) {
      const key = this.queue.take();
      if (key === undefined) return;
      this.busyWorkers++;
      this.resume(this.begin(key, this.controller.reconcile(key), -1), noResponses);
    }
  }

  private begin(key: string, step: Step<unknown>, whole: number): number {
    const at =
      this.freeProcesses.pop() ??
      this.processes.push({ key: '', whole: -1, step: undefined, responses: [], missing: 0, startedAt: 0 }) - 1;
    const process = this.processes[at]!;
    process.key = key;
    process.whole = whole;
    process.step = step;
    process.startedAt = this.engine.now;
    return at;
  }

  private resume(at: number, responses: readonly ApiResponse[]): void {
    const process = this.processes[at]!;
    const next = process.step!.next(responses);
    if (next.done === true) return this.finish(at, next.value);
    const effect = next.value;
    if (effect.type === 'sleep') {
      this.engine.after(effect.delayUs, this.wake, at);
      return;
    }
    if (effect.type === 'parts') return this.beginParts(at, effect.parts);
    process.responses = new Array<ApiResponse>(effect.requests.length);
    process.missing = effect.requests.length;
    for (let index = 0; index < effect.requests.length; index++) {
      this.client.send(effect.requests[index]!, this, at * parallelRequestsMax + index);
    }
  }

  private beginParts(at: number, parts: readonly Step<void>[]): void {
    this.processes[at]!.missing = parts.length;
    for (const part of parts) this.resume(this.begin('', part, at), noResponses);
  }

  private finish(at: number, value: unknown): void {
    const { key, whole, startedAt } = this.processes[at]!;
    this.processes[at]!.step = undefined;
    this.processes[at]!.responses = [];
    this.freeProcesses.push(at);
    if (whole >= 0 && --this.processes[whole]!.missing === 0) this.resume(whole, noResponses);
    if (key === '') return;
    this.busyWorkers--;
    this.settle(key, value as SyncResult, startedAt);
    this.queue.done(key);
    if (this.queue.depth > 0) this.postWork();
  }

  private settle(key: string, result: SyncResult, startedAt: number): void {
    const outcome = result.failed !== undefined ? 'error' : result.requeueAfterUs !== undefined ? 'requeued' : 'ok';
    this.server.recorder.reconciled(this.name, key, this.engine.now - startedAt, outcome);
    const { maxRetries } = this.definition;
    if (result.failed === undefined) this.queue.forget(key);
    else if (maxRetries === undefined || this.queue.failuresOf(key) < maxRetries) this.queue.addRateLimited(key);
    else this.queue.forget(key);
    if (result.requeueAfterUs !== undefined) this.queue.addAfter(key, result.requeueAfterUs);
  }
}
