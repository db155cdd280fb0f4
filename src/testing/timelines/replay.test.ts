import { expect, test } from 'vitest';
import type { TieBreak } from '../../scheduler/select-host.ts';
import { playTimeline } from './replay.ts';
import { readTimeline } from './timeline-case.ts';

const recorded = readTimeline('deploy-roll-25-25');

/** Nodes in the order in which the first pods were bound to them. */
function nodesBound(seed: string, ties: TieBreak): string {
  const rows = playTimeline(recorded, recorded.runs[0]!, seed, 'prompt', ties);
  return rows
    .filter(({ event, name }) => event === 'bound' && name.startsWith('web-rs1/'))
    .slice(0, 5)
    .map(({ node }) => node)
    .join();
}

test('a play may draw which of equally good nodes the workers of the scheduler meet first', () => {
  const seeds = ['a', 'b', 'c'];
  expect(new Set(seeds.map((seed) => nodesBound(seed, 'heap'))).size).toBe(1);
  expect(new Set(seeds.map((seed) => nodesBound(seed, 'uniform'))).size).toBeGreaterThan(1);
});
