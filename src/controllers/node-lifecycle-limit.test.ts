import { expect, test } from 'vitest';
import { defaultLatency } from '../apiserver/latency.ts';
import { ControlPlane, makeReadyNode } from '../testing/control-plane.ts';
import { hasNoExecute, readyStatus, unreachableTaint } from './node-taints.ts';

test('20 requests a second stretch the pass over a lost zone, whose state is judged when the pass has ended', () => {
  const nodes = Array.from({ length: 101 }, (_, at) => makeReadyNode(`n${at}`, at < 100 ? 'a' : 'b'));
  const plane = new ControlPlane({
    controllers: ['node-lifecycle-controller'],
    nodes,
    hasKubelets: false,
    latency: defaultLatency,
  });
  plane.runTo(50);
  const unknownAt: number[] = [];
  const taintedAt: number[] = [];
  plane.observe('Node', (before, after, seconds) => {
    if (readyStatus(before!) === 'True' && readyStatus(after!) === 'Unknown') unknownAt.push(seconds);
    if (!hasNoExecute(before!, unreachableTaint) && hasNoExecute(after!, unreachableTaint)) taintedAt.push(seconds);
  });
  for (let at = 0; at < 56; at++) plane.silence(`n${at}`);
  plane.runTo(400);
  expect(unknownAt).toHaveLength(56);
  // Each node costs the pass two requests. After the burst of 30 its eight workers share the tokens with eight that taint and
  // the sender of events: (2 * 56 - 30 * 8/17) / (20 * 8/17) s.
  const lasts = unknownAt.at(-1)! - unknownAt[0]!;
  expect(lasts).toBeGreaterThan(8);
  expect(lasts).toBeLessThan(12.5);
  // What 56 of 100 mean for the rate is known only at the end: the first taint is under way by then, the next come every 100 s.
  const [first, second, third] = taintedAt as [number, number, number];
  expect(first).toBeLessThan(unknownAt.at(-1)!);
  expect(second - first).toBeGreaterThan(100);
  expect(second - first).toBeLessThan(100 + lasts + 0.5);
  expect(third - second).toBeCloseTo(100, 0);
});
