import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeSha256 } from '../testing/sha256.ts';
import { checkpointEntries, eventSource, Fingerprint } from './fingerprint.ts';

type Entry = readonly ['event', number, number] | readonly ['integers', readonly number[]] | readonly ['text', string];

function digestOf(entries: readonly Entry[], betweenEntries: (fingerprint: Fingerprint) => void = () => {}): string {
  const fingerprint = new Fingerprint(nodeSha256);
  for (const entry of entries) {
    if (entry[0] === 'event') fingerprint.addEvent(eventSource(3, 5), 1, entry[1], entry[2]);
    else if (entry[0] === 'integers') fingerprint.add(...entry[1]);
    else fingerprint.addText(entry[1]);
    betweenEntries(fingerprint);
  }
  return fingerprint.digestHex();
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.tuple(fc.constant('event' as const), int32, int32),
  fc.tuple(fc.constant('integers' as const), fc.array(fc.maxSafeInteger(), { maxLength: 4 })),
  fc.tuple(fc.constant('text' as const), fc.string({ unit: 'binary', maxLength: 6 })),
);

describe('a fingerprint', () => {
  test('is the SHA-256 of 16 bytes for each event: source, time high, time low, payload', () => {
    const fingerprint = new Fingerprint(nodeSha256);
    fingerprint.addEvent(eventSource(2, 7), 3, -4, 5);
    const bytes = Buffer.alloc(16);
    [0x00000721, 3, -4, 5].forEach((word, i) => bytes.writeInt32LE(word, 4 * i));
    expect(fingerprint.digestHex()).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('of nothing is the SHA-256 of nothing', () => {
    expect(new Fingerprint(nodeSha256).digestHex()).toBe(createHash('sha256').digest('hex'));
  });

  test('does not depend on how often it is looked at', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        expect(digestOf(entries, (fingerprint) => fingerprint.digestHex())).toBe(digestOf(entries));
      }),
    );
  });

  test('tells any two lists of entries apart', () => {
    const lists = fc.array(entry, { maxLength: 5 });
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        const isSame = JSON.stringify(left) === JSON.stringify(right);
        expect(digestOf(left) === digestOf(right)).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });

  test.each<readonly [string, Entry[], Entry[]]>([
    [
      'the order of entries',
      [
        ['text', 'a'],
        ['text', 'b'],
      ],
      [
        ['text', 'b'],
        ['text', 'a'],
      ],
    ],
    [
      'one text and two',
      [['text', 'ab']],
      [
        ['text', 'a'],
        ['text', 'b'],
      ],
    ],
    ['a text and one with NUL behind it', [['text', 'a']], [['text', 'a\0']]],
    ['no text and an empty one', [], [['text', '']]],
    [
      'one list of integers and two',
      [['integers', [1, 2]]],
      [
        ['integers', [1]],
        ['integers', [2]],
      ],
    ],
    [
      // Without the length of the list these would be the same words: 2 is the tag of integers.
      'integers that look like the tags of further entries',
      [['integers', [1, 2 * 2 ** 32 + 5, 6 * 2 ** 32 + 2, 7]]],
      [
        ['integers', [1]],
        ['integers', [5 * 2 ** 32 + 6]],
        ['integers', [7]],
      ],
    ],
    ['integers that are alike in their low 32 bits', [['integers', [1]]], [['integers', [1 + 2 ** 32]]]],
    ['a number and its negative', [['integers', [2 ** 40]]], [['integers', [-(2 ** 40)]]]],
    ['a text and integers of the same words', [['text', '\u0001']], [['integers', [1]]]],
    ['events and the integers they are made of', [['event', 1, 2]], [['integers', [1, 2]]]],
  ])('tells %s apart', (_, left, right) => {
    expect(digestOf(left)).not.toBe(digestOf(right));
  });

  test('tells the source of events apart by phase and by handler', () => {
    const sources = [0, 1, 15].flatMap((phase) => [0, 1, 300, 2 ** 20].map((handler) => eventSource(phase, handler)));
    expect(new Set(sources).size).toBe(sources.length);
  });
});

describe('checkpoints', () => {
  const fill = (fingerprint: Fingerprint, count: number, odd = -1): void => {
    for (let i = 0; i < count; i++) {
      if (i === odd) fingerprint.addText('odd');
      else if (i % 3 === 0) fingerprint.add(i);
      else fingerprint.addEvent(1, 0, i, 0);
    }
  };

  test('are the digests after 65,536, 131,072, ... entries of any kind', () => {
    const whole = new Fingerprint(nodeSha256);
    fill(whole, 2 * checkpointEntries + 10);
    const part = new Fingerprint(nodeSha256);
    fill(part, checkpointEntries);
    expect(whole.count).toBe(2 * checkpointEntries + 10);
    expect(whole.checkpoints).toHaveLength(2);
    expect(whole.checkpoints[0]).toBe(part.digestHex());
    expect(part.checkpoints).toEqual([part.digestHex()]);
  });

  test('are equal up to the first entry that differs, and never after', () => {
    const one = new Fingerprint(nodeSha256);
    const other = new Fingerprint(nodeSha256);
    fill(one, 4 * checkpointEntries);
    fill(other, 4 * checkpointEntries, 2 * checkpointEntries + 5);
    expect(one.checkpoints.map((digest, i) => digest === other.checkpoints[i])).toEqual([true, true, false, false]);
  });
});
