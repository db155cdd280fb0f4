// `apimachinery/pkg/util/validation`: the regular expressions of upstream are the independent model here.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dns1035LabelProblem,
  dnsLabelProblem,
  dnsSubdomainProblem,
  isForbiddenKey,
  isLabelKey,
  isLabelValue,
  labelKeyProblem,
} from './names.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const namePart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const models = {
  label: new RegExp(`^${label}$`),
  subdomain: new RegExp(`^${label}(\\.${label})*$`),
  dns1035: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  key: new RegExp(`^(${label}(\\.${label})*/)?${namePart}$`),
  value: new RegExp(`^(${namePart})?$`),
};

test('names are legal exactly when upstream says so', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aZ09-._/ é'), maxLength: 9 });
  fc.assert(
    fc.property(text, (name) => {
      expect(dnsLabelProblem(name) === undefined).toBe(models.label.test(name));
      expect(dnsSubdomainProblem(name) === undefined).toBe(models.subdomain.test(name));
      expect(dns1035LabelProblem(name) === undefined).toBe(models.dns1035.test(name));
      expect(isLabelKey(name)).toBe(models.key.test(name));
      expect(isLabelValue(name)).toBe(models.value.test(name));
    }),
    { numRuns: 2000 },
  );
});

describe('the length of', () => {
  const a = (length: number): string => 'a'.repeat(length);

  test('a label is at most 63, of a subdomain 253', () => {
    expect([dnsLabelProblem(a(63)), dnsLabelProblem(a(64))]).toEqual([undefined, 'must be no more than 63 characters']);
    expect([dnsSubdomainProblem(a(253)), dnsSubdomainProblem(a(254))]).toEqual([
      undefined,
      'must be no more than 253 characters',
    ]);
  });

  test('a key is at most 253 for the prefix and 63 for the name, of a value 63', () => {
    expect(isLabelKey(`${a(253)}/${a(63)}`)).toBe(true);
    expect(labelKeyProblem(`${a(254)}/${a(63)}`)).toBe('prefix part must be no more than 253 bytes');
    expect(labelKeyProblem(`x/${a(64)}`)).toBe('name part must be no more than 63 bytes');
    expect([isLabelValue(a(63)), isLabelValue(a(64))]).toEqual([true, false]);
  });
});

test('the parts of a key are named in the message', () => {
  expect(labelKeyProblem('/x')).toBe('prefix part must be non-empty');
  expect(labelKeyProblem('x/')).toBe('name part must be non-empty');
  expect(labelKeyProblem('a/b/c')).toMatch(/^a valid label key must consist of/);
});

test('names that every JavaScript object has are no keys', () => {
  expect(['__proto__', 'constructor', 'prototype', 'proto'].map(isForbiddenKey)).toEqual([true, true, true, false]);
});
