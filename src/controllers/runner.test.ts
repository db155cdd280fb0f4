import { describe, expect, test } from 'vitest';
import { defaultLatency, instantLatency } from '../apiserver/latency.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import { getRequest } from '../apiserver/requests.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { makeApi, makeNamespace } from '../testing/api-harness.ts';
import { FakeHeartbeats } from '../testing/control-plane.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, sendAll, sideBySide, sleep, synced } from './controller.ts';
import { ControllerProcess } from './controller-process.ts';

interface Plan extends Partial<Omit<ControllerDefinition, 'create'>> {
  readonly reconcile: (key: string, context: ControllerContext) => Step<SyncResult>;
  readonly watch?: (context: ControllerContext) => void;
  readonly latency?: LatencyProfile;
}

function run({ reconcile, watch, latency, ...definition }: Plan) {
  const api = makeApi({ latency: latency ?? instantLatency });
  let context: ControllerContext | undefined;
  const outcomes: string[] = [];
  api.recorder.observe({
    reconciled: (_controller, key, durationUs, outcome) =>
      void outcomes.push(`${api.engine.now / MILLISECOND} ${key} ${outcome} ${durationUs / MILLISECOND}`),
  });
  const create = (given: ControllerContext): Controller => {
    context = given;
    return { watch: () => watch?.(given), reconcile: (key) => reconcile(key, given) };
  };
  const full = { name: 'c', description: '', workers: 1, ...definition, create };
  const process = new ControllerProcess([full], api.server, { heartbeats: new FakeHeartbeats() });
  return { ...api, process, context: context!, outcomes };
}

describe('workers', () => {
  test('are as many as the definition says, and one key has one', () => {
    const { engine, context, outcomes } = run({
      workers: 2,
      *reconcile() {
        yield* sleep(10 * MILLISECOND);
        return synced;
      },
    });
    for (const key of ['a', 'b', 'c']) context.enqueue(key);
    engine.run({ until: 5 * MILLISECOND });
    context.enqueue('a');
    engine.run({ until: SECOND });
    expect(outcomes).toEqual(['10 a ok 10', '10 b ok 10', '20 c ok 10', '20 a ok 10']);
  });
});

describe('a sync that fails', () => {
  test('is tried again with back-off, and dropped after the retries it has', () => {
    const { engine, context, outcomes } = run({
      maxRetries: 3,
      *reconcile() {
        yield* sleep(0);
        return { failed: 'no' };
      },
    });
    context.enqueue('a');
    engine.run({ until: SECOND });
    expect(outcomes).toEqual(['0 a error 0', '5 a error 0', '15 a error 0', '35 a error 0']);
  });

  test('starts anew after a success', () => {
    let count = 0;
    const { engine, context, outcomes } = run({
      *reconcile() {
        yield* sleep(0);
        return ++count === 3 ? synced : { failed: 'no' };
      },
    });
    context.enqueue('a');
    engine.run({ until: 20 * MILLISECOND });
    context.enqueue('a');
    engine.run({ until: 30 * MILLISECOND });
    const at = outcomes.map((entry) => Number(entry.split(' ')[0]));
    expect(at.slice(0, 3)).toEqual([0, 5, 15]);
    expect(at[4]! - at[3]!).toBe(5);
  });
});

test('a sync that asks for another look has it', () => {
  let count = 0;
  const { engine, context, outcomes } = run({
    *reconcile() {
      yield* sleep(0);
      return ++count < 3 ? { requeueAfterUs: 2 * SECOND } : synced;
    },
  });
  context.enqueue('a');
  engine.run({ until: 10 * SECOND });
  expect(outcomes).toEqual(['0 a requeued 0', '2000 a requeued 0', '4000 a ok 0']);
});

test('requests in parallel are answered in their order, however many there are', () => {
  const names: string[] = [];
  const { engine, server, context } = run({
    latency: { ...defaultLatency, clientLimits: false },
    *reconcile() {
      const requests = Array.from({ length: 5000 }, (_, at) => getRequest('Namespace', '', `n${at}`));
      for (const { object, message } of yield* sendAll(requests)) names.push(object?.metadata.name ?? message);
      const { code } = yield* send(getRequest('Namespace', '', 'n7'));
      names.push(code);
      return synced;
    },
  });
  for (let at = 0; at < 4999; at++) server.install('Namespace', makeNamespace(`n${at}`));
  context.enqueue('a');
  engine.run({ until: SECOND });
  expect(names).toHaveLength(5001);
  expect(names.slice(0, 3)).toEqual(['n0', 'n1', 'n2']);
  expect(names.slice(-3)).toEqual(['n4998', 'namespaces "n4999" not found', 'OK']);
});

test('parts go side by side, each at its own pace, and their whole goes on when the last has ended', () => {
  const told: string[] = [];
  function* part(name: string, delayMs: number): Step<string> {
    for (let at = 0; at < 2; at++) {
      yield* sleep(delayMs * MILLISECOND);
      told.push(`${name}${at}`);
    }
    return name;
  }
  const { engine, context, outcomes } = run({
    *reconcile() {
      told.push(...(yield* sideBySide([part('slow', 30), part('fast', 10)])), ...(yield* sideBySide<string>([])));
      return synced;
    },
  });
  context.enqueue('a');
  engine.run({ until: SECOND });
  expect(told).toEqual(['fast0', 'fast1', 'slow0', 'slow1', 'slow', 'fast']);
  expect(outcomes).toEqual(['60 a ok 60']);
});

test('a controller is shown what is there before it starts', () => {
  const seen: string[] = [];
  const { engine, process } = run({
    watch: (context) =>
      context.informer('Namespace').onChange((before, after) => {
        if (before === undefined) seen.push(after!.metadata.name);
      }),
    *reconcile() {
      yield* sleep(0);
      return synced;
    },
  });
  process.start();
  engine.run({ until: SECOND });
  expect(seen).toEqual(['default', 'shop']);
});
