/** An API server that says who asked for what: the recordings name the account behind deletions and refusals. */
import type { ApiServerOptions } from '../../apiserver/apiserver.ts';
import { ApiServer } from '../../apiserver/apiserver.ts';
import type { ClientOptions } from '../../apiserver/client.ts';
import { Client } from '../../apiserver/client.ts';
import type { ApiRequest, ApiResponse } from '../../apiserver/requests.ts';
import { isSuccess } from '../../apiserver/requests.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/meta-v1.ts';

/** Accounts of v1.37 by the names of clients. */
const accounts: ReadonlyMap<string, string> = new Map([
  ['garbage-collector-controller', 'generic-garbage-collector'],
  ['node-lifecycle-controller', 'node-controller'],
  ['taint-eviction-controller', 'node-controller'],
  ['pod-garbage-collector-controller', 'pod-garbage-collector'],
  ['daemonset-controller', 'daemon-set-controller'],
  ['replicationcontroller-controller', 'replication-controller'],
]);

/** Hears of refusals. */
export type OnRefusal = (request: ApiRequest, response: ApiResponse, by: string) => void;

/** The server of a replay. */
export class ActedServer extends ApiServer {
  /** Who asked for what is being carried out. */
  actor = 'user';
  /** Who last asked for the deletion of an object. */
  readonly deleters = new Map<string, string>();
  onRefusal: OnRefusal = () => undefined;
  /** When a request that has just arrived is carried out, microseconds. */
  turnOf: (request: ApiRequest) => number = () => this.engine.now;

  constructor(options: ApiServerOptions) {
    super(options);
  }

  override client(options: ClientOptions): Client {
    const by = accounts.get(options.name) ?? options.name;
    const execute = (request: ApiRequest): ApiResponse => this.as(by, request);
    const { engine, recorder, latency, condition } = this;
    const stored = (request: ApiRequest): ApiObject | undefined => this.stored(request);
    const writesOf = (request: ApiRequest): number => this.writesOf(request);
    const turnOf = (request: ApiRequest): number => this.turnOf(request);
    return new Client({ engine, recorder, latency, condition, writesOf, stored, turnOf, execute }, options);
  }

  /** Carries out a request of somebody. */
  as<K extends Kind>(by: string, request: ApiRequest<K>): ApiResponse<KindMap[K]> {
    const before = this.actor;
    this.actor = by;
    if (request.verb === 'delete') this.deleters.set(`${request.kind}/${request.namespace}/${request.name}`, by);
    const response = this.execute(request);
    this.actor = before;
    if (!isSuccess(response)) this.onRefusal(request as unknown as ApiRequest, response as ApiResponse, by);
    return response;
  }
}
