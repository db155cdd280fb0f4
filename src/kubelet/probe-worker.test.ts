import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Probe } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import type { ExecAnswer } from './behavior.ts';
import type { ProbeKind, ProbeTarget } from './probe-worker.ts';
import { ProbeWorker } from './probe-worker.ts';
import { answerOf, nextAnswerChange } from './scripts.ts';

const kinds: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

const probes = fc.record({
  initialDelaySeconds: fc.nat(12),
  periodSeconds: fc.integer({ min: 1, max: 7 }),
  timeoutSeconds: fc.constant(1),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  failureThreshold: fc.integer({ min: 1, max: 4 }),
});

const scripts = fc.array(
  fc
    .record({ at: fc.nat(90_000), code: fc.nat(1) })
    .map(({ at, code }): ExecAnswer => ({ command: '', from: at * 1000, code, took: 0, run: undefined })),
  { maxLength: 5 },
);

const horizonUs = 150 * SECOND;

interface Change {
  readonly at: number;
  readonly result: boolean;
}

/** Asks at every mark and counts by hand. */
function poll(
  kind: ProbeKind,
  probe: Probe,
  startedAt: number,
  first: number,
  answers: readonly ExecAnswer[],
): Change[] {
  const changes: Change[] = [];
  let result: boolean | undefined = kind === 'startup' ? undefined : kind === 'liveness';
  let equal = 0;
  let last: boolean | undefined;
  for (let at = first; at <= horizonUs; at += probe.periodSeconds * SECOND) {
    const age = at - Math.floor(startedAt / SECOND) * SECOND;
    if (at < startedAt || age < probe.initialDelaySeconds * SECOND) continue;
    let code = 0;
    for (const answer of answers) if (answer.from <= at - startedAt) code = answer.code;
    const isSuccess = code === 0;
    equal = isSuccess === last ? equal + 1 : 1;
    last = isSuccess;
    if (equal < (isSuccess ? probe.successThreshold : probe.failureThreshold)) continue;
    if (result !== isSuccess) changes.push({ at, result: isSuccess });
    result = isSuccess;
    // What has been told once for an instance is not asked again.
    if (kind === 'startup' || (kind === 'liveness' && !isSuccess)) break;
  }
  return changes;
}

/** Looks at a probe only when it says that there may be news. */
function jump(kind: ProbeKind, probe: Probe, target: ProbeTarget, first: number): Change[] & { looks?: number } {
  const changes: Change[] = [];
  const worker = new ProbeWorker(kind, probe, first);
  worker.begin();
  worker.skipTo(target.startedAt);
  let looks = 0;
  for (let now = worker.newsAt(target); now <= horizonUs; now = worker.newsAt(target)) {
    looks++;
    while (!worker.isOnHold && worker.nextAt <= now) {
      const at = worker.nextAt;
      worker.advance();
      if (!worker.asks(target, at)) continue;
      worker.askedAt = at;
      const { isSuccess } = target.ask(kind, probe, at);
      // News that came before the look would have been told too late.
      if (worker.count(isSuccess)) changes.push({ at: at === now ? at : -1, result: isSuccess });
    }
  }
  return Object.assign(changes, { looks });
}

function targetOf(kind: ProbeKind, startedAt: number, answers: readonly ExecAnswer[]): ProbeTarget {
  return {
    startedAt,
    isStarted: kind !== 'startup',
    ask: (_kind, _probe, time) => {
      const code = answerOf(answers, '', time - startedAt, 0)?.code ?? 0;
      return { isSuccess: code === 0, code, took: 0 };
    },
    nextChange: (_kind, _probe, time) => startedAt + nextAnswerChange(answers, '', time - startedAt),
  };
}

test('a probe that is looked at only when there may be news finds what a poller finds, at the same times', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      probes,
      fc.nat(9_999),
      fc.nat(5_000),
      scripts,
      (kind, probe, started, mark, answers) => {
        const startedAt = started * 1000;
        const target = targetOf(kind, startedAt, answers);
        expect([...jump(kind, probe, target, mark * 1000)]).toEqual(poll(kind, probe, startedAt, mark * 1000, answers));
      },
    ),
  );
});

test('a probe that always succeeds is looked at until it has succeeded often enough, and never again', () => {
  const probe = {
    initialDelaySeconds: 0,
    periodSeconds: 1,
    timeoutSeconds: 1,
    successThreshold: 2,
    failureThreshold: 3,
  };
  const found = jump('readiness', probe, targetOf('readiness', 0, []), 0);
  expect([...found]).toEqual([{ at: SECOND, result: true }]);
  expect(found.looks).toBe(2);
});
