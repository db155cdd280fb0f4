import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeSha256 } from '../testing/sha256.ts';
import { Engine, type EventId, type Lane } from './engine.ts';

// A program is a list of reactions: event n, when it fires, does reaction n. Events before the start do reaction 0 to 9.
interface Post {
  readonly kind: 'at' | 'lane';
  readonly source: number;
  readonly delay: number;
}
interface Reaction {
  readonly posts: readonly Post[];
  readonly cancels: readonly number[];
}

const phases = [0, 3, 3, 15];
const laneCount = 3;

/** What the program sees of an event queue, so that the engine and the oracle run the same program. */
interface Subject {
  readonly now: () => number;
  readonly at: (time: number, source: number, payload: number) => unknown;
  readonly lane: (time: number, lane: number, payload: number) => void;
  readonly cancel: (handle: unknown) => boolean;
}

class Program {
  readonly log: string[] = [];
  readonly #reactions: readonly Reaction[];
  readonly #eventMax: number;
  readonly #handles: unknown[] = [];
  readonly #laneTimes = new Array<number>(laneCount).fill(0);
  subject!: Subject;
  #posted = 0;

  constructor(reactions: readonly Reaction[], eventMax: number) {
    this.#reactions = reactions;
    this.#eventMax = eventMax;
  }

  fire(source: string, payload: number): void {
    this.log.push(`${this.subject.now()} ${source} ${payload}`);
    this.react(payload);
  }

  react(index: number): void {
    const { posts, cancels } = this.#reactions[index % this.#reactions.length]!;
    for (const post of posts) this.#post(post);
    for (const back of cancels) {
      const victim = this.#handles.length - 1 - back;
      if (victim >= 0) this.log.push(`cancel ${victim} ${this.subject.cancel(this.#handles[victim])}`);
    }
  }

  #post({ kind, source, delay }: Post): void {
    if (this.#posted >= this.#eventMax) return;
    const payload = this.#posted++;
    const time = this.subject.now() + delay;
    if (kind === 'at') {
      this.#handles.push(this.subject.at(time, source % phases.length, payload));
      return;
    }
    const lane = source % laneCount;
    this.#laneTimes[lane] = Math.max(this.#laneTimes[lane]!, time);
    this.subject.lane(this.#laneTimes[lane], lane, payload);
  }
}

/** A sorted array, searched from the end: plainly right. */
function runOracle(program: Program): string[] {
  interface Pending {
    readonly time: number;
    readonly phase: number;
    readonly sequence: number;
    readonly fire: () => void;
  }
  const pending: Pending[] = [];
  let now = 0;
  let sequence = 0;
  const insert = (time: number, phase: number, name: string, payload: number): Pending => {
    const entry = { time, phase, sequence: sequence++, fire: () => program.fire(name, payload) };
    let at = pending.length;
    while (
      at > 0 &&
      (pending[at - 1]!.time > time || (pending[at - 1]!.time === time && pending[at - 1]!.phase > phase))
    )
      at--;
    pending.splice(at, 0, entry);
    return entry;
  };
  program.subject = {
    now: () => now,
    at: (time, source, payload) => insert(time, phases[source]!, `h${source}`, payload),
    lane: (time, lane, payload) => void insert(time, phases[lane]!, `h${lane}`, payload),
    cancel: (handle) => {
      const at = pending.indexOf(handle as Pending);
      if (at >= 0) pending.splice(at, 1);
      return at >= 0;
    },
  };
  for (let i = 0; i < 10; i++) program.react(i);
  while (pending.length > 0) {
    const next = pending.shift()!;
    now = next.time;
    next.fire();
  }
  return program.log;
}

interface EngineArgs {
  readonly bucketWidthUs?: number;
  readonly tieSalt?: number;
  readonly pauseEvery?: number;
}

function runEngine(program: Program, { pauseEvery, ...options }: EngineArgs): { log: string[]; digest: string } {
  const engine = new Engine({ seed: '1', createHash: nodeSha256, ...options });
  const handlers = phases.map((phase, i) =>
    engine.register({ name: `h${i}`, phase, handle: (payload) => program.fire(`h${i}`, payload) }),
  );
  const lanes: Lane[] = Array.from({ length: laneCount }, (_, i) => engine.lane(handlers[i]!));
  program.subject = {
    now: () => engine.now,
    at: (time, source, payload) => engine.at(time, handlers[source]!, payload),
    lane: (time, lane, payload) => lanes[lane]!.push(time, payload),
    cancel: (handle) => engine.cancel(handle as EventId),
  };
  for (let i = 0; i < 10; i++) program.react(i);
  const until = 1e15;
  const pause = pauseEvery === undefined ? {} : { maxEvents: pauseEvery };
  for (;;) {
    const stop = engine.run({ until, ...pause });
    if (stop.reason === 'empty') break;
    expect(stop.reason).toBe('paused');
  }
  return { log: program.log, digest: engine.trace.digestHex() };
}

const delays = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constantFrom(1, 2, 10, 1000, 1_000_000, 40_000_000, 300_000_000) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1e11 }) },
);
const reactions: fc.Arbitrary<Reaction[]> = fc.array(
  fc.record({
    posts: fc.array(
      fc.record({ kind: fc.constantFrom('at', 'at', 'lane'), source: fc.nat({ max: 11 }), delay: delays }),
      { maxLength: 5 },
    ),
    cancels: fc.array(fc.nat({ max: 30 }), { maxLength: 2 }),
  }),
  { minLength: 10, maxLength: 40 },
);

describe('the order of events', () => {
  test.each([1, 7, 1000, 1e6, 1e9, undefined])('is that of a sorted array, bucket width %s', (bucketWidthUs) => {
    const options = bucketWidthUs === undefined ? {} : { bucketWidthUs };
    fc.assert(
      fc.property(reactions, (list) => {
        const expected = runOracle(new Program(list, 300));
        expect(runEngine(new Program(list, 300), options).log).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test('and its fingerprint do not change when a run pauses', () => {
    fc.assert(
      fc.property(reactions, fc.integer({ min: 1, max: 20 }), (list, pauseEvery) => {
        const whole = runEngine(new Program(list, 300), {});
        expect(runEngine(new Program(list, 300), { pauseEvery })).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  test('under a tie salt does not depend on the bucket width', () => {
    fc.assert(
      fc.property(reactions, fc.integer({ min: 1 }), (list, tieSalt) => {
        const whole = runEngine(new Program(list, 300), { tieSalt });
        expect(runEngine(new Program(list, 300), { tieSalt, bucketWidthUs: 7 })).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('under a tie salt is the order of posting but for events of one instant and phase', () => {
    // Only what the salt may not touch is compared: programs whose reactions do not depend on the order within an instant.
    const posts = fc.array(fc.record({ time: fc.nat({ max: 20 }), source: fc.nat({ max: 3 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(posts, fc.integer({ min: 1 }), (list, tieSalt) => {
        const plain = firedOf(list, 0);
        const salted = firedOf(list, tieSalt);
        const places = (fired: readonly Fired[]): string[] => fired.map(({ time, phase }) => `${time} ${phase}`);
        const sorted = (fired: readonly Fired[]): number[] => fired.map(({ payload }) => payload).sort((a, b) => a - b);
        expect(places(salted)).toEqual(places(plain));
        expect(sorted(salted)).toEqual(sorted(plain));
      }),
    );
  });

  test('under some tie salt is any order of three events of one instant', () => {
    const list = [0, 1, 2].map(() => ({ time: 5, source: 0 }));
    const orders = new Set<string>();
    for (let tieSalt = 0; tieSalt < 200; tieSalt++) {
      orders.add(
        firedOf(list, tieSalt)
          .map(({ payload }) => payload)
          .join(''),
      );
    }
    expect([...orders].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
  });

  test.each([1, 7, 1000, 1e6, 1e9, undefined])(
    'holds for many events that re-bucket and compact, width %s',
    (bucketWidthUs) => {
      const options = bucketWidthUs === undefined ? {} : { bucketWidthUs };
      const list = scripted(20_000);
      const expected = runOracle(new Program(list, 20_000));
      expect(expected.length).toBeGreaterThan(20_000);
      expect(runEngine(new Program(list, 20_000), options).log).toEqual(expected);
    },
  );
});

interface Fired {
  readonly time: number;
  readonly phase: number;
  readonly payload: number;
}

/** Posts events, every third by a lane where times allow it, and tells how they fired. */
function firedOf(posts: readonly { readonly time: number; readonly source: number }[], tieSalt: number): Fired[] {
  const engine = new Engine({ seed: '1', createHash: nodeSha256, tieSalt });
  const fired: Fired[] = [];
  const handlers = phases.map((phase, i) =>
    engine.register({
      name: `h${i}`,
      phase,
      handle: (payload) => fired.push({ time: engine.now, phase, payload }),
    }),
  );
  const lane = engine.lane(handlers[0]!);
  let laneTime = 0;
  posts.forEach(({ time, source }, payload) => {
    if (source === 0 && payload % 3 === 0 && time >= laneTime) {
      laneTime = time;
      lane.push(time, payload);
    } else engine.at(time, handlers[source]!, payload);
  });
  engine.run({ until: 100 });
  return fired;
}

/** A long program from a small generator: bursts, ties, cancellations of three in five events. */
function scripted(length: number): Reaction[] {
  let state = 12345;
  const next = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % n;
  };
  const delayOf = (): number => [0, 5, 1000 * next(100), 1_000_000, 1_000_000 * next(400), 7_000_000_000][next(6)]!;
  return Array.from({ length }, () => ({
    posts: Array.from({ length: next(4) }, () => ({
      kind: next(5) === 0 ? ('lane' as const) : ('at' as const),
      source: next(4),
      delay: delayOf(),
    })),
    cancels: Array.from({ length: next(2) }, () => next(4000)),
  }));
}
