import { expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { packCondition } from '../api/pod-status.ts';
import { RandomSource } from '../engine/random-source.ts';
import { makePod } from '../testing/builders.ts';
import { decodedAs, rawWorkload } from '../testing/decode.ts';
import type { DaemonPlan, DaemonView } from './daemonset-plan.ts';
import { planNodes, planUpdate } from './daemonset-plan.ts';
import { revisionLabel } from './template-revisions.ts';

const updateStrategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
const set = decodedAs('DaemonSet', { ...rawWorkload('StatefulSet', { updateStrategy }), kind: 'DaemonSet' });
const yes = { shouldRun: true, shouldContinue: true };
const onlyContinue = { shouldRun: false, shouldContinue: true };

let uid = 0;

/** A pod that has been ready for a while, or is Failed. */
function podOf(name: string, hash: string, phase: 'Running' | 'Failed' = 'Running'): Pod {
  const status = { phase, ready: packCondition(phase === 'Running', 10) };
  return makePod(name, { labels: { [revisionLabel]: hash }, metadata: { uid: ++uid }, status });
}

/** Nodes by name, each with its pods; a name in brackets: no pod should be made there. */
function viewOf(nodes: Readonly<Record<string, readonly Pod[]>>): DaemonView {
  const nameOf = (key: string): string => key.replaceAll(/[()]/g, '');
  const keys = Object.keys(nodes);
  return {
    ...{ set, hash: 'new', generation: 2, podGenerations: new Map(), now: 100 },
    nodes: new Map(keys.map((key) => [nameOf(key), key.startsWith('(') ? onlyContinue : yes])),
    podsByNode: new Map(keys.filter((key) => nodes[key]!.length > 0).map((key) => [nameOf(key), nodes[key]!])),
  };
}

/** Draws the same number in [0, 1) each time; without one for steps in which nothing is left to choose. */
class Always extends RandomSource {
  readonly drawn: number | undefined;

  constructor(drawn?: number) {
    super();
    this.drawn = drawn;
  }

  double(): number {
    if (this.drawn === undefined) throw new Error('nothing is to be drawn');
    return this.drawn;
  }
}

const noDraw = (): RandomSource => new Always();

const told = ({ creations, deletions }: DaemonPlan): readonly unknown[] => [
  creations,
  deletions.map(({ metadata }) => metadata.name),
];

test('a surge takes an old pod from where none should be when enough others are available', () => {
  const view = viewOf({ a: [podOf('a', 'old')], '(b)': [podOf('b', 'old')] });
  expect(told(planUpdate(view, noDraw))).toEqual([['a'], ['b']]);
});

test('a surge leaves that pod where it is while a wanted one is missing', () => {
  const view = viewOf({ a: [podOf('a', 'new')], '(b)': [podOf('b', 'old')], c: [] });
  expect(told(planUpdate(view, noDraw))).toEqual([[], []]);
});

test('a node of a surging set has a new pod at once beside a failed one', () => {
  const view = viewOf({ a: [podOf('a', 'new', 'Failed')] });
  expect(told(planNodes(view, () => true))).toEqual([['a'], ['a']]);
  expect(told(planNodes(view, () => false))).toEqual([['a'], []]);
});

const oneAtATime = { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
const rolling = decodedAs('DaemonSet', {
  ...rawWorkload('StatefulSet', { updateStrategy: oneAtATime }),
  kind: 'DaemonSet',
});

test('any of the old pods goes first, and so does any of the nodes that get a second one', () => {
  const view = viewOf({ a: [podOf('a', 'old')], b: [podOf('b', 'old')], c: [podOf('c', 'old')] });
  const firstOf = (given: DaemonView, drawn: number): unknown => told(planUpdate(given, () => new Always(drawn)));
  const replaced = [0, 0.5, 0.99].map((drawn) => firstOf({ ...view, set: rolling }, drawn));
  expect(replaced).toEqual([
    [[], ['a']],
    [[], ['b']],
    [[], ['c']],
  ]);
  expect([0, 0.5, 0.99].map((drawn) => firstOf(view, drawn))).toEqual([
    [['a'], []],
    [['b'], []],
    [['c'], []],
  ]);
});

test('nothing is drawn while no pod may go, or all that are left may', () => {
  const waiting = viewOf({ a: [podOf('a', 'new', 'Failed')], b: [podOf('b', 'old')], c: [podOf('c', 'old')] });
  expect(told(planUpdate({ ...waiting, set: rolling }, noDraw))).toEqual([[], []]);
  const last = viewOf({ a: [podOf('a', 'new')], b: [podOf('b', 'old')] });
  expect(told(planUpdate({ ...last, set: rolling }, noDraw))).toEqual([[], ['b']]);
});
