import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeviceFragmentation, fragmentClasses } from './fragmentation.ts';
import type { TypicalPod } from './typical-pods.ts';

const pod = (share: number, milliCpu: number, milli = 0, count = 1, models: string[] = []): TypicalPod => ({
  share,
  milliCpu,
  devices: milli === 0 ? undefined : { count, milli, models },
});

/** The definition, word by word: who of the typical pods can use what of the node. */
function naive(pods: readonly TypicalPod[], cpu: number, model: string, free: readonly number[]): number {
  const all = free.reduce((sum, milli) => sum + milli, 0);
  let expected = 0;
  for (const { share, milliCpu, devices } of pods) {
    const fits =
      devices !== undefined &&
      (devices.models.length === 0 || devices.models.includes(model)) &&
      cpu >= milliCpu &&
      free.filter((milli) => milli >= devices.milli).length >= devices.count;
    const usable = fits ? free.filter((milli) => milli >= devices.milli).reduce((sum, milli) => sum + milli, 0) : 0;
    expected += share * (all - usable);
  }
  return expected;
}

describe('fragmentation of a node', () => {
  test('is what a typical pod cannot use, in expectation', () => {
    // Free: 300 and 1000. A pod of 500 (0.5) cannot use the 300; one of 2 GPUs (0.3) nothing; one without GPUs (0.2) nothing.
    const measure = new DeviceFragmentation([pod(0.5, 1000, 500), pod(0.3, 1000, 1000, 2), pod(0.2, 1000)]);
    expect(measure.of(4000, 'T4', [300, 1000])).toBeCloseTo(0.5 * 300 + 0.3 * 1300 + 0.2 * 1300, 9);
  });

  test.each([
    ['q1', 500, pod(1, 1000, 1000, 2)],
    ['q2', 4000, pod(1, 1000, 1000, 2)],
    ['q3', 4000, pod(1, 1000, 200)],
    ['q4', 500, pod(1, 1000, 200)],
    ['xL', 4000, pod(1, 1000)],
    ['xR', 500, pod(1, 1000)],
    ['NA', 4000, pod(1, 1000, 200, 1, ['G3'])],
  ] as const)('%s', (name, cpu, typical) => {
    const measure = new DeviceFragmentation([typical]);
    const fragments = measure.measure(cpu, 'T4', [300, 1000]);
    expect(fragmentClasses.filter((_, at) => measure.parts[at]! > 0)).toEqual([name]);
    expect(fragments).toBe(name === 'q3' ? 0 : 1300);
  });

  test('counts too small devices beside those that suffice as q2', () => {
    const measure = new DeviceFragmentation([pod(1, 1000, 500)]);
    expect(measure.measure(4000, '', [300, 1000])).toBe(300);
    expect(measure.parts[fragmentClasses.indexOf('q2')]).toBe(300);
    expect(measure.parts[fragmentClasses.indexOf('q3')]).toBe(1000);
  });

  test('is what the definition says, on any node and workload', () => {
    const milli = fc.integer({ min: 1, max: 20 }).map((n) => 50 * n);
    const typical = fc
      .record({
        cpu: fc.nat({ max: 10 }),
        milli,
        count: fc.integer({ min: 0, max: 4 }),
        model: fc.constantFrom('', 'A', 'B', 'C'),
      })
      .map(({ cpu, milli: each, count, model }) =>
        pod(1, cpu, count === 0 ? 0 : each, Math.max(1, count), model === '' ? [] : [model]),
      );
    const free = fc.array(
      fc.nat({ max: 20 }).map((n) => 50 * n),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(typical, { maxLength: 12 }), fc.nat({ max: 10 }), free, (pods, cpu, devices) => {
        expect(new DeviceFragmentation(pods).of(cpu, 'A', devices)).toBeCloseTo(naive(pods, cpu, 'A', devices), 6);
      }),
    );
  });

  test('is bit for bit the same when a node is in a state that was met before, or nearly so', () => {
    const pods = [pod(0.3, 2, 500), pod(0.1, 4, 1000, 2), pod(0.2, 4), pod(0.4, 1, 250, 1, ['A'])];
    const node = fc.record({
      cpu: fc.nat({ max: 5 }),
      model: fc.constantFrom('A', 'B'),
      free: fc.array(fc.constantFrom(0, 250, 499, 500, 1000), { maxLength: 3 }),
    });
    const measure = new DeviceFragmentation(pods);
    fc.assert(
      fc.property(node, ({ cpu, model, free }) => {
        expect(measure.of(cpu, model, free)).toBe(new DeviceFragmentation(pods).measure(cpu, model, free));
      }),
      { numRuns: 1000 },
    );
  });
});
