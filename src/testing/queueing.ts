import type { Distribution } from '../engine/distributions.ts';
import type { EventId, HandlerId } from '../engine/engine.ts';
import { Engine } from '../engine/engine.ts';
import type { RandomStream } from '../engine/random.ts';
import { nodeSha256 } from './sha256.ts';

const secondUs = 1_000_000;
const nobody = -1;

/** A queue with one waiting line, first come first served; distributions in seconds. */
export interface QueueModel {
  readonly seed: string;
  readonly servers: number;
  readonly interarrival: Distribution;
  readonly service: Distribution;
  /** The run ends when so many customers have come and gone. */
  readonly arrivals: number;
  /** Each server fails, also when idle; its customer goes back to the head of the line and begins anew. */
  readonly breakdown?: { readonly uptime: Distribution; readonly repair: Distribution };
  /** Called with the time that each customer spent, in seconds. */
  readonly onDeparture?: (sojourn: number) => void;
}

/** Sums over customers and integrals over time, exact: in microseconds, and below 2^53. */
export interface QueueOutcome {
  readonly durationUs: number;
  readonly eventCount: number;
  readonly sojournSum: number;
  readonly waitSum: number;
  readonly serviceSum: number;
  readonly presentIntegral: number;
  readonly waitingIntegral: number;
  readonly busyIntegral: number;
}

/** A user of the engine and of nothing else. */
export function simulateQueue(model: QueueModel): QueueOutcome {
  return new QueueSimulation(model).run();
}

class QueueSimulation {
  private readonly model: QueueModel;
  private readonly engine: Engine;
  private readonly streams: Record<'interarrival' | 'service' | 'uptime' | 'repair', RandomStream>;
  private readonly arrive: HandlerId;
  private readonly depart: HandlerId;
  private readonly fail: HandlerId;
  private readonly repaired: HandlerId;
  private readonly arrivedAt: Float64Array;
  private readonly line: Int32Array;
  private lineFirst = 0;
  private lineEnd = 0;
  private readonly customerOf: Int32Array;
  private readonly departures: EventId[] = [];
  private readonly freeServers: number[] = [];
  private goneCount = 0;
  private busyCount = 0;
  private lastChange = 0;
  private sojournSum = 0;
  private waitSum = 0;
  private serviceSum = 0;
  private presentIntegral = 0;
  private waitingIntegral = 0;
  private busyIntegral = 0;

  constructor(model: QueueModel) {
    this.model = model;
    const engine = new Engine({ seed: model.seed, createHash: nodeSha256 });
    this.engine = engine;
    const random = (name: string): RandomStream => engine.random(`queue/${name}`);
    this.streams = {
      interarrival: random('interarrival'),
      service: random('service'),
      uptime: random('uptime'),
      repair: random('repair'),
    };
    const handler = (name: string, handle: (payload: number) => void): HandlerId =>
      engine.register({ name, phase: 0, handle });
    this.arrive = handler('arrive', (customer) => this.onArrival(customer));
    this.depart = handler('depart', (server) => this.onDeparture(server));
    this.fail = handler('fail', (server) => this.onFailure(server));
    this.repaired = handler('repaired', (server) => this.onRepair(server));
    this.arrivedAt = new Float64Array(model.arrivals);
    this.line = new Int32Array(model.arrivals);
    this.customerOf = new Int32Array(model.servers).fill(nobody);
  }

  run(): QueueOutcome {
    for (let server = this.model.servers - 1; server >= 0; server--) this.onRepair(server);
    this.after(this.model.interarrival, this.streams.interarrival, this.arrive, 0);
    this.engine.run({ until: Number.MAX_SAFE_INTEGER });
    const { sojournSum, waitSum, serviceSum, presentIntegral, waitingIntegral, busyIntegral } = this;
    const { now: durationUs, eventCount } = this.engine;
    return {
      ...{ durationUs, eventCount, sojournSum, waitSum, serviceSum },
      ...{ presentIntegral, waitingIntegral, busyIntegral },
    };
  }

  private after(distribution: Distribution, random: RandomStream, handler: HandlerId, payload: number): EventId {
    return this.engine.after(Math.round(distribution.sample(random) * secondUs), handler, payload);
  }

  private onArrival(customer: number): void {
    this.integrate();
    this.arrivedAt[customer] = this.engine.now;
    this.line[this.lineEnd++] = customer;
    if (this.lineEnd < this.model.arrivals) {
      this.after(this.model.interarrival, this.streams.interarrival, this.arrive, this.lineEnd);
    }
    this.serve();
  }

  private onDeparture(server: number): void {
    this.integrate();
    const sojourn = this.engine.now - this.arrivedAt[this.release(server)]!;
    this.freeServers.push(server);
    this.goneCount++;
    this.sojournSum += sojourn;
    this.model.onDeparture?.(sojourn / secondUs);
    this.serve();
  }

  private onFailure(server: number): void {
    if (this.goneCount === this.model.arrivals) return;
    this.integrate();
    if (this.customerOf[server] !== nobody) {
      this.engine.cancel(this.departures[server]!);
      this.line[--this.lineFirst] = this.release(server);
    } else this.freeServers.splice(this.freeServers.indexOf(server), 1);
    this.after(this.model.breakdown!.repair, this.streams.repair, this.repaired, server);
    this.serve();
  }

  private onRepair(server: number): void {
    this.integrate();
    this.freeServers.push(server);
    const { breakdown } = this.model;
    if (breakdown !== undefined) this.after(breakdown.uptime, this.streams.uptime, this.fail, server);
    this.serve();
  }

  private serve(): void {
    while (this.lineFirst < this.lineEnd && this.freeServers.length > 0) {
      const server = this.freeServers.pop()!;
      const customer = this.line[this.lineFirst++]!;
      const serviceUs = Math.round(this.model.service.sample(this.streams.service) * secondUs);
      this.waitSum += this.engine.now - this.arrivedAt[customer]!;
      this.serviceSum += serviceUs;
      this.customerOf[server] = customer;
      this.busyCount++;
      this.departures[server] = this.engine.after(serviceUs, this.depart, server);
    }
  }

  private release(server: number): number {
    const customer = this.customerOf[server]!;
    this.customerOf[server] = nobody;
    this.busyCount--;
    return customer;
  }

  /** Called before every change of the state. */
  private integrate(): void {
    const elapsed = this.engine.now - this.lastChange;
    this.lastChange = this.engine.now;
    const waiting = this.lineEnd - this.lineFirst;
    this.waitingIntegral += waiting * elapsed;
    this.busyIntegral += this.busyCount * elapsed;
    this.presentIntegral += (this.lineEnd - this.goneCount) * elapsed;
  }
}

/** What theory says of a time average: its expectation, and the variance of it times the length of a long run. */
export interface TimeAverage {
  readonly mean: number;
  readonly asymptoticVariance: number;
}

/** The stationary M/M/c queue with mean service 1 (arrival rate in customers a second, below `servers`). */
export interface MultiServerTheory {
  readonly present: TimeAverage;
  readonly waiting: TimeAverage;
  /** Erlang's C: the chance to wait. */
  readonly waitChance: number;
  readonly meanWait: number;
}

/**
 * M/M/c by its birth-death chain. The asymptotic variance of the time average of f is
 * 2 sum_j (sum_{i<=j} (f_i - mean) p_i)^2 / (arrivalRate p_j); for M/M/1 and f_i = i it is 2 rho (1 + rho) / (1 - rho)^4.
 */
export function multiServerTheory(arrivalRate: number, servers: number): MultiServerTheory {
  const stateCount = Math.ceil(servers + 60 / -Math.log(arrivalRate / servers));
  const weights = [1];
  for (let i = 1; i < stateCount; i++) weights.push((weights[i - 1]! * arrivalRate) / Math.min(i, servers));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const chances = weights.map((weight) => weight / total);
  const average = (valueOf: (i: number) => number): TimeAverage => {
    const mean = chances.reduce((sum, chance, i) => sum + chance * valueOf(i), 0);
    // From the end, where the chances are small: the sum below a state is what is above it, with the other sign.
    let above = 0;
    let asymptoticVariance = 0;
    for (let i = stateCount - 1; i >= 0; i--) {
      asymptoticVariance += (2 * above * above) / (arrivalRate * chances[i]!);
      above += (valueOf(i) - mean) * chances[i]!;
    }
    return { mean, asymptoticVariance };
  };
  const waiting = average((i) => Math.max(0, i - servers));
  const waitChance = chances.reduce((sum, chance, i) => (i >= servers ? sum + chance : sum), 0);
  return { present: average((i) => i), waiting, waitChance, meanWait: waiting.mean / arrivalRate };
}
