import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cronProblem, parseCron } from './cron-schedule.ts';
import { timeZoneNamed, timeZoneProblem } from './time-zones.ts';

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
  expect(cronProblem('60 * * * *')).toBe('end of range (60) above maximum (59): 60');
  expect(cronProblem('* * 0 * *')).toBe('beginning of range (0) below minimum (1): 0');
  expect(cronProblem('* 5-3 * * *')).toBe('beginning of range (5) beyond end of range (3): 5-3');
  expect(cronProblem('*/0 * * * *')).toBe('step of range should be a positive number: */0');
  expect(cronProblem('1-2-3 * * * *')).toBe('too many hyphens: 1-2-3');
  expect(cronProblem('*/1/2 * * * *')).toBe('too many slashes: */1/2');
  expect(cronProblem('* * * * som')).toBe('failed to parse int from som: strconv.Atoi: parsing "som": invalid syntax');
  expect(cronProblem('@sometimes')).toBe('unrecognized descriptor: @sometimes');
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

describe('in a time zone', () => {
  const zoned = (zone: string, schedule: string, after: string, count: number): readonly string[] => {
    const parsed = parseCron(schedule, timeZoneNamed(zone));
    if (typeof parsed === 'string') throw new Error(parsed);
    const times: string[] = [];
    for (let time = at(after); times.length < count;) {
      time = parsed.next(time)!;
      times.push(new Date(time * 1000).toISOString().slice(0, 16));
    }
    return times;
  };

  test('a schedule follows the clock of the zone, west of Greenwich from the first second on', () => {
    expect(zoned('Europe/Berlin', '0 3 * * *', '2026-01-01T00:00:00', 1)).toEqual(['2026-01-01T02:00']);
    expect(zoned('America/New_York', '0 3 * * *', '1970-01-01T00:00:00', 1)).toEqual(['1970-01-01T08:00']);
    expect(zoned('Asia/Kolkata', '0 0 1 * *', '2026-01-01T00:00:00', 1)).toEqual(['2026-01-31T18:30']);
    expect(zoned('Etc/GMT+5', '0 0 * * *', '2026-01-01T00:00:00', 1)).toEqual(['2026-01-01T05:00']);
  });

  test('a time in the hour that is skipped does not come that day', () => {
    // In Berlin the clock goes from 2:00 to 3:00 on 2026-03-29.
    expect(zoned('Europe/Berlin', '30 2 * * *', '2026-03-28T00:00:00', 2)).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
    ]);
    expect(zoned('Europe/Berlin', '30 3 * * *', '2026-03-28T12:00:00', 1)).toEqual(['2026-03-29T01:30']);
    expect(zoned('Europe/Berlin', '10 0 * * *', '2026-03-29T12:00:00', 1)).toEqual(['2026-03-29T22:10']);
  });

  test('a time in the hour that is repeated comes twice', () => {
    expect(zoned('Europe/Berlin', '30 2 * * *', '2026-10-24T12:00:00', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-26T01:30',
    ]);
  });

  test('every real hour has its run', () => {
    const times = zoned('America/New_York', '@hourly', '2026-11-01T03:30:00', 5);
    expect(times.map((time) => time.slice(11))).toEqual(['04:00', '05:00', '06:00', '07:00', '08:00']);
  });

  test.each([
    'Europe/London',
    'America/New_York',
    'America/St_Johns',
    'Australia/Sydney',
    'Pacific/Auckland',
    'Asia/Tokyo',
  ])('%s has the offsets that this engine knows, at the hours around each change', (name) => {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const known = (time: number): number => {
      const text = format.formatToParts(new Date(time * 1000)).find(({ type }) => type === 'timeZoneName')!.value;
      const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text)!;
      return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60);
    };
    const zone = timeZoneNamed(name)!;
    for (let time = at('2024-01-01T00:00:00'); time < at('2027-01-01T00:00:00'); time += 3600)
      if (zone.offsetAt(time) !== known(time)) expect([time, zone.offsetAt(time)]).toEqual([time, known(time)]);
  });
});

test('a time zone that is none is told in upstream words', () => {
  expect(timeZoneProblem('')).toBe('timeZone must be nil or non-empty string');
  expect(timeZoneProblem('Local')).toContain('must be an explicit time zone');
  expect(timeZoneProblem('Mars/Olympus')).toBe('unknown time zone Mars/Olympus');
  expect(timeZoneProblem('Etc/GMT+13')).toBe('unknown time zone Etc/GMT+13');
  expect(timeZoneProblem('Europe/Berlin')).toBeUndefined();
});
