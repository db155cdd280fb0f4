import { describe, expect, test } from 'vitest';
import { constant, exponential } from '../engine/distributions.ts';
import { HOUR, MINUTE } from '../engine/time.ts';
import { runFaults } from '../testing/fault-harness.ts';
import type { FaultNode } from './fault.ts';

/** Two zones of two racks of three nodes. */
const nodes: readonly FaultNode[] = ['a', 'b'].flatMap((zone) =>
  [1, 2].flatMap((rack) =>
    [1, 2, 3].map((at) => ({ name: `${zone}${rack}${at}`, zone, labels: { zone, rack: `${zone}-${rack}` } })),
  ),
);
const interval = exponential({ mean: 10 * HOUR });
const repair = constant(MINUTE);
const run = (args: Record<string, unknown>, seed = '1') =>
  runFaults([{ fault: 'domainOutage', args }], { nodes, horizon: 5000 * HOUR, seed });

describe('an outage of a failure domain', () => {
  test('takes all its nodes and no others, each domain by its own clock', () => {
    const { started } = run({ key: 'rack', interval, repair });
    for (const { target, nodes: hit } of started) {
      expect(hit).toEqual(nodes.filter(({ labels }) => labels['rack'] === target).map(({ name }) => name));
    }
    // Poisson with 500 for each of four racks.
    for (const rack of ['a-1', 'a-2', 'b-1', 'b-2'])
      expect(Math.abs(started.filter(({ target }) => target === rack).length - 500)).toBeLessThan(4 * Math.sqrt(500));
  });

  test('with a probability takes each node with that chance, whatever happens to the others', () => {
    const { started } = run({ key: 'zone', value: 'a', interval, repair, probability: 0.7 });
    expect(started.length).toBeGreaterThan(400);
    const hits = started.map(({ nodes: hit }) =>
      nodes.filter(({ zone }) => zone === 'a').map(({ name }) => hit.includes(name)),
    );
    const share = (pick: (row: boolean[]) => boolean): number => hits.filter(pick).length / hits.length;
    const sd = Math.sqrt(0.21 / hits.length);
    for (let node = 0; node < 6; node++) expect(Math.abs(share((row) => row[node]!) - 0.7)).toBeLessThan(4 * sd);
    // Independent: 0.49 for two of them.
    expect(Math.abs(share((row) => row[0]! && row[1]!) - 0.49)).toBeLessThan(
      4 * Math.sqrt((0.49 * 0.51) / hits.length),
    );
  });

  test('with parts takes these whole or not at all', () => {
    const { started } = run({ key: 'zone', value: 'a', interval, repair, probability: 0.5, parts: 'rack' });
    const kinds = new Set(started.map(({ nodes: hit }) => hit.join(' ')));
    expect([...kinds].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      '',
      'a11 a12 a13',
      'a11 a12 a13 a21 a22 a23',
      'a21 a22 a23',
    ]);
  });

  test('happens at the same times with and without a probability', () => {
    const times = (args: Record<string, unknown>): number[] =>
      run({ key: 'zone', interval, repair, ...args }).started.map(({ startsAt }) => startsAt);
    expect(times({ probability: 0.3 })).toEqual(times({}));
  });

  test('by a trace hits the domains that it names', () => {
    const trace = [
      { startsAt: 5, endsAt: 9, target: 'b-1' },
      { startsAt: 7, endsAt: undefined, target: 'a-2' },
      { startsAt: 20, endsAt: 30, target: 'b-1' },
    ];
    expect(run({ key: 'rack', trace }).calls.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual(
      ['5 crashNode', '7 crashNode', '9 restoreNode', '20 crashNode', '30 restoreNode'].flatMap((call) => [
        call,
        call,
        call,
      ]),
    );
  });
});

test('a trace of a node fault hits just the nodes that it names, when it says', () => {
  const trace = [
    { startsAt: 5, endsAt: 9, target: 'a11' },
    { startsAt: 6, endsAt: 7, target: 'b23' },
    { startsAt: 9, endsAt: undefined, target: 'a11' },
  ];
  const { calls, started } = runFaults([{ fault: 'kubeletStop', args: { trace } }], { nodes, horizon: 8 });
  expect(calls).toEqual(['5 stopKubelet a11', '6 stopKubelet b23', '7 startKubelet b23']);
  expect(started.map(({ target, endsAt }) => [target, endsAt])).toEqual([
    ['a11', 9],
    ['b23', 7],
  ]);
});
