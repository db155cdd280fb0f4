import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotsByHash } from './slots-by-hash.ts';

function slotsWith(table: SlotsByHash, hash: number): number[] {
  const slots: number[] = [];
  for (let slot = table.first(hash); slot >= 0; slot = table.next(slot)) slots.push(slot);
  return slots.sort((a, b) => a - b);
}

test('it finds just the slots that were added under a hash and not removed', () => {
  // Few distinct hashes, negative ones among them, so that chains are long and hashes share chains.
  const hash = fc.constantFrom(0, 1, 64, 128, -1, -64, 2_147_483_647, -2_147_483_648);
  const step = fc.tuple(fc.integer({ min: 0, max: 300 }), hash);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 900 }), (steps) => {
      const table = new SlotsByHash();
      const model = new Map<number, number>();
      for (const [slot, newHash] of steps) {
        if (model.delete(slot)) table.remove(slot);
        else {
          table.add(newHash, slot);
          model.set(slot, newHash);
        }
      }
      for (const wanted of [0, 1, 64, 128, -1, -64, 2_147_483_647, -2_147_483_648, 7]) {
        const known = [...model].filter(([, other]) => other === wanted).map(([slot]) => slot);
        expect(slotsWith(table, wanted)).toEqual(known.sort((a, b) => a - b));
      }
    }),
    { numRuns: 50 },
  );
});
