import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueueModel, QueueOutcome } from '../testing/queueing.ts';
import { multiServerTheory, simulateQueue } from '../testing/queueing.ts';
import { momentsOf } from '../testing/statistics.ts';
import type { Distribution } from './distributions.ts';
import { constant, erlang, exponential, lognormal, uniform } from './distributions.ts';

// The engine alone, as its users see it, against closed forms. Seeds are 1, 2, ... and were chosen before the first run; an
// interval is that of 99.9 %, and has to be as narrow as stated, so that a wrong engine cannot hide behind a wide one.
const normalPoint = 3.290526731;
/** Two-sided 99.9 % point of Student's t with 19 degrees of freedom. */
const studentPoint19 = 3.883405853;
const replications = 20;
const arrivals = 1_000_000;

const poisson = (rate: number): Distribution => exponential({ mean: 1 / rate });
const mean = (integral: number, { durationUs }: QueueOutcome): number => integral / durationUs;

describe('M/M/c', () => {
  test('theory of the test itself: the variance is the closed form of M/M/1', () => {
    expect(multiServerTheory(0.8, 1).present.asymptoticVariance).toBeCloseTo(1800, 6);
    expect(multiServerTheory(0.5, 1).present.asymptoticVariance).toBeCloseTo((2 * 0.5 * 1.5) / 0.5 ** 4, 9);
  });

  // Rows Q1, Q2, Q4, Q6: numbers present and waiting with their half-widths for 1e6 arrivals.
  test.each([
    { rate: 0.5, servers: 1, present: 1, waiting: 0.5, presentWithin: 0.0114, waitingWithin: 0.0096 },
    { rate: 0.8, servers: 1, present: 4, waiting: 3.2, presentWithin: 0.125, waitingWithin: 0.122 },
    { rate: 1.6, servers: 2, present: 4.444444, waiting: 2.844444, presentWithin: 0.125, waitingWithin: 0.12 },
    { rate: 8, servers: 10, present: 9.636721, waiting: 1.636721, presentWithin: 0.133, waitingWithin: 0.105 },
  ])('$servers servers, rate $rate: numbers present and waiting', (row) => {
    const theory = multiServerTheory(row.rate, row.servers);
    const halfWidth = (variance: number): number => normalPoint * Math.sqrt((variance * row.rate) / arrivals);
    expect(theory.present.mean).toBeCloseTo(row.present, 5);
    expect(theory.waiting.mean).toBeCloseTo(row.waiting, 5);
    expect(halfWidth(theory.present.asymptoticVariance)).toBeLessThan(row.presentWithin * 1.005);
    expect(halfWidth(theory.waiting.asymptoticVariance)).toBeLessThan(row.waitingWithin * 1.005);

    const outcome = simulateQueue({
      seed: '1',
      servers: row.servers,
      interarrival: poisson(row.rate),
      service: exponential({ mean: 1 }),
      arrivals,
    });
    expect(Math.abs(mean(outcome.presentIntegral, outcome) - row.present)).toBeLessThan(row.presentWithin);
    expect(Math.abs(mean(outcome.waitingIntegral, outcome) - row.waiting)).toBeLessThan(row.waitingWithin);
    // Rate and work are averages of independent draws.
    const withinShare = normalPoint / Math.sqrt(arrivals);
    expect(Math.abs((arrivals / outcome.durationUs) * 1e6 - row.rate)).toBeLessThan(withinShare * row.rate);
    expect(Math.abs(outcome.serviceSum / 1e6 / arrivals - 1)).toBeLessThan(withinShare);
  });

  test('one server, rate 0.8: the time spent is exponential of mean 5', () => {
    const points = [3.4657, 14.9787, 23.0259];
    const shares = points.map((): number[] => []);
    for (let seed = 1; seed <= replications; seed++) {
      const counts = [0, 0, 0];
      const onDeparture = (sojourn: number): void =>
        points.forEach((point, i) => {
          if (sojourn <= point) counts[i]!++;
        });
      simulateQueue({ ...oneServer(String(seed), exponential({ mean: 1 })), onDeparture });
      counts.forEach((count, i) => shares[i]!.push(count / 50_000));
    }
    [0.5, 0.95, 0.99].forEach((chance, i) => {
      const { mean: share, meanError } = momentsOf(shares[i]!);
      expect(studentPoint19 * meanError).toBeLessThan(0.02);
      expect(Math.abs(share - chance)).toBeLessThan(studentPoint19 * meanError);
    });
  });
});

const oneServer = (seed: string, service: Distribution, count = 50_000): QueueModel => ({
  seed,
  servers: 1,
  interarrival: poisson(0.8),
  service,
  arrivals: count,
});

describe('M/G/1, rate 0.8', () => {
  // Row Q12, Pollaczek and Khinchine: the mean wait is 0.8 (1 + scv) / (2 * 0.2).
  test.each([
    { law: 'constant', service: constant(1), wait: 2, within: 0.1 },
    { law: 'Erlang of 4 phases', service: erlang({ mean: 1, phases: 4 }), wait: 2.5, within: 0.3, count: 15_000 },
    { law: 'exponential', service: exponential({ mean: 1 }), wait: 4, within: 0.3 },
    { law: 'lognormal of scv 4', service: lognormal({ mu: -0.80472, sigma: 1.26864 }), wait: 10, within: 2 },
  ])('service $law: the mean wait is $wait', ({ service, wait, within, count }) => {
    const waits = Array.from({ length: replications }, (_, i) => {
      const model = oneServer(String(i + 1), service, count);
      return simulateQueue(model).waitSum / 1e6 / model.arrivals;
    });
    const moments = momentsOf(waits);
    expect(studentPoint19 * moments.meanError).toBeLessThan(within);
    expect(Math.abs(moments.mean - wait)).toBeLessThan(studentPoint19 * moments.meanError);
  });
});

describe('M/M/c with servers that fail, also when idle', () => {
  // Row Q16: numbers present with their half-widths for 1e6 arrivals. A customer whose server fails begins anew.
  test.each([
    { servers: 1, rate: 0.5, failure: 0.05, repair: 0.5, present: 1.424242, within: 0.0214 },
    { servers: 2, rate: 0.8, failure: 0.02, repair: 0.2, present: 1.207229, within: 0.0159 },
  ])('$servers servers: the number present is $present', ({ servers, rate, failure, repair, present, within }) => {
    const outcome = simulateQueue({
      seed: '1',
      servers,
      interarrival: poisson(rate),
      service: exponential({ mean: 1 }),
      arrivals,
      breakdown: { uptime: poisson(failure), repair: poisson(repair) },
    });
    expect(Math.abs(mean(outcome.presentIntegral, outcome) - present)).toBeLessThan(within);
  });
});

describe("Little's law", () => {
  test('holds exactly, as an identity of integers, for every queue that runs empty', () => {
    const laws = [constant(1), exponential({ mean: 1 }), uniform(0, 2), constant(0), lognormal({ mean: 1, cv: 3 })];
    const cases = fc.record({
      seed: fc.nat().map(String),
      servers: fc.integer({ min: 1, max: 6 }),
      interarrival: fc.constantFrom(...laws),
      service: fc.constantFrom(...laws),
    });
    fc.assert(
      fc.property(cases, (model) => {
        const outcome = simulateQueue({ ...model, arrivals: 500 });
        expect(outcome.presentIntegral).toBe(outcome.sojournSum);
        expect(outcome.waitingIntegral).toBe(outcome.waitSum);
        expect(outcome.busyIntegral).toBe(outcome.serviceSum);
        expect(outcome.sojournSum).toBe(outcome.waitSum + outcome.serviceSum);
        expect(outcome.eventCount).toBe(1000);
      }),
    );
  });

  test('holds exactly for what is present when servers fail', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const outcome = simulateQueue({
        seed: String(seed),
        servers: 3,
        interarrival: poisson(2),
        service: exponential({ mean: 1 }),
        arrivals: 2000,
        breakdown: { uptime: poisson(0.1), repair: poisson(0.5) },
      });
      expect(outcome.presentIntegral).toBe(outcome.sojournSum);
    }
  });
});
