import { expect, test } from 'vitest';
import { typicalPods } from './typical-pods.ts';

const shape = (milliCpu: number, milli = 0, count = 1, models: string[] = []) => ({
  milliCpu,
  devices: milli === 0 ? undefined : { count, milli, models },
});
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test('typical pods are the most frequent classes up to 95 % of the pods, their shares made whole again', () => {
  // 60 + 30 + 6 = 96 of 100 reach 95; the last four are left out.
  const pods = typicalPods([
    ...times(30, shape(1000)),
    ...times(60, shape(4000, 500)),
    ...times(6, shape(8000, 1000, 2)),
    ...times(4, shape(1)),
  ]);
  expect(pods.map(({ milliCpu }) => milliCpu)).toEqual([4000, 1000, 8000]);
  expect(pods.map(({ share }) => share)).toEqual([0.6 / 0.96, 0.3 / 0.96, 0.06 / 0.96]);
});

test('of equally frequent classes those that ask for more come first: cpu, thousandths, devices, models', () => {
  const pods = typicalPods([shape(1, 5, 1), shape(2, 4, 1), shape(2, 4, 2), shape(2, 4, 2, ['A']), shape(2, 7, 1)]);
  expect(
    pods.map(({ milliCpu, devices }) => [milliCpu, devices!.milli, devices!.count, devices!.models.length]),
  ).toEqual([
    [2, 7, 1, 0],
    [2, 4, 2, 1],
    [2, 4, 2, 0],
    [2, 4, 1, 0],
    [1, 5, 1, 0],
  ]);
  expect(pods.map(({ share }) => share)).toEqual(times(5, 0.2));
});

test('without pods there is none', () => {
  expect(typicalPods([])).toEqual([]);
});
