/**
 * The machine of the recordings: API server, etcd and all components on few cores with one disk. Requests are worked off one
 * after the other and written in groups: those that are ready while the disk is busy share its next flush. So a chain of
 * requests is as fast among many as alone, and what many do at one time takes effect in clumps.
 */
import type { LatencyProfile } from '../../apiserver/latency.ts';
import { constant, lognormal } from '../../engine/distributions.ts';
import type { Engine } from '../../engine/engine.ts';
import type { RandomStream } from '../../engine/random.ts';
import { MILLISECOND } from '../../engine/time.ts';

/** Which comes first, the answer to a write or the watch event of it: differs from moment to moment of one machine. */
export const watchPaces = ['prompt', 'late', 'unsteady'] as const;
export type WatchPace = (typeof watchPaces)[number];

/**
 * From the commit to the writer's answer and to the watchers' caches, microseconds. A controller whose key came again meanwhile reads its
 * old cache where the answer was first: in one case of fifty where watches are prompt, in one of three where they are late. Where both are
 * unsteady, a controller takes together what happens within some 100 ms: of 4, of 5 and of 8 or more pods that change at once the recordings
 * have 3.0, 3.1 and 5.6 writes of an EndpointSlice (here 3.0, 2.9 and 5.9), and 11, 16 and 16 % of them are put right a second later (6, 18, 16 %).
 */
const afterCommit: Readonly<Record<WatchPace, Pick<LatencyProfile, 'response' | 'watch'>>> = {
  prompt: {
    response: lognormal({ mean: 1.5 * MILLISECOND, cv: 0.4 }),
    watch: lognormal({ mean: 0.5 * MILLISECOND, cv: 0.4 }),
  },
  late: {
    response: lognormal({ mean: MILLISECOND, cv: 0.1 }),
    watch: lognormal({ mean: 0.95 * MILLISECOND, cv: 0.1 }),
  },
  unsteady: {
    response: lognormal({ mean: 7 * MILLISECOND, cv: 2 }),
    watch: lognormal({ mean: 3 * MILLISECOND, cv: 2 }),
  },
};

const beforeCommit = {
  request: lognormal({ mean: 0.7 * MILLISECOND, cv: 0.4 }),
  admission: constant(0.3 * MILLISECOND),
  etcdCommit: constant(0),
};

const work = lognormal({ mean: 3 * MILLISECOND, cv: 0.5 });
const flush = lognormal({ mean: 3 * MILLISECOND, cv: 0.5 });

/** Latencies and the order of requests. Times in microseconds. */
export class RecordedMachine {
  readonly latency: LatencyProfile;
  private readonly engine: Engine;
  private readonly random: RandomStream;
  private workedOffAt = 0;
  private flushedAt = 0;
  /** End of the flush after that one, where somebody waits for it already; else the same. */
  private nextFlushedAt = 0;

  constructor(engine: Engine, pace: WatchPace = 'prompt') {
    this.latency = { name: 'recorded machine', ...beforeCommit, ...afterCommit[pace], clientLimits: true };
    this.engine = engine;
    this.random = engine.random('timeline/machine');
  }

  /** When a request that arrives now is carried out; `writes`: for how many flushes it waits. */
  turnOf(writes: number): number {
    this.workedOffAt = Math.max(this.engine.now, this.workedOffAt) + work.sample(this.random);
    let at = this.workedOffAt;
    for (let left = writes; left > 0; left--) at = this.writtenAt(at);
    return Math.round(at);
  }

  private writtenAt(ready: number): number {
    if (ready >= this.flushedAt) this.flushedAt = this.nextFlushedAt;
    if (ready >= this.flushedAt) this.flushedAt = this.nextFlushedAt = ready + flush.sample(this.random);
    else if (this.nextFlushedAt === this.flushedAt) this.nextFlushedAt += flush.sample(this.random);
    return this.nextFlushedAt;
  }
}
