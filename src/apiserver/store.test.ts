import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../api/meta-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import type { Change, StoreIndex, StoreWatcher } from './store.ts';
import { Store } from './store.ts';

interface Thing extends ApiObject {
  readonly color: string | undefined;
}

const byColor: StoreIndex<Thing> = { name: 'color', keyOf: (thing) => thing.color };
const colors = ['red', 'blue', undefined] as const;
const names = ['a', 'b', 'c', 'd'] as const;

const thing = (name: string, color: Thing['color'] = undefined, namespace = 'x'): Thing => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: newObjectMeta({ name, namespace }),
  color,
});

/** A watcher that sees changes when it is told to. */
class Follower implements StoreWatcher<Thing> {
  settledSequence = 0;
  readonly heard: Change<Thing>[] = [];

  changed(change: Change<Thing>): void {
    this.heard.push(change);
  }
}

const storeOf = (...watchers: readonly Follower[]): Store<Thing> => {
  const store = new Store<Thing>('Thing', [byColor]);
  for (const watcher of watchers) store.addWatcher(watcher);
  return store;
};

const inNameOrder = (objects: Iterable<Thing>): Thing[] =>
  [...objects].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

describe('slots', () => {
  test('are dense, and used again at once when nobody lags', () => {
    const store = storeOf();
    const a = thing('a');
    expect(store.commit(undefined, a, 1)).toBe(0);
    expect(store.commit(undefined, thing('b'), 2)).toBe(1);
    store.commit(a, undefined, 3);
    expect(store.size).toBe(1);
    expect(store.commit(undefined, thing('c'), 4)).toBe(0);
    expect(store.slotCount).toBe(2);
  });

  test('of a removed object stay taken until the last watcher has seen it go', () => {
    const [quick, slow] = [new Follower(), new Follower()];
    const store = storeOf(quick, slow);
    const a = thing('a');
    store.commit(undefined, a, 1);
    store.commit(a, undefined, 2);
    quick.settledSequence = 2;
    slow.settledSequence = 1;
    expect(store.commit(undefined, thing('b'), 3)).toBe(1);
    slow.settledSequence = 2;
    store.trim();
    expect(store.commit(undefined, thing('c'), 4)).toBe(0);
  });

  test('a name that comes back has a new slot, and a late watcher still finds the old one', () => {
    const slow = new Follower();
    const store = storeOf(slow);
    const [old, young] = [thing('a', 'red'), thing('a', 'blue')];
    store.commit(undefined, old, 1);
    store.commit(old, undefined, 2);
    store.commit(undefined, young, 3);
    expect(store.get('x', 'a')).toBe(young);
    expect(store.asOf(store.slotAsOf('x', 'a', 1), 1)).toBe(old);
    expect(store.asOf(store.slotAsOf('x', 'a', 2), 2)).toBeUndefined();
    expect(store.asOf(store.slotAsOf('x', 'a', 3), 3)).toBe(young);
  });
});

test('two commits on one version stop the run', () => {
  const store = storeOf();
  const a = thing('a');
  store.commit(undefined, a, 1);
  store.commit(a, thing('a', 'red'), 2);
  expect(() => store.commit(a, thing('a', 'blue'), 3)).toThrow('stale');
  expect(() => store.commit(undefined, thing('a'), 3)).toThrow('exists');
});

test('names are per namespace', () => {
  const store = storeOf();
  const [here, there] = [thing('a', 'red', 'x'), thing('a', 'blue', 'y')];
  store.commit(undefined, here, 1);
  store.commit(undefined, there, 2);
  expect(store.get('x', 'a')).toBe(here);
  expect(store.get('y', 'a')).toBe(there);
  expect(store.get('z', 'a')).toBeUndefined();
});

test('a name that was looked up is found again only as long as it is there', () => {
  const store = storeOf();
  const first = thing('a');
  store.commit(undefined, first, 1);
  expect(store.get('x', 'a')).toBe(first);
  store.commit(first, undefined, 2);
  expect(store.get('x', 'a')).toBeUndefined();
  const second = thing('a');
  store.commit(undefined, second, 3);
  expect(store.get('x', 'a')).toBe(second);
});

test('versions that everybody has passed are let go, before the log is cut', () => {
  const watcher = new Follower();
  const store = storeOf(watcher);
  let current = thing('a');
  store.commit(undefined, current, 1);
  for (let version = 2; version < 500; version++) {
    watcher.settledSequence = version - 1;
    const next = thing('a', colors[version % 2]);
    store.commit(current, next, version);
    current = next;
  }
  watcher.settledSequence = 499;
  store.trim();
  const { log, latest } = store as unknown as { log: unknown[]; latest: Map<number, unknown> };
  expect(log.filter((entry) => entry !== undefined)).toEqual([]);
  expect(latest.size).toBe(0);
  expect(watcher.heard.every(({ previous }) => previous === undefined)).toBe(true);
});

test('a long run keeps a short log', () => {
  const watcher = new Follower();
  const store = storeOf(watcher);
  for (let version = 1; version < 20_000; version += 2) {
    const a = thing('a');
    store.commit(undefined, a, version);
    store.commit(a, undefined, version + 1);
    watcher.settledSequence = version + 1;
  }
  const { log } = store as unknown as { log: unknown[] };
  expect(log.length).toBeLessThan(2100);
  expect(store.slotCount).toBeLessThanOrEqual(2);
});

/** What a step of a random history does. */
type Step =
  | { readonly type: 'write'; readonly name: string; readonly color: string | undefined }
  | { readonly type: 'remove'; readonly name: string }
  | { readonly type: 'follow'; readonly watcher: number; readonly steps: number };

const name = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('write' as const), name, color: fc.constantFrom(...colors) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('follow' as const),
      watcher: fc.integer({ min: 0, max: 2 }),
      steps: fc.integer({ min: 1, max: 6 }),
    }),
  },
);

/** A store beside the simplest thing that could be right: a full copy of the state after every change. */
class History {
  readonly watchers = [new Follower(), new Follower(), new Follower()];
  readonly store = storeOf(...this.watchers);
  readonly copies: Map<string, Thing>[] = [new Map()];

  run(action: Step): void {
    if (action.type === 'follow') {
      const watcher = this.watchers[action.watcher]!;
      watcher.settledSequence = Math.min(watcher.settledSequence + action.steps, this.store.sequence);
      return;
    }
    const state = new Map(this.copies.at(-1));
    const before = state.get(action.name);
    const after = action.type === 'write' ? thing(action.name, action.color) : undefined;
    if (before === undefined && after === undefined) return;
    if (after === undefined) state.delete(action.name);
    else state.set(action.name, after);
    this.store.commit(before, after, this.copies.length);
    this.copies.push(state);
  }

  check(): void {
    const { store } = this;
    for (const { settledSequence: sequence } of [...this.watchers, { settledSequence: store.sequence }]) {
      const copy = this.copies[sequence]!;
      const seen: Thing[] = [];
      for (let slot = 0; slot < store.slotCount; slot++) {
        const object = store.asOf(slot, sequence);
        if (object !== undefined) seen.push(object);
      }
      expect(inNameOrder(seen)).toEqual(inNameOrder(copy.values()));
      for (const each of names) {
        const slot = store.slotAsOf('x', each, sequence);
        expect(slot < 0 ? undefined : store.asOf(slot, sequence)).toBe(copy.get(each));
      }
      for (const color of ['red', 'blue']) {
        const expected = [...copy.values()].filter((object) => object.color === color);
        expect(inNameOrder(store.by('color', color, sequence))).toEqual(inNameOrder(expected));
      }
    }
    expect(inNameOrder(store.list())).toEqual(inNameOrder(this.copies.at(-1)!.values()));
    expect(store.size).toBe(this.copies.at(-1)!.size);
  }
}

test('every watcher sees what a full copy of its version holds: by slot, by name, by index', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const history = new History();
      for (const action of steps) {
        history.run(action);
        history.check();
      }
      for (const watcher of history.watchers) watcher.settledSequence = history.store.sequence;
      history.store.trim();
      history.check();
      const { indexes } = history.store as unknown as { indexes: { slotsByKey: Map<string, unknown> }[] };
      const live = new Set([...history.store.list()].flatMap(({ color }) => color ?? []));
      expect(new Set(indexes[0]!.slotsByKey.keys())).toEqual(live);
    }),
    { numRuns: 300 },
  );
});

test('every watcher hears every change once, in order', () => {
  const watcher = new Follower();
  const store = storeOf(watcher);
  const [a, b] = [thing('a'), thing('a', 'red')];
  store.commit(undefined, a, 7);
  store.commit(a, b, 9);
  store.commit(b, undefined, 12);
  expect(
    watcher.heard.map(({ sequence, before, after, resourceVersion }) => [sequence, before, after, resourceVersion]),
  ).toEqual([
    [1, undefined, a, 7],
    [2, a, b, 9],
    [3, b, undefined, 12],
  ]);
});

test('an index nobody defined is a mistake of the program', () => {
  expect(() => storeOf().by('shape', 'round', 0)).toThrow('no index shape');
});

test('an index holds many objects under a key, in the order in which they came, and lets them go one by one', () => {
  const store = storeOf();
  const things = Array.from({ length: 600 }, (_, at) => thing(`t${at}`, 'red'));
  for (const [at, object] of things.entries()) store.commit(undefined, object, at + 1);
  expect(store.by('color', 'red', store.sequence)).toEqual(things);
  const gone = things.filter((_, at) => at % 3 !== 0);
  for (const [at, object] of gone.entries()) store.commit(object, undefined, 601 + at);
  expect(store.by('color', 'red', store.sequence)).toEqual(things.filter((_, at) => at % 3 === 0));
});
