import { describe, expect, test } from 'vitest';
import { nodeSha256 } from '../testing/sha256.ts';
import type { EngineOptions } from './engine.ts';
import { Engine } from './engine.ts';
import { checkpointEntries } from './fingerprint.ts';

const engineOf = (options: Partial<EngineOptions> = {}): Engine =>
  new Engine({ seed: '42', createHash: nodeSha256, ...options });

describe('run', () => {
  test('reaches the horizon with its events, keeps later ones, and goes on', () => {
    const engine = engineOf();
    const times: number[] = [];
    const handler = engine.register({ name: 'a', phase: 0, handle: () => times.push(engine.now) });
    for (const time of [10, 20, 21, 3e9]) engine.at(time, handler, 0);
    expect(engine.run({ until: 20 })).toEqual({ reason: 'horizon' });
    expect(times).toEqual([10, 20]);
    expect(engine.now).toBe(20);
    engine.after(0, handler, 0);
    expect(engine.run({ until: 2e9 })).toEqual({ reason: 'horizon' });
    expect(times).toEqual([10, 20, 20, 21]);
    expect(engine.now).toBe(2e9);
    expect(engine.run({ until: 4e9 })).toEqual({ reason: 'empty' });
    expect(engine.now).toBe(3e9);
    expect(engine.eventCount).toBe(5);
  });

  test('says empty when only cancelled events are left', () => {
    const engine = engineOf();
    const handler = engine.register({ name: 'a', phase: 0, handle: () => {} });
    const id = engine.at(10, handler, 0);
    expect(engine.cancel(id)).toBe(true);
    expect(engine.cancel(id)).toBe(false);
    expect(engine.cancel(0)).toBe(false);
    expect(engine.run({ until: 100 })).toEqual({ reason: 'empty' });
    expect(engine.now).toBe(0);
  });

  test('an id of an event that has fired does not cancel the event that uses its slot now', () => {
    const engine = engineOf();
    const fired: number[] = [];
    const handler = engine.register({ name: 'a', phase: 0, handle: (payload) => fired.push(payload) });
    const first = engine.at(1, handler, 1);
    engine.run({ until: 1 });
    const second = engine.at(2, handler, 2);
    expect(second).not.toBe(first);
    expect(engine.cancel(first)).toBe(false);
    engine.run({ until: 2 });
    expect(fired).toEqual([1, 2]);
  });

  test('no id ever names another event, also when a slot has been used for tens of thousands of events', () => {
    const engine = engineOf();
    let firedCount = 0;
    const handler = engine.register({ name: 'a', phase: 0, handle: () => firedCount++ });
    const ids = new Set<number>();
    for (let time = 1; time <= 20_000; time++) {
      ids.add(engine.at(time, handler, 0));
      engine.run({ until: time });
    }
    const last = engine.at(30_000, handler, 0);
    expect(ids.size).toBe(20_000);
    expect([...ids].filter((id) => engine.cancel(id))).toEqual([]);
    expect(engine.cancel(last)).toBe(true);
    expect(firedCount).toBe(20_000);
  });

  test('events can be cancelled by the thousand, in their own instant and far ahead', () => {
    const engine = engineOf();
    const fired: number[] = [];
    const ids: number[] = [];
    const record = engine.register({ name: 'record', phase: 3, handle: (payload) => fired.push(payload) });
    const clear = engine.register({
      name: 'clear',
      phase: 2,
      handle: () => ids.forEach((id, i) => i % 10 !== 0 && expect(engine.cancel(id)).toBe(true)),
    });
    engine.at(5, clear, 0);
    for (let i = 0; i < 5000; i++) ids.push(engine.at(i % 20 < 10 ? 5 : 1e12 + i, record, i));
    expect(engine.pendingCount).toBe(5001);
    engine.run({ until: 5 });
    expect(engine.pendingCount).toBe(250);
    engine.run({ until: 2e12 });
    const kept = Array.from({ length: 500 }, (_, i) => 10 * i);
    expect([...fired].sort((a, b) => a - b)).toEqual(kept);
    expect(engine.pendingCount).toBe(0);
  });

  test('in slices is the run in one piece, whatever their length', () => {
    const whole = chains({});
    for (const maxEvents of [1000, 65_536, 99_999]) {
      const sliced = chains({}, (engine) => {
        while (engine.run({ until: horizonUs / 2, maxEvents }).reason === 'paused');
      });
      expect(sliced.digests()).toEqual(whole.digests());
      expect(sliced.eventCount).toBe(whole.eventCount);
      expect(sliced.now).toBe(whole.now);
    }
  });

  test('a handler must not call run, and a failed handler leaves the engine able to say where it was', () => {
    const engine = engineOf();
    const handler = engine.register({ name: 'a', phase: 0, handle: () => engine.run({ until: 10 }) });
    engine.at(3, handler, 0);
    expect(() => engine.run({ until: 5 })).toThrow('must not call run');
    expect(engine.dump().events).toEqual([{ time: 3, handler: 'a', payload: 0 }]);
    expect(engine.run({ until: 5 })).toEqual({ reason: 'empty' });
  });

  test('the guard counts events of one instant, not of one run', () => {
    const engine = engineOf({ limits: { eventsAtInstant: 10 } });
    const handler = engine.register({ name: 'a', phase: 0, handle: () => {} });
    for (let i = 0; i < 9; i++) for (const time of [4, 2 ** 32 + 4, 2 ** 33 + 4]) engine.at(time, handler, 0);
    expect(engine.run({ until: 2 ** 34 })).toEqual({ reason: 'empty' });
    for (let i = 0; i < 10; i++) engine.at(2 ** 34, handler, 0);
    expect(engine.run({ until: 2 ** 34 })).toMatchObject({ reason: 'limit', limit: 'eventsAtInstant' });
  });

  test('takes events at the horizon, and may be called again at the same one', () => {
    const engine = engineOf();
    let firedCount = 0;
    const handler = engine.register({ name: 'a', phase: 0, handle: () => firedCount++ });
    engine.at(7, handler, 0);
    engine.at(8, handler, 0);
    expect(engine.run({ until: 7 })).toEqual({ reason: 'horizon' });
    engine.after(0, handler, 0);
    expect(engine.run({ until: 7 })).toEqual({ reason: 'horizon' });
    expect(firedCount).toBe(2);
    expect(engine.run({ until: Number.MAX_SAFE_INTEGER })).toEqual({ reason: 'empty' });
    expect(engine.now).toBe(8);
  });

  test('refuses the past, fractions of a microsecond and wide payloads', () => {
    const engine = engineOf();
    const handler = engine.register({ name: 'a', phase: 0, handle: () => {} });
    engine.at(11, handler, 0);
    engine.run({ until: 10 });
    expect(() => engine.at(9, handler, 0)).toThrow('a: no event at');
    expect(() => engine.at(10.5, handler, 0)).toThrow('a: no event at');
    expect(() => engine.at(NaN, handler, 0)).toThrow('a: no event at');
    expect(() => engine.at(Infinity, handler, 0)).toThrow('a: no event at');
    expect(() => engine.after(1, handler, 2 ** 31)).toThrow('a: payload');
    expect(() => engine.register({ name: 'a', phase: 0, handle: () => {} })).toThrow('already');
    expect(() => engine.register({ name: 'b', phase: 16, handle: () => {} })).toThrow('phase');
    expect(() => engine.run({ until: 9 })).toThrow('already');
  });

  test('stops handlers that answer each other without time going on', () => {
    const engine = engineOf({ limits: { eventsAtInstant: 1000 } });
    const ping = engine.register({ name: 'ping', phase: 1, handle: () => engine.after(0, pong, 7) });
    const pong = engine.register({ name: 'pong', phase: 1, handle: () => engine.after(0, ping, 8) });
    engine.at(5_000_000, ping, 0);
    const stop = engine.run({ until: 1e9 });
    expect(stop).toMatchObject({ reason: 'limit', limit: 'eventsAtInstant' });
    expect(engine.now).toBe(5_000_000);
    const { events, busiest } = engine.dump();
    expect(events).toHaveLength(50);
    expect(events.at(-1)).toEqual({ time: 5_000_000, handler: 'pong', payload: 7 });
    expect(busiest).toEqual([
      { handler: 'ping', count: 500 },
      { handler: 'pong', count: 500 },
    ]);
  });

  test('stops at the event limit, also through pauses', () => {
    const engine = engineOf({ limits: { events: 100 } });
    const handler = engine.register({ name: 'a', phase: 0, handle: () => void engine.after(1, handler, 0) });
    engine.at(0, handler, 0);
    expect(engine.run({ until: 1e9, maxEvents: 60 })).toEqual({ reason: 'paused' });
    expect(engine.run({ until: 1e9, maxEvents: 60 })).toMatchObject({ reason: 'limit', limit: 'events' });
    expect(engine.eventCount).toBe(100);
  });
});

const horizonUs = 125_000;

/** Half a million events in a hundred chains; with and without somebody who looks on. */
function chains(options: Partial<EngineOptions>, prepare: (engine: Engine) => void = () => {}): Engine {
  const engine = engineOf(options);
  const random = engine.random('chains');
  const handler = engine.register({
    name: 'chain',
    phase: 2,
    handle: (payload) => void engine.after(random.below(50), handler, payload + 1),
  });
  prepare(engine);
  for (let i = 0; i < 100; i++) engine.at(0, handler, 0);
  engine.run({ until: horizonUs });
  return engine;
}

describe('the trace', () => {
  test('is the same for the same seed, and another for another seed, replication or salt', () => {
    const digest = (options: Partial<EngineOptions>): string => chains(options).trace.digestHex();
    const first = digest({});
    expect(digest({})).toBe(first);
    expect(digest({ seed: '43' })).not.toBe(first);
    expect(digest({ replication: 1 })).not.toBe(first);
    expect(new Set([first, digest({ tieSalt: 1 }), digest({ tieSalt: 2 })]).size).toBe(3);
  });

  test('has a checkpoint every 65,536 events, which tells the part that is alike', () => {
    const { trace } = chains({});
    expect(trace.count).toBeGreaterThan(4 * checkpointEntries);
    expect(trace.checkpoints).toHaveLength(Math.floor(trace.count / checkpointEntries));
    const other = chains({}, (engine) => {
      const late = engine.register({ name: 'late', phase: 9, handle: () => {} });
      engine.at(horizonUs / 2, late, 0);
    }).trace;
    const isEqual = trace.checkpoints.map((digest, i) => digest === other.checkpoints[i]);
    expect(isEqual.slice(0, 3)).toEqual([true, true, true]);
    expect(isEqual.lastIndexOf(true)).toBe(isEqual.indexOf(false) - 1);
    expect(isEqual.at(-1)).toBe(false);
  });

  test.each([0, 5])('does not see observers, tie salt %i', (tieSalt) => {
    let seen = 0;
    const watched = chains({ tieSalt }, (engine) => {
      const observer = engine.register({
        name: 'observer',
        phase: 15,
        observer: true,
        handle: () => {
          seen++;
          engine.after(1000, observer, 0);
        },
      });
      engine.at(0, observer, 0);
    });
    expect(seen).toBe(126);
    expect(watched.digests()).toEqual(chains({ tieSalt }).digests());
  });

  test('can be followed event by event', () => {
    const engine = engineOf();
    const seen: string[] = [];
    engine.onEvent = (...event) => seen.push(event.join(' '));
    const a = engine.register({ name: 'a', phase: 3, handle: () => {} });
    const lane = engine.lane(a);
    const look = engine.register({ name: 'look', phase: 4, observer: true, handle: () => {} });
    lane.push(7, 1);
    lane.push(7, 2);
    engine.at(7, look, 3);
    engine.at(7, a, 4);
    engine.run({ until: 7 });
    expect(seen).toEqual(['0 7 3 a 1', '1 7 3 a 2', '2 7 3 a 4']);
  });

  test('a lane refuses times that decrease', () => {
    const engine = engineOf();
    const lane = engine.lane(engine.register({ name: 'a', phase: 3, handle: () => {} }));
    lane.push(7, 1);
    expect(() => lane.push(6, 1)).toThrow('in order');
  });
});

describe('digests', () => {
  test('name every layer in order; the draws layer counts draws by stream', () => {
    const engine = engineOf();
    engine.fingerprint('faults').addText('node-1');
    engine.fingerprint('decisions').add(1, -2, 2 ** 50);
    const before = engine.digests();
    expect([...before.keys()]).toEqual(['decisions', 'draws', 'faults', 'trace']);
    engine.random('x').double();
    const after = engine.digests();
    expect(after.get('draws')).not.toBe(before.get('draws'));
    expect(after.get('faults')).toBe(before.get('faults'));
  });
});
