// Quantities as `apimachinery/pkg/api/resource/quantity.go` documents them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCpu,
  formatQuantity,
  formatResource,
  milliValue,
  parseQuantity,
  quantitySuggestion,
  quantityToInteger,
  value,
} from './quantity.ts';

const int64Max = 9223372036854775807n;

describe('a quantity', () => {
  test.each<[string, bigint]>([
    ['0', 0n],
    ['5', 5000n],
    ['+5', 5000n],
    ['-5', -5000n],
    ['100m', 100n],
    ['.5', 500n],
    ['1.', 1000n],
    ['0.1', 100n],
    ['1k', 1_000_000n],
    ['1M', 1_000_000_000n],
    ['1Ki', 1_024_000n],
    ['1.5Gi', 1_610_612_736_000n],
    ['2Ti', 2_199_023_255_552_000n],
    ['1e3', 1_000_000n],
    ['1E3', 1_000_000n],
    ['12e-1', 1200n],
    ['1P', 1_000_000_000_000_000_000n],
  ])('%s is read', (text, milli) => {
    expect(milliValue(parseQuantity(text)!)).toBe(milli);
  });

  test('E alone is the exa suffix, with digits an exponent', () => {
    expect(value(parseQuantity('1E')!)).toBe(1_000_000_000_000_000_000n);
    expect(parseQuantity('1E')!.format).toBe('DecimalSI');
    expect(parseQuantity('1E2')!.format).toBe('DecimalExponent');
    expect(parseQuantity('1Ei')!.format).toBe('BinarySI');
  });

  test.each([
    '',
    ' ',
    '1 Gi',
    ' 1',
    '1 ',
    '1KB',
    '1GB',
    '1gi',
    '1i',
    '.5i',
    '1.1.M',
    '1+1.0M',
    '0.1mi',
    '0.1am',
    'aoeu',
    '-3.01e-',
    '1e',
    '0x10',
    '1_000',
    '1,5',
    'm',
    '--1',
    '1K',
  ])('%j is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  test('is rounded away from zero, to 10^-9 when read, to the unit when used', () => {
    expect(parseQuantity('0.0000000001')!.nano).toBe(1n);
    expect(milliValue(parseQuantity('1n')!)).toBe(1n);
    expect(value(parseQuantity('1m')!)).toBe(1n);
    expect(value(parseQuantity('-1500m')!)).toBe(-2n);
    expect(quantityToInteger('cpu', '100.5m')).toBe(101);
    expect(quantityToInteger('memory', '1.5')).toBe(2);
    expect(quantityToInteger('memory', '128974848000m')).toBe(128_974_848);
  });

  test('beyond 2^63-1 is capped, and as an integer at 2^53-1', () => {
    expect(value(parseQuantity('10E')!)).toBe(int64Max);
    expect(value(parseQuantity('1e200')!)).toBe(int64Max);
    expect(value(parseQuantity('8Ei')!)).toBe(int64Max);
    expect(quantityToInteger('memory', '1E')).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('of hostile length is refused, or read in no time', () => {
    expect(parseQuantity('9'.repeat(65))).toBeUndefined();
    expect(parseQuantity(`1e${'9'.repeat(19)}`)).toBeUndefined();
    expect(parseQuantity('1e-999999999999999999')!.nano).toBe(1n);
  });

  test('never throws, and reads every number of milli as it is', () => {
    fc.assert(fc.property(fc.string({ maxLength: 70 }), (text) => void parseQuantity(text)));
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (milli) => {
        expect(milliValue(parseQuantity(`${milli}m`)!)).toBe(BigInt(milli));
        expect(milliValue(parseQuantity(String(milli / 1000))!)).toBe(BigInt(milli));
      }),
    );
  });
});

describe('an amount in text', () => {
  test.each([
    [0, '0'],
    [500, '500m'],
    [1500, '1500m'],
    [2000, '2'],
  ])('cpu %d', (milli, text) => {
    expect(formatCpu(milli)).toBe(text);
  });

  test.each([
    [0, '0'],
    [68_719_476_736, '64Gi'],
    [1_500_000_000, '1500M'],
    [1_610_612_736, '1536Mi'],
    [1_000_000_000, '1G'],
    [1023, '1023'],
  ])('bytes %d', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('is read back as the same amount', () => {
    const name = fc.constantFrom('cpu', 'memory', 'pods', 'ephemeral-storage', 'hugepages-2Mi', 'example.com/gpu');
    fc.assert(
      fc.property(name, fc.maxSafeNat(), (resource, amount) => {
        expect(quantityToInteger(resource, formatResource(resource, amount))).toBe(amount);
      }),
    );
  });
});

describe('a suggestion', () => {
  test.each([
    ['64GB', '64G (10^9) or 64Gi (2^30)'],
    ['64 Gi', '64Gi'],
    ['64gib', '64Gi (2^30)'],
    ['1,000', '1000'],
    ['2 cores', '2'],
    ['250 mcpu', '250m'],
    ['many', undefined],
    ['4Gi', undefined],
  ])('for %j', (text, suggestion) => {
    expect(quantitySuggestion(text)).toBe(suggestion);
  });
});

test.each([
  ...[['0', '0'] as const, ['0.5', '500m'] as const, ['1000m', '1'] as const, ['1500', '1500'] as const],
  ...[['1024Ki', '1Mi'] as const, ['1.5Gi', '1536Mi'] as const, ['512Ki', '512Ki'] as const, ['1.5', '1500m'] as const],
  ...[['1000k', '1M'] as const, ['1e3', '1e3'] as const, ['10e2', '1e3'] as const, ['5e0', '5'] as const],
  ...[['-2000m', '-2'] as const, ['1n', '1n'] as const, ['7Ei', '7Ei'] as const],
])('%s is printed as %s', (written, printed) => {
  expect(formatQuantity(parseQuantity(written)!)).toBe(printed);
});
