import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { Engine } from '../engine/engine.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { makePod } from '../testing/builders.ts';
import { byNode, ClusterState } from './cluster-state.ts';
import { Informer } from './informer.ts';
import type { Interest } from './informer.ts';
import { podWith } from './pod-object.ts';

/** A pod store behind an engine; commits are made by events of phase 2, informers deliver in phase 3. */
class World {
  readonly engine = new Engine({ seed: '1', createHash: nodeSha256 });
  readonly store = new ClusterState().store('Pod');
  private readonly jobs: (() => void)[] = [];
  private readonly handler = this.engine.register({ name: 'commit', phase: 2, handle: (at) => this.jobs[at]!() });
  private version = 0;

  informer(latency: () => number, name = 'watcher'): Informer<'Pod'> {
    return new Informer(name, 3, this.engine, this.store, latency);
  }

  at(time: number, job: () => void): void {
    this.engine.at(time, this.handler, this.jobs.push(job) - 1);
  }

  /** Writes a version of a pod (`nodeName` undefined = removes it). */
  write(name: string, nodeName: string | undefined): void {
    const before = this.store.get('default', name);
    if (before === undefined && nodeName === undefined) return;
    const metadata = { ...makePod(name).metadata, resourceVersion: this.version + 1 };
    const after = nodeName === undefined ? undefined : podWith(makePod(name, { spec: { nodeName } }), { metadata });
    this.store.commit(before, after, ++this.version);
  }

  run(until = 1000): void {
    this.engine.run({ until });
  }
}

/** Latencies in turn, then 0. */
const inTurn = (...latencies: number[]): (() => number) => {
  let at = 0;
  return () => latencies[at++] ?? 0;
};

const nodeNames = (pods: readonly Pod[]): string[] => pods.map(({ spec }) => spec.nodeName);

describe('delivery', () => {
  test('changes that arrive together are told by one event, in order', () => {
    const world = new World();
    const told: string[] = [];
    world
      .informer(() => 5)
      .onChange((before, after) => told.push(`${before?.spec.nodeName} > ${after?.spec.nodeName}`));
    world.at(10, () => {
      world.write('a', 'n1');
      world.write('a', 'n2');
      world.write('a', undefined);
    });
    world.run(14);
    expect(told).toEqual([]);
    const before = world.engine.eventCount;
    world.run(15);
    expect(told).toEqual(['undefined > n1', 'n1 > n2', 'n2 > undefined']);
    expect(world.engine.eventCount - before).toBe(1);
  });

  test('a change never overtakes an earlier one', () => {
    const world = new World();
    const times: number[] = [];
    world.informer(inTurn(50, 5, 60)).onChange(() => times.push(world.engine.now));
    for (const time of [10, 11, 12]) world.at(time, () => world.write('a', `n${time}`));
    world.run();
    expect(times).toEqual([60, 60, 72]);
  });

  test('a change that nobody cares for costs no event, and is not told along with others', () => {
    const world = new World();
    const told: string[] = [];
    const toN1: Interest<Pod> = (_before, after) => after?.spec.nodeName === 'n1';
    world.informer(() => 5).onChange((_before, after) => told.push(after!.spec.nodeName), toN1);
    world.at(10, () => world.write('a', 'n2'));
    world.at(20, () => world.write('a', 'n3'));
    world.run();
    expect(world.engine.eventCount).toBe(2);
    world.at(2000, () => {
      world.write('a', 'n4');
      world.write('a', 'n1');
    });
    world.run(3000);
    expect(told).toEqual(['n1']);
  });

  test('each handler is told what it is interested in, in the order of handlers', () => {
    const world = new World();
    const told: string[] = [];
    const informer = world.informer(() => 0);
    informer.onChange((_before, after) => told.push(`first ${after!.spec.nodeName}`));
    informer.onChange(
      (_before, after) => told.push(`second ${after!.spec.nodeName}`),
      (_before, after) => after?.spec.nodeName === 'n2',
    );
    world.at(10, () => {
      world.write('a', 'n1');
      world.write('a', 'n2');
    });
    world.run();
    expect(told).toEqual(['first n1', 'first n2', 'second n2']);
  });

  test('whether a change is told is decided when it is committed', () => {
    const world = new World();
    const told: string[] = [];
    let isCurious = true;
    world
      .informer(() => 5)
      .onChange(
        (_before, after) => told.push(after!.spec.nodeName),
        () => isCurious,
      );
    world.at(10, () => {
      world.write('a', 'n1');
      isCurious = false;
      world.write('a', 'n2');
      isCurious = true;
    });
    world.run();
    expect(told).toEqual(['n1']);
  });

  test('a commit later in the instant of a delivery is told at that instant too', () => {
    const world = new World();
    const told: string[] = [];
    world.informer(() => 0).onChange((_before, after) => told.push(`${world.engine.now} ${after!.spec.nodeName}`));
    const late = world.engine.register({ name: 'late', phase: 5, handle: () => world.write('a', 'n2') });
    world.at(10, () => world.write('a', 'n1'));
    world.engine.at(10, late, 0);
    world.run();
    expect(told).toEqual(['10 n1', '10 n2']);
  });

  test('a commit by a handler is told at the same instant', () => {
    const world = new World();
    const told: number[] = [];
    const informer = world.informer(() => 0);
    informer.onChange((_before, after) => {
      told.push(world.engine.now);
      if (after!.spec.nodeName === 'n1') world.write('a', 'n2');
    });
    world.at(10, () => world.write('a', 'n1'));
    world.run();
    expect(told).toEqual([10, 10]);
  });
});

describe('the view', () => {
  test('is as of what has arrived: by name, by slot, by index and as a list', () => {
    const world = new World();
    const informer = world.informer(() => 100);
    const seen: unknown[] = [];
    const look = (): void => {
      const pod = informer.get('default', 'a');
      const slot = world.store.slotAsOf('default', 'a', 0);
      seen.push([
        pod?.spec.nodeName,
        informer.bySlot(0)?.spec.nodeName,
        nodeNames(informer.by(byNode, 'n1')),
        nodeNames(informer.list()),
        informer.resourceVersion,
      ]);
      expect(slot).toBeLessThanOrEqual(0);
    };
    world.at(10, () => world.write('a', 'n1'));
    world.at(20, () => world.write('a', 'n2'));
    for (const time of [109, 110, 119, 120]) world.at(time, look);
    world.run();
    expect(seen).toEqual([
      [undefined, undefined, [], [], 0],
      ['n1', 'n1', ['n1'], ['n1'], 1],
      ['n1', 'n1', ['n1'], ['n1'], 1],
      ['n2', 'n2', [], ['n2'], 2],
    ]);
  });

  test('starts with what is there when the watch begins', () => {
    const world = new World();
    world.write('a', 'n1');
    const informer = world.informer(() => 100);
    expect(nodeNames(informer.list())).toEqual(['n1']);
    expect([...informer.entries()].map(([slot]) => slot)).toEqual([0]);
  });

  test('at one instant, two watchers may see different versions', () => {
    const world = new World();
    const [quick, slow] = [world.informer(() => 0, 'quick'), world.informer(() => 100, 'slow')];
    world.at(10, () => world.write('a', 'n1'));
    world.run(50);
    expect(nodeNames(quick.list())).toEqual(['n1']);
    expect(slow.list()).toEqual([]);
  });
});

test('a watcher without interest holds up neither slots nor memory', () => {
  const world = new World();
  for (const latency of [0, 3])
    world
      .informer(() => latency, `watcher-${latency}`)
      .onChange(
        () => {},
        () => false,
      );
  for (let time = 1; time < 5000; time++) {
    world.at(time, () => world.write('a', time % 2 === 0 ? undefined : 'n1'));
  }
  world.at(9000, () => world.write('b', 'n1'));
  world.run(10_000);
  const { log } = world.store as unknown as { log: unknown[] };
  expect(log.filter((entry) => entry !== undefined).length).toBeLessThanOrEqual(1);
  expect(world.store.slotCount).toBeLessThan(6);
});

interface Commit {
  readonly gap: number;
  readonly name: string;
  readonly nodeName: string | undefined;
  readonly latency: number;
}

const commits = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 4 }),
    name: fc.constantFrom('a', 'b', 'c'),
    nodeName: fc.constantFrom('n1', 'n2', undefined),
    latency: fc.integer({ min: 0, max: 12 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** What a list of commits comes to for one watcher, told plainly: arrival times, what is told when, and the view. */
function plainly(plan: readonly Commit[]): { arrival: number; name: string; nodeName: string | undefined }[] {
  const present = new Set<string>();
  const changes: { arrival: number; name: string; nodeName: string | undefined }[] = [];
  let now = 1;
  let last = 0;
  let at = 0;
  for (const { gap, name, nodeName } of plan) {
    now += gap;
    if (nodeName === undefined && !present.has(name)) continue;
    if (nodeName === undefined) present.delete(name);
    else present.add(name);
    // One latency is drawn per change that is really made.
    last = Math.max(last, now + plan[at++]!.latency);
    changes.push({ arrival: last, name, nodeName });
  }
  return changes;
}

test('what is told when, and what is seen when, is what a plain account says', () => {
  fc.assert(
    fc.property(commits, fc.constantFrom('n1', undefined), (plan, wanted) => {
      const world = new World();
      const expected = plainly(plan);
      const informer = world.informer(inTurn(...plan.map(({ latency }) => latency)));
      const isWanted = (pod: Pod | undefined): boolean => wanted === undefined || pod?.spec.nodeName === wanted;
      const told: string[] = [];
      informer.onChange(
        (before, after) => told.push(`${world.engine.now} ${(after ?? before)!.metadata.name} ${after?.spec.nodeName}`),
        (_before, after) => isWanted(after),
      );
      let now = 1;
      for (const { gap, name, nodeName } of plan) world.at((now += gap), () => world.write(name, nodeName));
      // Keeps the clock going where nothing else happens.
      world.at(1000, () => {});
      for (let time = 1; time <= 200; time++) {
        world.run(time);
        const view = new Map<string, string>();
        for (const { arrival, name, nodeName } of expected) {
          if (arrival > time) continue;
          if (nodeName === undefined) view.delete(name);
          else view.set(name, nodeName);
        }
        const seen = informer.list().map(({ metadata, spec }) => [metadata.name, spec.nodeName] as const);
        expect(new Map(seen)).toEqual(view);
        for (const name of ['a', 'b', 'c']) expect(informer.get('default', name)?.spec.nodeName).toBe(view.get(name));
        const onN1 = [...view].filter(([, nodeName]) => nodeName === 'n1').map(([name]) => name);
        expect(new Set(informer.by(byNode, 'n1').map(({ metadata }) => metadata.name))).toEqual(new Set(onN1));
      }
      const meant = expected.filter(({ nodeName }) => wanted === undefined || nodeName === wanted);
      expect(told).toEqual(meant.map(({ arrival, name, nodeName }) => `${arrival} ${name} ${nodeName}`));
    }),
    { numRuns: 60 },
  );
});

describe('a handler that hears what passes over it', () => {
  test('is told of every change once, in order, and the others cost no event', () => {
    const world = new World();
    const informer = world.informer(() => 5);
    const told: string[] = [];
    const isOfInterest: Interest<Pod> = (_, after) => after?.spec.nodeName.startsWith('n') ?? true;
    informer.onChange(
      (_, after) => told.push(`${world.engine.now} ${after?.spec.nodeName ?? 'gone'}`),
      isOfInterest,
      (_, after) => told.push(`${world.engine.now} (${after?.spec.nodeName ?? 'gone'})`),
    );
    world.at(10, () => {
      for (const nodeName of ['x1', 'n1', 'x2', 'x3', 'n2', 'x4']) world.write('a', nodeName);
    });
    world.at(20, () => world.write('a', 'x5'));
    world.at(40, () => {
      // Nothing was posted for it: it is told when somebody looks.
      expect(told.at(-1)).toBe('15 (x4)');
      expect(nodeNames(informer.list())).toEqual(['x5']);
    });
    world.run();
    expect(told).toEqual(['15 (x1)', '15 n1', '15 (x2)', '15 (x3)', '15 n2', '15 (x4)', '40 (x5)']);
    expect(world.engine.eventCount).toBe(4);
  });

  test('hears nothing early when another handler reads in between', () => {
    const world = new World();
    const informer = world.informer(() => 5);
    const told: string[] = [];
    informer.onChange(
      () => void informer.list(),
      (_, after) => after?.spec.nodeName === 'n1',
    );
    informer.onChange(
      (_, after) => told.push(after!.spec.nodeName),
      (_, after) => after?.spec.nodeName === 'n1',
      (_, after) => told.push(`(${after!.spec.nodeName})`),
    );
    world.at(10, () => {
      for (const nodeName of ['n1', 'x1', 'x2']) world.write('a', nodeName);
    });
    world.run();
    expect(told).toEqual(['n1', '(x1)', '(x2)']);
  });

  test('hears at once what arrives at once', () => {
    const world = new World();
    const told: string[] = [];
    const hear = (_: Pod | undefined, after: Pod | undefined): void => void told.push(after!.spec.nodeName);
    world.informer(() => 0).onChange(hear, () => false, hear);
    world.at(10, () => {
      world.write('a', 'x1');
      expect(told).toEqual(['x1']);
    });
    world.run();
  });
});
