/**
 * A component's connection to the API server: its rate limit, the way of its requests, and the answers. Sending returns
 * at once; the response arrives later through the component's own long-lived handler.
 */
import type { Kind } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import type { RandomStream } from '../engine/random.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Recorder } from '../record/recorder.ts';
import type { LatencyProfile } from './latency.ts';
import { RateLimit } from './rate-limit.ts';
import type { ApiRequest, ApiResponse } from './requests.ts';
import { isSuccess } from './requests.ts';

/** Hears the answers to what a client sent. */
export interface ResponseHandler {
  /** Only refusals matter to it: a success costs no event. */
  readonly hearsRefusalsOnly?: boolean;
  onResponse(token: number, response: ApiResponse, request: ApiRequest): void;
}

/**
 * One of many senders behind a client, such as the kubelet of one node: it has a limit of its own, and its requests reach
 * the server in the order in which they were sent.
 */
export interface Flow {
  readonly limit: RateLimit | undefined;
  /** When its last request reaches etcd, microseconds. */
  lastCommit: number;
}

/** Who a client is, and how much it may ask. */
export interface ClientOptions {
  /** Unique within a run, for example `kube-scheduler`, `replicaset-controller`. */
  readonly name: string;
  /** Event phase in which answers are heard. */
  readonly phase: number;
  /** 0 = unlimited. */
  readonly queriesPerSecond: number;
  readonly burst: number;
}

/** What a client needs of the server at its other end. */
export interface RequestServer {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly latency: LatencyProfile;
  readonly condition: { readonly extraLatencyUs: number };
  /** How often etcd is written for a request, as far as that is known when it is sent. */
  writesOf(request: ApiRequest): number;
  /** What a request is about, as it is stored. */
  stored(request: ApiRequest): ApiObject | undefined;
  /** When a request that has just arrived is carried out, microseconds; absent = at once, whatever else is under way. */
  turnOf?(request: ApiRequest): number;
  /** Carries out a request at this instant. */
  execute(request: ApiRequest, by: string): ApiResponse;
}

interface PendingRequest {
  request: ApiRequest | undefined;
  handler: ResponseHandler | undefined;
  token: number;
  /** It has waited for its turn. */
  isDue: boolean;
  response: ApiResponse | undefined;
  /** What a deletion without grace has marked before it removes it. */
  marked: ApiObject | undefined;
  sentAt: number;
  admittedAt: number;
}

/** One connection of one component. */
export class Client {
  readonly name: string;
  private readonly server: RequestServer;
  private readonly limit: RateLimit | undefined;
  private readonly random: RandomStream;
  private readonly arrive: HandlerId;
  private readonly mark: HandlerId;
  private readonly answer: HandlerId;
  private readonly pending: PendingRequest[] = [];
  private readonly free: number[] = [];

  constructor(server: RequestServer, options: ClientOptions) {
    this.server = server;
    this.name = options.name;
    const isLimited = options.queriesPerSecond > 0 && server.latency.clientLimits;
    this.limit = isLimited ? new RateLimit(options.queriesPerSecond, options.burst) : undefined;
    this.random = server.engine.random(`apiserver/client/${options.name}`);
    this.arrive = server.engine.register({
      name: `${options.name}/request`,
      phase: EventPhase.apiserver,
      handle: (slot) => this.onArrival(slot),
    });
    this.mark = server.engine.register({
      name: `${options.name}/mark`,
      phase: EventPhase.apiserver,
      handle: (slot) => this.onMark(slot),
    });
    this.answer = server.engine.register({
      name: `${options.name}/response`,
      phase: options.phase,
      handle: (slot) => this.onAnswer(slot),
    });
  }

  /**
   * Sends a request. Without a handler nobody waits for the answer.
   *
   * @param token given back with the answer.
   * @param flow the sender, where the client stands for many.
   */
  send<K extends Kind>(request: ApiRequest<K>, handler?: ResponseHandler, token = 0, flow?: Flow): void {
    const { engine, latency, condition } = this.server;
    const limit = flow === undefined ? this.limit : flow.limit;
    const leaves = limit === undefined ? engine.now : limit.reserve(engine.now);
    const arrives = leaves + condition.extraLatencyUs + this.draw(latency.request);
    const admitted = request.verb === 'get' ? arrives : arrives + this.draw(latency.admission);
    const writes = this.server.writesOf(request as unknown as ApiRequest);
    const firstWrite = writes > 0 ? admitted + this.draw(latency.etcdCommit) : admitted;
    let unordered = firstWrite;
    for (let write = 1; write < writes; write++) unordered += this.draw(latency.etcdCommit);
    const commits = flow === undefined ? unordered : (flow.lastCommit = Math.max(flow.lastCommit, unordered));
    const slot = this.free.pop() ?? this.pending.push(emptyRequest()) - 1;
    const entry = this.pending[slot]!;
    entry.request = request as unknown as ApiRequest;
    entry.handler = handler;
    entry.token = token;
    entry.sentAt = engine.now;
    entry.admittedAt = admitted;
    if (request.verb === 'delete' && writes > 1) engine.at(firstWrite, this.mark, slot);
    engine.at(commits, this.arrive, slot);
  }

  /** A sender with its own limit; 0 queries per second = unlimited. */
  flow(queriesPerSecond: number, burst: number): Flow {
    const isLimited = queriesPerSecond > 0 && this.server.latency.clientLimits;
    return { limit: isLimited ? new RateLimit(queriesPerSecond, burst) : undefined, lastCommit: 0 };
  }

  /**
   * Takes a token without sending: what else shares the limit, such as Kubernetes Events, slows the requests behind it.
   *
   * @returns when the token is granted, microseconds: now unless the bucket is empty.
   */
  spend(): number {
    const { now } = this.server.engine;
    return this.limit === undefined ? now : this.limit.reserve(now);
  }

  /** Breaks the connection off: requests on their way are lost, and nobody hears of answers. */
  close(): void {
    this.server.engine.retire(this.arrive);
    this.server.engine.retire(this.mark);
    this.server.engine.retire(this.answer);
  }

  private draw(distribution: { sample(random: RandomStream): number }): number {
    return Math.round(distribution.sample(this.random));
  }

  private onMark(slot: number): void {
    const entry = this.pending[slot]!;
    entry.marked = this.server.stored(entry.request!);
  }

  /** What was marked is gone, whoever has removed it meanwhile: that is no failure (upstream tolerates NotFound there). */
  private execute({ request, marked }: PendingRequest): ApiResponse {
    const response = this.server.execute(request!, this.name);
    return response.code === 'NotFound' && marked !== undefined
      ? { code: 'OK', object: marked, message: '' }
      : response;
  }

  private onArrival(slot: number): void {
    const entry = this.pending[slot]!;
    const { engine, latency, recorder } = this.server;
    if (this.server.turnOf !== undefined && !entry.isDue) {
      entry.isDue = true;
      return void engine.at(this.server.turnOf(entry.request!), this.arrive, slot);
    }
    const response = this.execute(entry);
    if (entry.request!.kind === 'Pod' && response.code === 'Created') this.recordCreation(response, entry);
    if (entry.request!.verb === 'bind' && response.code === 'OK') {
      recorder.podHop(response.object!.metadata.uid, 'bound', engine.now);
    }
    const { handler } = entry;
    if (handler === undefined || (handler.hearsRefusalsOnly === true && isSuccess(response))) {
      recorder.apiRequest(
        this.name,
        entry.request!.verb,
        entry.request!.kind,
        response.code,
        engine.now - entry.sentAt,
      );
      this.release(slot);
      return;
    }
    entry.response = response;
    // Who is refused does not wait for etcd: his answer has been on its way since admission.
    const from = isSuccess(response) ? engine.now : entry.admittedAt;
    engine.at(Math.max(engine.now, from + this.draw(latency.response)), this.answer, slot);
  }

  private recordCreation(response: ApiResponse, entry: PendingRequest): void {
    const { recorder, engine } = this.server;
    const { uid } = response.object!.metadata;
    recorder.podHop(uid, 'submitted', entry.sentAt);
    recorder.podHop(uid, 'admitted', entry.admittedAt);
    recorder.podHop(uid, 'stored', engine.now);
  }

  private onAnswer(slot: number): void {
    const { request, handler, token, response, sentAt } = this.pending[slot]!;
    this.release(slot);
    const { recorder, engine } = this.server;
    recorder.apiRequest(this.name, request!.verb, request!.kind, response!.code, engine.now - sentAt);
    handler!.onResponse(token, response!, request!);
  }

  private release(slot: number): void {
    const entry = this.pending[slot]!;
    entry.request = undefined;
    entry.handler = undefined;
    entry.isDue = false;
    entry.response = undefined;
    entry.marked = undefined;
    this.free.push(slot);
  }
}

function emptyRequest(): PendingRequest {
  return {
    request: undefined,
    handler: undefined,
    token: 0,
    isDue: false,
    response: undefined,
    marked: undefined,
    sentAt: 0,
    admittedAt: 0,
  };
}
