import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cronProblem, parseCron } from './cron-schedule.ts';

const at = (text: string): number => Date.parse(`${text}Z`) / 1000;

function next(schedule: string, after: string): string {
  const parsed = parseCron(schedule);
  if (typeof parsed === 'string') throw new Error(parsed);
  return new Date(parsed.next(at(after))! * 1000).toISOString().slice(0, 16);
}

test('schedules fire at the next time that fits all their fields', () => {
  expect(next('* * * * *', '2026-01-01T00:00:30')).toBe('2026-01-01T00:01');
  expect(next('*/15 * * * *', '2026-01-01T00:15:00')).toBe('2026-01-01T00:30');
  expect(next('0 3 * * *', '2026-01-01T03:00:00')).toBe('2026-01-02T03:00');
  expect(next('@monthly', '2026-01-31T12:00:00')).toBe('2026-02-01T00:00');
  expect(next('0 0 29 feb *', '2026-01-01T00:00:00')).toBe('2028-02-29T00:00');
  expect(next('0 0 * * mon-fri', '2026-05-01T00:00:00')).toBe('2026-05-04T00:00');
});

test('where both days are restricted one of them is enough', () => {
  // 2026-05-13 is a Wednesday, the 15th a Friday.
  expect(next('0 0 13 * fri', '2026-05-12T00:00:00')).toBe('2026-05-13T00:00');
  expect(next('0 0 13 * fri', '2026-05-13T00:00:00')).toBe('2026-05-15T00:00');
});

test('what is no schedule is told', () => {
  expect(cronProblem('* * * *')).toBe('expected exactly 5 fields, found 4: [* * * *]');
  expect(cronProblem('60 * * * *')).toBe('minute 60 is outside of 0..59');
  expect(cronProblem('TZ=Europe/Berlin * * * * *')).toContain('cannot use TZ');
  expect(cronProblem('@every 90s')).toBeUndefined();
});

test('no time between is left out: a naive walk over minutes finds the same', () => {
  const field = (max: number, min = 0): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 2, max: 9 }).map((n) => `*/${n}`),
    );
  fc.assert(
    fc.property(
      field(59),
      field(23),
      field(6),
      fc.integer({ min: 0, max: 2_000_000_000 }),
      (minute, hour, day, after) => {
        const schedule = parseCron(`${minute} ${hour} * * ${day}`);
        if (typeof schedule === 'string') throw new Error(schedule);
        const found = schedule.next(after);
        const fits = (text: string, value: number): boolean =>
          text === '*' || (text.startsWith('*/') ? value % Number(text.slice(2)) === 0 : value === Number(text));
        let time = (Math.floor(after / 60) + 1) * 60;
        for (let step = 0; step < 60 * 24 * 8; step++, time += 60) {
          const date = new Date(time * 1000);
          if (fits(minute, date.getUTCMinutes()) && fits(hour, date.getUTCHours()) && fits(day, date.getUTCDay()))
            break;
        }
        expect(found).toBe(time);
      },
    ),
    { numRuns: 60 },
  );
});
