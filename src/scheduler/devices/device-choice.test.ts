import { describe, expect, test } from 'vitest';
import { chooseDevices } from './device-choice.ts';

const account = (free: number[]) => ({ model: '', free, freeMilli: free.reduce((sum, milli) => sum + milli, 0) });
const part = (milli: number, count = 1) => ({ count, milli, models: [] });
const never = (): number => {
  throw new Error('nothing is drawn');
};

describe('the devices that a pod gets', () => {
  test.each([
    ['best', [1], 'the least room that is enough'],
    ['worst', [0], 'the most room, the first of equal ones'],
  ] as const)('%s takes %j: %s', (policy, devices, _why) => {
    expect(chooseDevices(account([1000, 400, 1000, 400, 200]), part(300), policy, never)).toEqual(devices);
  });

  test('are the free ones of lowest number where whole ones are wanted, whatever the policy', () => {
    for (const policy of ['best', 'worst', 'random'] as const) {
      expect(chooseDevices(account([900, 1000, 0, 1000, 1000]), part(1000, 2), policy, never)).toEqual([1, 3]);
    }
  });

  test('are drawn among those with room', () => {
    expect(chooseDevices(account([100, 500, 700, 900]), part(400), 'random', (n) => n - 1)).toEqual([3]);
  });

  test('are none where too few have room', () => {
    expect(chooseDevices(account([900, 1000]), part(1000, 2), 'best', never)).toBeUndefined();
  });
});
