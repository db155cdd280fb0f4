import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { normalizedImageName } from './image-locality.ts';

const mebibyte = 1024 * 1024;
const images = (...entries: (readonly [string, number])[]): { status: Record<string, unknown> } => ({
  status: { images: entries.map(([name, size]) => ({ names: [name], sizeBytes: size * mebibyte })) },
});
const scoresOf = (fixture: SchedulerFixture, spec: Record<string, unknown> = {}): unknown =>
  fixture.normalizedScores('ImageLocality', fixture.pod(spec));

describe('ImageLocality', () => {
  it('weighs an image by its size and by how common it is', () => {
    const fixture = new SchedulerFixture();
    for (let at = 0; at < 10; at++) fixture.node(`n${at}`, at < 2 ? images(['app:1', 500]) : {});
    // 500 MiB on 2 of 10 nodes counts 100 MiB: 100 * (100 - 23) div (1000 - 23) = 7.
    expect(scoresOf(fixture)).toEqual([7, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('clamps between 23 MiB and 1000 MiB per image', () => {
    const fixture = new SchedulerFixture();
    fixture.node('small', images(['app:1', 23]));
    fixture.node('same', images(['app:1', 23]));
    expect(scoresOf(fixture)).toEqual([0, 0]);
    const middle = new SchedulerFixture();
    middle.node('middle', images(['app:1', 33]));
    // 100 * (33 - 23) div (1000 - 23) = 1.02, truncated; with a threshold of 24 it would be 0.
    expect(scoresOf(middle)).toEqual([1]);
    const large = new SchedulerFixture();
    large.node('large', images(['app:1', 5000]));
    expect(scoresOf(large)).toEqual([100]);
  });

  it('counts init containers and image volumes, present or not', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n', images(['app:1', 500], ['data:1', 500]));
    const initContainers = [{ name: 'i', image: 'absent:1' }];
    const volumes = [{ name: 'v', image: { reference: 'data:1' } }];
    // 1000 MiB of three images: 100 * (1000 - 23) div (3000 - 23) = 32.
    expect(scoresOf(fixture, { initContainers, volumes })).toEqual([32]);
  });

  it('takes the size that the first node with the image reported, for all nodes', () => {
    const fixture = new SchedulerFixture();
    fixture.node('first', images(['app:1', 500]));
    fixture.node('second', images(['app:1', 900]));
    // 100 * (500 - 23) div 977 = 48 on both.
    expect(scoresOf(fixture)).toEqual([48, 48]);
  });

  it.each([
    ['app', 'app:latest'],
    ['app:1', 'app:1'],
    ['host:5000/app', 'host:5000/app:latest'],
    ['host:5000/app:2', 'host:5000/app:2'],
    ['app@sha256:abc', 'app@sha256:abc'],
  ])('knows %s as %s', (name, normalized) => {
    expect(normalizedImageName(name)).toBe(normalized);
  });
});
