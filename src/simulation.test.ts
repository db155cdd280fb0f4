import { beforeAll, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from './engine/time.ts';
import { readTable } from './report/read-table.ts';
import type { RunResult } from './simulation.ts';
import { Simulation } from './simulation.ts';
import { readSchedulerSetup } from './scenario/scheduler-setup.ts';
import { goldenOf, loadShipped, run } from './testing/shipped-scenarios.ts';
import { nodeSha256 } from './testing/sha256.ts';

describe('a run', () => {
  let first: RunResult;
  beforeAll(async () => {
    first = await run(loadShipped('node-crash'));
  });

  test('gives the same bytes again', async () => {
    expect(goldenOf(await run(loadShipped('node-crash')))).toEqual(goldenOf(first));
  });

  test('does not depend on the length of the slices in which it is advanced', () => {
    const scenario = loadShipped('node-crash');
    const { setup } = readSchedulerSetup(scenario, []);
    const simulation = new Simulation(scenario, { createHash: nodeSha256, scheduler: setup! });
    let stop = simulation.advance(7);
    while (stop.reason === 'paused') stop = simulation.advance(7);
    expect(goldenOf(simulation.finish(stop))).toEqual(goldenOf(first));
  });

  test('is not influenced by metrics, checks and observers', async () => {
    const bare = await run(loadShipped('node-crash'), { metrics: [], check: 'off' });
    const fully = await run(loadShipped('node-crash'), { check: 'full', observers: [{ committed: () => undefined }] });
    expect(bare.fingerprints).toEqual(first.fingerprints);
    expect(fully.fingerprints).toEqual(first.fingerprints);
    expect(bare.eventCount).toBe(first.eventCount);
  });

  test('differs under another seed and under another replication', async () => {
    const seeded = await run(loadShipped('node-crash', ['spec.seed=43']));
    const replicated = await run(loadShipped('node-crash', ['spec.replication=1']));
    expect(seeded.fingerprints.get('trace')).not.toBe(first.fingerprints.get('trace'));
    expect(replicated.fingerprints.get('trace')).not.toBe(first.fingerprints.get('trace'));
    expect(seeded.fingerprints.get('trace')).not.toBe(replicated.fingerprints.get('trace'));
  });

  test('up to an earlier horizon is the beginning of the run up to a later one', async () => {
    const short = await run(loadShipped('node-crash', ['spec.horizon=4m']));
    const submitted = (result: RunResult): readonly unknown[] =>
      readTable(result.tables, 'pods', ['pod', 'node', 'bound_t_s', 'ready_t_s']).filter(
        (pod) => (pod.ready_t_s as number) < 4 * MINUTE,
      );
    expect(submitted(short)).toEqual(submitted(first));
    expect(submitted(short)).toHaveLength(12);
  });
});

describe('a dead node with other numbers than the shipped ones', () => {
  test.each([
    ['1', '3m', 'general-a-1'],
    ['2', '7m13s', 'general-c-2'],
    ['3', '5m0.5s', 'general-b-2'],
    ['x', '61s', 'general-a-2'],
  ])('seed %s, crash at %s: the default chain', async (seed, at, node) => {
    const overrides = [
      `spec.seed="${seed}"`,
      `spec.faults[0].nodeCrash.at=${at}`,
      `spec.faults[0].nodeCrash.node=${node}`,
    ];
    const { tables, violations } = await run(loadShipped('node-crash', overrides));
    const columns = [
      'detected_after_s',
      'tainted_after_s',
      'evicted_after_s',
      'recovered_after_s',
      'pods_lost',
    ] as const;
    const [fault] = readTable(tables, 'faults', columns);
    const us = (column: (typeof columns)[number]): number => fault![column] as number;
    expect(violations).toEqual([]);
    expect(us('pods_lost')).toBe(2);
    expect(us('detected_after_s')).toBeGreaterThan(40 * SECOND);
    expect(us('detected_after_s')).toBeLessThan(55 * SECOND);
    // In the same pass: the taint follows by requests, not by another monitor period.
    expect(us('tainted_after_s') - us('detected_after_s')).toBeLessThan(SECOND);
    expect(us('evicted_after_s') - us('tainted_after_s')).toBeGreaterThan(299 * SECOND);
    expect(us('evicted_after_s') - us('tainted_after_s')).toBeLessThan(302 * SECOND);
    expect(us('recovered_after_s') - us('evicted_after_s')).toBeLessThan(15 * SECOND);
  });
});

describe('the schedule of faults', () => {
  test('does not change when the policy does', async () => {
    const uniform = await run(loadShipped('noisy-arrivals', ['spec.horizon=6h']));
    const other = await run(loadShipped('noisy-arrivals', ['spec.horizon=6h', 'spec.scheduler.tieBreak=lowest-name']));
    expect(other.fingerprints.get('faults')).toBe(uniform.fingerprints.get('faults'));
    expect(other.fingerprints.get('decisions')).not.toBe(uniform.fingerprints.get('decisions'));
  }, 60_000);
});
