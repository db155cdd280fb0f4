import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { SimilarEvents } from './similar-events.ts';

const prefix = '(combined from similar events): ';

function sayer() {
  const similar = new SimilarEvents();
  return (message: string, seconds: number, reason = 'SuccessfulCreate', name = 'web'): string =>
    similar.messageOf(
      { involvedKind: 'ReplicaSet', namespace: 'shop', name, type: 'Normal', reason, message },
      seconds * SECOND,
    );
}

test('from the tenth different message of an object and a reason on events are combined', () => {
  const say = sayer();
  for (let at = 1; at < 10; at++) expect(say(`pod-${at}`, at)).toBe(`pod-${at}`);
  // What was said already is nothing new.
  expect(say('pod-9', 9)).toBe('pod-9');
  expect(say('pod-10', 10)).toBe(`${prefix}pod-10`);
  expect(say('pod-11', 11)).toBe(`${prefix}pod-11`);
  expect(say('pod-12', 11, 'SuccessfulDelete')).toBe('pod-12');
  expect(say('pod-12', 11, 'SuccessfulCreate', 'api')).toBe('pod-12');
});

test('ten minutes without one of them, and they begin anew', () => {
  const say = sayer();
  for (let at = 1; at <= 10; at++) say(`pod-${at}`, at);
  expect(say('pod-11', 610)).toBe(`${prefix}pod-11`);
  expect(say('pod-12', 1211)).toBe('pod-12');
});
