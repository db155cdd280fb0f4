import { describe, expect, test } from 'vitest';
import { LoadCurve } from './load-curve.ts';

describe('the curve over the arrived load', () => {
  test('holds the means over the offers at which the load rounds to a percent', () => {
    // 10 devices: 100 thousandths are 1 %.
    const curve = new LoadCurve(10_000);
    curve.add(100, 100, 33.333); // 1 %
    curve.add(140, 140, 66.666); // 1.4 -> 1 %
    curve.add(300, 240, 0); // 3 %
    const points = curve.points();
    expect(points).toHaveLength(131);
    expect(points[1]).toEqual({
      load: 1,
      allocated: 1.2,
      // (33.33 + 66.67) / 2 = 50 of 10,000
      fragmented: 0.5,
      // 33.333 of 9,900 = 0.34 %, 66.666 of 9,860 = 0.68 %
      fragmentRatio: (0.34 + 0.68) / 2,
    });
    expect(points[3]).toEqual({ load: 3, allocated: 2.4, fragmented: 0, fragmentRatio: 0 });
  });

  test('takes the neighbours where no offer came to a percent, and nothing where these have none either', () => {
    const curve = new LoadCurve(10_000);
    curve.add(100, 100, 0);
    curve.add(300, 300, 0);
    const points = curve.points();
    expect([0, 2, 4, 5].map((load) => points[load]!.allocated)).toEqual([1, 2, 3, undefined]);
  });

  test('rounds the load at a half to the even percent', () => {
    const curve = new LoadCurve(10_000);
    curve.add(250, 10, 0); // 2.5 -> 2
    curve.add(350, 20, 0); // 3.5 -> 4
    const points = curve.points();
    expect([2, 4].map((load) => points[load]!.allocated)).toEqual([0.1, 0.2]);
  });

  test('adds up as numpy does: the mean of many values is that of eight running sums', () => {
    const curve = new LoadCurve(10_000);
    for (let at = 0; at < 301; at++) curve.add(5000, 1000 + at, 0);
    expect(curve.points()[50]!.allocated).toBe(11.5);
  });
});
