import { expect, test } from 'vitest';
import { defaultLatency, instantLatency } from '../apiserver/latency.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import { SECOND } from '../engine/time.ts';
import { makeApi } from '../testing/api-harness.ts';
import { EventSender } from './event-sender.ts';

function senderOf(latency: LatencyProfile) {
  const { engine, server } = makeApi({ latency });
  const client = server.client({ name: 'c', phase: 3, queriesPerSecond: 20, burst: 30 });
  const sender = new EventSender('c', 3, engine, client, latency);
  const send = (name: string, type: 'Normal' | 'Warning' = 'Normal'): boolean =>
    sender.send({ involvedKind: 'Pod', namespace: 'shop', name, type, reason: 'R', message: 'm' }) !== undefined;
  return { engine, client, send };
}

test('one object has 25 events, and then one every five minutes; another has its own', () => {
  const { engine, send } = senderOf(instantLatency);
  const written = Array.from({ length: 40 }, () => send('a')).filter(Boolean);
  expect(written).toHaveLength(25);
  expect(send('b')).toBe(true);
  // Warnings have a bucket of their own.
  expect(send('a', 'Warning')).toBe(true);
  const later = engine.register({ name: 'later', phase: 0, handle: () => written.push(send('a'), send('a')) });
  engine.at(300 * SECOND, later, 0);
  engine.run({ until: 400 * SECOND });
  expect(written.slice(25)).toEqual([true, false]);
});

test('events take tokens one after the other, so that a burst of them leaves most of the bucket to requests', () => {
  const { client, send } = senderOf(defaultLatency);
  for (let at = 0; at < 100; at++) send(`p${at}`);
  // One has been taken at once; the others wait for the answer. 29 of 30 tokens are left.
  const granted = Array.from({ length: 30 }, () => client.spend());
  expect(granted.filter((time) => time === 0)).toHaveLength(29);
  expect(granted.at(-1)).toBe(50_000);
});

test('all events are sent in the end, and a queue of a thousand is full', () => {
  const { engine, client, send } = senderOf(defaultLatency);
  const sent = Array.from({ length: 1100 }, (_, at) => send(`p${at}`)).filter(Boolean);
  expect(sent).toHaveLength(1001);
  const granted: number[] = [];
  const spend = engine.register({ name: 'spend', phase: 4, handle: () => granted.push(client.spend() - engine.now) });
  // 1001 tokens, 30 of them saved: the last one is granted after (1001 - 30) / 20 = 48.6 s.
  engine.at(48 * SECOND, spend, 0);
  engine.at(60 * SECOND, spend, 0);
  engine.run({ until: 100 * SECOND });
  expect(granted[0]).toBeGreaterThan(0);
  expect(granted[1]).toBe(0);
});
