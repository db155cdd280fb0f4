/**
 * The machine of the recordings: API server, etcd and all components on few cores. One reaction to a change takes about 5 ms when
 * nothing else happens, and several times as long while many pods come and go.
 */
import type { LatencyProfile } from '../../apiserver/latency.ts';
import type { Distribution } from '../../engine/distributions.ts';
import { constant, lognormal } from '../../engine/distributions.ts';
import { MILLISECOND } from '../../engine/time.ts';

/** For how long a write keeps the machine busy: what is under way falls by 1/e in this time. */
const memoryUs = 25 * MILLISECOND;

/** Latencies that grow with the number of writes of the last moments. */
export class RecordedMachine {
  readonly latency: LatencyProfile;
  private readonly clock: { readonly now: number };
  private writes = 0;
  private lastAt = 0;

  constructor(clock: { readonly now: number }) {
    this.clock = clock;
    this.latency = {
      name: 'recorded machine',
      request: this.crowded(1.2, 0.6, 0.7),
      admission: constant(0.3 * MILLISECOND),
      etcdCommit: this.crowded(2, 0.7, 0.9),
      response: this.crowded(2, 0.5, 0.8),
      watch: this.crowded(0.8, 0.6, 0.6),
      clientLimits: true,
    };
  }

  /** One more write, whoever sends it. */
  note(): void {
    this.writes = this.underWay() + 1;
    this.lastAt = this.clock.now;
  }

  /** `mean` in milliseconds, of an idle machine; by the share `slowdown` more for each write under way. */
  private crowded(mean: number, cv: number, slowdown: number): Distribution {
    const idle = lognormal({ mean: mean * MILLISECOND, cv });
    return { mean: idle.mean, sample: (random) => idle.sample(random) * (1 + slowdown * this.underWay()) };
  }

  private underWay(): number {
    return this.writes * Math.exp((this.lastAt - this.clock.now) / memoryUs);
  }
}
