import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameSketch, nameRegister } from './name-register.ts';

/** Names of any letters, some of them twice. */
const someNames = fc.array(fc.oneof(fc.string(), fc.constantFrom('a', 'b', 'pod-1')), { maxLength: 60 });

test('a register tells the line in which a name stood first, as a search through the lines before does', () => {
  fc.assert(
    fc.property(someNames, (names) => {
      const register = nameRegister();
      const told = names.map((name, line) => register(name, line));
      const searched = names.map((name, line) => (names.indexOf(name) < line ? names.indexOf(name) : undefined));
      expect(told).toEqual(searched);
    }),
  );
});

test('with a sketch of the names before it a register tells the same', () => {
  const names = Array.from({ length: 3000 }, (_, at) => `openb-pod-${String(at % 2990).padStart(4, '0')}`);
  const sketch = new NameSketch();
  for (const name of names) sketch.note(name);
  const [plain, sketched] = [nameRegister(), nameRegister((name) => sketch.mayRepeat(name))];
  const told = names.map((name, line) => sketched(name, line));
  expect(told).toEqual(names.map((name, line) => plain(name, line)));
  expect(told.filter((line) => line !== undefined)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a sketch sets few names aside that stand once: as many as there are pairs for each bit', () => {
  const sketch = new NameSketch();
  const names = Array.from({ length: 200_000 }, (_, at) => `openb-pod-${String(at).padStart(6, '0')}`);
  for (const name of names) sketch.note(name);
  const suspects = names.filter((name) => sketch.mayRepeat(name)).length;
  // n (n - 1) / m names share their bit with another one: 298 expected, with a standard deviation of about 24.
  expect(suspects).toBeGreaterThan(200);
  expect(suspects).toBeLessThan(400);
});
