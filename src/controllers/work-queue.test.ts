import { describe, expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { WorkQueue } from './work-queue.ts';

/** A queue whose keys are taken as they come; `taken` holds key and time in milliseconds. */
function draining(retry?: ConstructorParameters<typeof WorkQueue>[4]) {
  const engine = new Engine({ seed: '1', createHash: nodeSha256 });
  const taken: string[] = [];
  const queue: WorkQueue = new WorkQueue(
    'q',
    3,
    engine,
    () => {
      const key = queue.take()!;
      taken.push(`${key} ${engine.now / MILLISECOND}`);
      queue.done(key);
    },
    retry,
  );
  return { engine, queue, taken };
}

/** A queue from which nothing is taken by itself. */
function waiting() {
  const engine = new Engine({ seed: '1', createHash: nodeSha256 });
  let added = 0;
  const queue = new WorkQueue('q', 3, engine, () => void added++);
  return { engine, queue, added: () => added };
}

describe('keys', () => {
  test('are taken in the order in which they came, each once', () => {
    const { queue } = waiting();
    for (const key of ['b', 'a', 'b', 'c', 'a']) queue.add(key);
    expect([queue.depth, queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([
      3,
      'b',
      'a',
      'c',
      undefined,
    ]);
  });

  test('that come while they are processed come once more when that is done', () => {
    const { queue, added } = waiting();
    queue.add('a');
    expect(queue.take()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect([queue.depth, added()]).toEqual([0, 1]);
    queue.done('a');
    expect([queue.depth, added(), queue.take()]).toEqual([1, 2, 'a']);
    queue.done('a');
    expect(queue.depth).toBe(0);
  });
});

describe('delays', () => {
  test('of several for one key the earliest holds', () => {
    const { engine, queue, taken } = draining();
    queue.addAfter('a', 20 * MILLISECOND);
    queue.addAfter('a', 10 * MILLISECOND);
    queue.addAfter('a', 30 * MILLISECOND);
    queue.addAfter('b', 0);
    engine.run({ until: SECOND });
    expect(taken).toEqual(['b 0', 'a 10']);
  });

  test('do not hold a key back that is added at once; it comes again when they end', () => {
    const { engine, queue, taken } = draining();
    queue.addAfter('a', 20 * MILLISECOND);
    queue.add('a');
    engine.run({ until: SECOND });
    expect(taken).toEqual(['a 0', 'a 20']);
  });
});

describe('the back-off of a failing key', () => {
  test('is 5 ms, doubling up to 1000 s, and forgotten after a success', () => {
    const { engine, queue, taken } = draining();
    const delays: number[] = [];
    for (let failure = 0; failure < 20; failure++) {
      const before = engine.now;
      queue.addRateLimited('a');
      engine.run({ until: before + 2000 * SECOND });
      delays.push(Number(taken.at(-1)!.split(' ')[1]) - before / MILLISECOND);
    }
    // 5 * 2^17 ms = 655 s is the last one below the limit.
    expect(delays.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(delays.slice(16)).toEqual([5 * 65_536, 5 * 131_072, 1_000_000, 1_000_000]);
    expect(queue.failuresOf('a')).toBe(20);
    queue.forget('a');
    const before = engine.now;
    queue.addRateLimited('a');
    engine.run({ until: before + SECOND });
    expect(taken.at(-1)).toBe(`a ${before / MILLISECOND + 5}`);
  });

  test('is bound by a bucket of 100 and 10 a second over all keys', () => {
    const { engine, queue, taken } = draining();
    for (let key = 0; key < 120; key++) queue.addRateLimited(`k${key}`);
    engine.run({ until: 10 * SECOND });
    const times = taken.map((entry) => Number(entry.split(' ')[1]));
    expect(times.slice(0, 100)).toEqual(new Array(100).fill(5));
    expect(times.slice(100)).toEqual(Array.from({ length: 20 }, (_, at) => 100 * (at + 1)));
  });

  test('may have other limits and no bucket', () => {
    const { engine, queue, taken } = draining({ baseDelayUs: SECOND, maxDelayUs: 60 * SECOND, hasSharedBucket: false });
    const delays: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      const before = engine.now;
      queue.addRateLimited('a');
      engine.run({ until: before + 100 * SECOND });
      delays.push(Number(taken.at(-1)!.split(' ')[1]) / 1000 - before / SECOND);
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
});
