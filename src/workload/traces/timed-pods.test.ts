import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import { SECOND } from '../../engine/time.ts';
import { noLabels } from '../../api/meta-v1.ts';
import { TimedPods } from './timed-pods.ts';
import type { TraceTiming } from './timed-pods.ts';
import type { TracePod } from './trace.ts';

function tracePod(name: string, arrival: number | undefined, runTime?: number, count = 1): TracePod {
  return {
    name,
    arrivalUs: arrival === undefined ? undefined : arrival * SECOND,
    runTimeUs: runTime === undefined ? undefined : runTime * SECOND,
    requests: new Map([['cpu', 100]]),
    devices: undefined,
    labels: noLabels,
    count,
  };
}

const plain: TraceTiming = { scale: 1, fromUs: 0, untilUs: undefined, thin: 1 };

function arrivals(pods: readonly TracePod[], timing: Partial<TraceTiming> = {}, draw = (): number => 0): string[] {
  const timed = new TimedPods(pods, { ...plain, ...timing }, draw);
  const told: string[] = [];
  for (let at = timed.nextArrival(); at !== undefined; at = timed.nextArrival()) {
    const { name, metadata } = (timed.nextRequest() as unknown as { object: Pod }).object as Pod & { name?: string };
    told.push(`${at / SECOND} ${name ?? metadata.name} ${metadata.annotations['orrery.dev/run-duration'] ?? '-'}`);
  }
  return told;
}

describe('a timed replay', () => {
  const pods = [
    tracePod('late', 30, 5),
    tracePod('early', 10),
    tracePod('there', undefined, 60),
    tracePod('two', 10, 1, 2),
  ];

  it('creates each pod when it arrived, in the order of the file where times are equal, as often as it counts', () => {
    expect(arrivals(pods)).toEqual([
      '0 there 60000000us',
      '10 early -',
      '10 two-0 1000000us',
      '10 two-1 1000000us',
      '30 late 5000000us',
    ]);
  });

  it('stretches arrivals and run times alike', () => {
    expect(arrivals(pods, { scale: 0.5 })).toContain('15 late 2500000us');
  });

  it('begins with the window, and leaves out what arrived outside of it', () => {
    expect(
      arrivals(pods, { fromUs: 10 * SECOND, untilUs: 30 * SECOND }).map((line) =>
        line.split(' ').slice(0, 2).join(' '),
      ),
    ).toEqual(['0 early', '0 there', '0 two-0', '0 two-1']);
  });

  it('draws for each of the pods that a row counts, not for all of them at once', () => {
    const draw = (name: string): number => (name === 'two-1' ? 0.4 : 0.6);
    expect(arrivals(pods, { thin: 0.5 }, draw as () => number)).toEqual(['10 two-1 1000000us']);
  });

  it('keeps the pods whose draw lies below the share', () => {
    const draw = (name: string): number => (name === 'early' ? 0.4 : 0.6);
    expect(arrivals(pods, { thin: 0.5 }, draw as () => number)).toEqual(['10 early -']);
  });
});
