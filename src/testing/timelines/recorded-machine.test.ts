import { expect, test } from 'vitest';
import { Engine } from '../../engine/engine.ts';
import { nodeSha256 } from '../sha256.ts';
import { RecordedMachine } from './recorded-machine.ts';

function machineOf(seed: string): RecordedMachine {
  return new RecordedMachine(new Engine({ seed, createHash: nodeSha256 }));
}

test('requests that come at one time are carried out in their order, and several in one instant', () => {
  const machine = machineOf('a');
  const turns = Array.from({ length: 40 }, () => machine.turnOf(1));
  expect(turns).toEqual(turns.toSorted((a, b) => a - b));
  const instants = new Set(turns).size;
  expect(instants).toBeGreaterThan(10);
  expect(instants).toBeLessThan(40);
});

test('who writes nothing does not wait for the disk, who writes twice waits for two flushes', () => {
  const [reading, writing, writingTwice] = [0, 1, 2].map((writes) => machineOf('b').turnOf(writes)) as [
    number,
    number,
    number,
  ];
  expect(reading).toBeLessThan(writing);
  expect(writing).toBeLessThan(writingTwice);
});
