import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NamedRow } from './name-register.ts';
import { NameSketch, nameRegister } from './name-register.ts';

/** Rows with names of any letters, some of them twice, some of them those of copies. */
const someRows = fc.array(
  fc.record({
    name: fc.oneof(fc.string(), fc.constantFrom('a', 'b', 'a-0', 'a-1', 'a-01', 'a-1-0', 'b-2', 'b-10', 'b-')),
    count: fc.constantFrom(1, 1, 1, 2, 3, 11),
  }),
  { maxLength: 60 },
);

/** All names of a row, written out. */
const namesOf = ({ name, count = 1 }: NamedRow): string[] =>
  count === 1 ? [name] : Array.from({ length: count }, (_, copy) => `${name}-${copy}`);

/** The lines that share a name of a row or of its pods with one before, found by looking through all of them. */
function repeats(rows: readonly NamedRow[]): number[] {
  return rows.flatMap((row, line) => {
    const own = new Set(namesOf(row));
    const isSame = ({ name, ...before }: NamedRow): boolean =>
      name === row.name || namesOf({ name, ...before }).some((other) => own.has(other));
    return rows.slice(0, line).some(isSame) ? [line] : [];
  });
}

const toldBy = (register: ReturnType<typeof nameRegister>, rows: readonly NamedRow[]): (string | undefined)[] =>
  rows.map((row, line) => register(row, line));

const linesOf = (told: readonly (string | undefined)[]): number[] =>
  told.flatMap((problem, line) => (problem === undefined ? [] : [line]));

test('a register tells of rows with a name that stood before, as a search through the lines before does', () => {
  fc.assert(
    fc.property(someRows, (rows) => {
      expect(linesOf(toldBy(nameRegister(), rows))).toEqual(repeats(rows));
    }),
  );
});

test('it says where the name stood', () => {
  const rows = [
    { name: 'a', count: 3 },
    { name: 'a-2' },
    { name: 'a-3' },
    { name: 'b-1' },
    { name: 'b', count: 2 },
    { name: 'a' },
  ];
  expect(toldBy(nameRegister(), rows)).toEqual([
    undefined,
    'the name "a-2" is that of a pod of line 0, which counts 3',
    undefined,
    undefined,
    'the name "b-1" of one of its pods stands in line 3 already',
    'the name "a" stands in line 0 already',
  ]);
});

test('with a sketch of the names before it a register tells the same', () => {
  const names = Array.from({ length: 3000 }, (_, at) => ({ name: `openb-pod-${String(at % 2990).padStart(4, '0')}` }));
  const rows = [
    ...names,
    { name: 'openb-pod', count: 2001 },
    { name: 'job', count: 5 },
    { name: 'job-4' },
    { name: 'job-5' },
  ];
  const sketch = new NameSketch();
  for (const row of rows) sketch.note(row);
  const told = toldBy(
    nameRegister((name) => sketch.mayRepeat(name)),
    rows,
  );
  expect(told).toEqual(toldBy(nameRegister(), rows));
  // openb-pod-1000 and those after it are numbered as copies are, the ones before begin with a nought.
  expect(linesOf(told)).toEqual([2990, 2991, 2992, 2993, 2994, 2995, 2996, 2997, 2998, 2999, 3000, 3002]);
});

test('a sketch sets few names aside that stand once: as many as there are pairs for each bit', () => {
  const sketch = new NameSketch();
  const names = Array.from({ length: 200_000 }, (_, at) => `openb-pod-${String(at).padStart(6, '0')}`);
  for (const name of names) sketch.note({ name });
  const suspects = names.filter((name) => sketch.mayRepeat(name)).length;
  // n (n - 1) / m names share their bit with another one: 298 expected, with a standard deviation of about 24.
  expect(suspects).toBeGreaterThan(200);
  expect(suspects).toBeLessThan(400);
});

test('numbered names of which there are no copies are not set aside', () => {
  const sketch = new NameSketch();
  for (let at = 0; at < 1000; at++) sketch.note({ name: `job-${at}` });
  expect(sketch.mayRepeat('job-')).toBe(false);
  sketch.note({ name: 'job', count: 2 });
  expect(sketch.mayRepeat('job-')).toBe(true);
});
