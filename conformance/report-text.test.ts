import { expect, test } from 'vitest';
import { reportLines } from './report-text.ts';
import type { Disagreement, FamilyReport } from './suite.ts';
import { areTimesInside, timesInside } from './times-inside.ts';

const suite = { columns: ['sequences', 'times', 'missed'], timeColumns: ['times', 'missed'] } as const;

const family = (name: string, times: number, missed: number, largestTimeDifferenceS: number): FamilyReport => ({
  ...{ family: name, cases: 1, agree: 1, notCompared: 0, largestTimeDifferenceS },
  counts: new Map([
    ['sequences', 3],
    ['times', times],
    ['missed', missed],
  ]),
  disagreements: Array.from({ length: missed }, (_, at): Disagreement => {
    return {
      case: `${name}-${at}`,
      where: '',
      what: 'time',
      expected: 'as recorded',
      got: 'x'.repeat(900),
      file: 'f',
      line: 1,
    };
  }),
  notComparedBecause: new Map(),
});

test('a line for each family, with the largest difference of a time, and one for all', () => {
  const lines = reportLines(suite, [family('crash', 90, 0, 0.25), family('probe', 10, 1, 3)]);
  expect(lines.slice(0, 4).map((line) => line.split(/ {2,}/))).toEqual([
    [
      'family',
      'cases',
      'sequences',
      'times',
      'missed',
      'agree',
      'not compared',
      'disagreements',
      'largest time difference',
    ],
    ['crash', '1', '3', '90', '0', '1', '0', '0', '0.250 s'],
    ['probe', '1', '3', '10', '1', '1', '0', '1', '3.000 s'],
    ['all', '2', '6', '100', '1', '2', '0', '1', '3.000 s'],
  ]);
  expect(lines.slice(-4)).toEqual([
    'times within the spread of the recordings: 99 of 100, 99.00 % (wanted of a whole suite: 98 %)',
    expect.stringContaining('how far a time lies'),
    '',
    'agree 2 of 2',
  ]);
});

test('every miss is listed, the first ones in full', () => {
  const lines = reportLines(suite, [family('crash', 90, 12, 1)]);
  expect(lines.filter((line) => line.startsWith('  got'))).toHaveLength(10);
  for (let at = 0; at < 12; at++) expect(lines.some((line) => line.includes(`crash-${at}: time`))).toBe(true);
  expect(lines.slice(lines.indexOf('and 2 more disagreements:') + 1).every((line) => line.length < 300)).toBe(true);
});

test.each([
  [100, 2, true],
  [100, 3, false],
  [0, 0, true],
])('of %d times %d outside are few enough: %s', (times, missed, isEnough) => {
  expect(areTimesInside(timesInside(suite, [family('crash', times, missed, 0)]))).toBe(isEnough);
});
