import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, formatClock, formatDuration, formatSeconds, HOUR, MINUTE, parseDuration, SECOND } from './time.ts';

describe('parseDuration', () => {
  test.each([
    ['0s', 0],
    ['1us', 1],
    ['250µs', 250],
    ['500ms', 500_000],
    ['10s', 10 * SECOND],
    ['1m30s', 90 * SECOND],
    ['1.5h', 90 * MINUTE],
    ['2d', 2 * DAY],
    ['1d2h3m4s5ms6us', DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5006],
    ['007s', 7 * SECOND],
    ['0.1s', 100_000],
    ['0.0000005s', 1],
    ['0.0000004s', 0],
    ['1.4999999us', 1],
    ['1.5us', 2],
    ['0.3333333333333333h', 1_200_000_000],
    ['9007199254740991us', Number.MAX_SAFE_INTEGER],
    ['285y', undefined],
    ['9007199254740992us', undefined],
    ['9999999999999999d', undefined],
    ['10', undefined],
    ['', undefined],
    ['s', undefined],
    ['-1s', undefined],
    ['+1s', undefined],
    ['1e3s', undefined],
    ['1 s', undefined],
    [' 1s', undefined],
    ['1s ', undefined],
    ['1S', undefined],
    ['.5s', undefined],
    ['1.s', undefined],
    ['1.2.3s', undefined],
    ['1,5s', undefined],
    ['Infinitys', undefined],
    ['0x10s', undefined],
    ['١s', undefined],
    ['1ns', undefined],
    ['12345678901234567s', undefined],
    ['1s'.repeat(100), undefined],
  ])('reads %j as %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test('adds its parts, each rounded by itself', () => {
    const part = fc.tuple(fc.nat({ max: 99_999 }), fc.nat({ max: 999 }), fc.constantFrom('ms', 's', 'm', 'h'));
    const unitUs = { ms: 1_000, s: SECOND, m: MINUTE, h: HOUR };
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const text = parts.map(
          ([whole, thousandths, unit]) => `${whole}.${String(thousandths).padStart(3, '0')}${unit}`,
        );
        const us = parts.map(([whole, thousandths, unit]) => ((whole * 1000 + thousandths) * unitUs[unit]) / 1000);
        expect(parseDuration(text.join(''))).toBe(us.reduce((sum, value) => sum + value, 0));
      }),
    );
  });

  test('answers at once on long and hostile text', () => {
    const start = process.cpuUsage().user;
    for (const text of ['1'.repeat(1e6), `${'1'.repeat(60)}!`, '1s'.repeat(1e6), '1.'.repeat(1e5)]) {
      expect(parseDuration(text)).toBeUndefined();
    }
    expect(process.cpuUsage().user - start).toBeLessThan(1e6);
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [1, '1us'],
    [999, '999us'],
    [1_000, '1ms'],
    [1_499, '1ms'],
    [1_500, '2ms'],
    [350_000, '350ms'],
    [999_499, '999ms'],
    [999_500, '1s'],
    [47_300_000, '47.3s'],
    [47_349_999, '47.3s'],
    [47_350_000, '47.4s'],
    [59_949_999, '59.9s'],
    [59_950_000, '1m00s'],
    [750 * SECOND, '12m30s'],
    [HOUR - 500_001, '59m59s'],
    [HOUR - 500_000, '1h00m00s'],
    [2 * HOUR, '2h00m00s'],
    [DAY - 1, '1d00h00m'],
    [3 * DAY, '3d00h00m'],
    [3 * DAY + 2 * HOUR + 29 * SECOND, '3d02h00m'],
    [3 * DAY + 2 * HOUR + 30 * SECOND, '3d02h01m'],
    [-1_500_000, '-1.5s'],
  ])('writes %d us as %s', (us, expected) => {
    expect(formatDuration(us)).toBe(expected);
  });

  test('stays within half of the last digit it writes', () => {
    const resolutionOf = (us: number): number =>
      us < 1000 ? 0 : us < SECOND ? 500 : us < MINUTE ? 50_000 : us < DAY ? 500_000 : 30 * SECOND;
    const magnitudes = fc.oneof(
      ...[1e3, 1e6, 6e7, 3.6e9, 8.64e10, 1e13].map((max) =>
        fc.nat({ max: 2 ** 31 - 1 }).map((n) => Math.floor((n / 2 ** 31) * max)),
      ),
    );
    fc.assert(
      fc.property(magnitudes, (us) => {
        const read = parseDuration(formatDuration(us))!;
        // A value that rounds up to the next unit is read back in that unit's resolution.
        expect(Math.abs(read - us)).toBeLessThanOrEqual(resolutionOf(us));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatClock', () => {
  test.each([
    [0, '00:00:00'],
    [12 * MINUTE, '00:12:00'],
    [1_012_000, '00:00:01.012'],
    [250, '00:00:00.000250'],
    [51 * HOUR, '51:00:00'],
    [123 * HOUR + 59 * MINUTE + 59 * SECOND + 999_999, '123:59:59.999999'],
  ])('writes %d us as %s', (us, expected) => {
    expect(formatClock(us)).toBe(expected);
  });

  test('is exact', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (us) => {
        const [hours, minutes, seconds] = formatClock(us).split(':');
        const [whole, fraction = ''] = seconds!.split('.');
        const read =
          (BigInt(hours!) * 3600n + BigInt(minutes!) * 60n + BigInt(whole!)) * 1_000_000n +
          BigInt(fraction.padEnd(6, '0'));
        expect(read).toBe(BigInt(us));
        expect(Number(minutes) < 60 && Number(whole) < 60).toBe(true);
      }),
    );
  });
});

describe('formatSeconds', () => {
  test.each([
    [0, '0'],
    [1_500_000, '1.5'],
    [-250, '-0.00025'],
    [1, '0.000001'],
    [10 * SECOND, '10'],
    [Number.MAX_SAFE_INTEGER, '9007199254.740991'],
  ])('writes %d us as %s', (us, expected) => {
    expect(formatSeconds(us)).toBe(expected);
  });

  test('is read back exactly, and as the shortest text', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (us) => {
        const text = formatSeconds(us);
        expect(text).toMatch(/^\d+(\.\d*[1-9])?$/);
        const [whole, fraction = ''] = text.split('.');
        expect(BigInt(whole!) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))).toBe(BigInt(us));
        expect(us === 0 ? text : formatSeconds(-us)).toBe(us === 0 ? '0' : `-${text}`);
      }),
    );
  });
});
