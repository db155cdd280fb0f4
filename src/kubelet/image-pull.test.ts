import { describe, expect, test } from 'vitest';
import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import type { HarnessOptions } from '../testing/kubelet-harness.ts';
import { KubeletHarness } from '../testing/kubelet-harness.ts';

const mebi = 1024 * 1024;
const podOf = (name: string, image: string, imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never' = 'IfNotPresent') =>
  makePod(name, { spec: { containers: [makeContainer({ image, imagePullPolicy })] } });

/** Images of 30 MiB at 10 MiB/s: three seconds, and no time before the first byte. */
function harnessOf(options: HarnessOptions = {}): KubeletHarness {
  return new KubeletHarness({
    images: [{ name: '*', sizeBytes: 30 * mebi }],
    registry: { bandwidth: 10 * mebi, latency: constant(0) },
    ...options,
  });
}

function startsOf(harness: KubeletHarness): string[] {
  return harness.log.filter((line) => line.includes(' start '));
}

describe('image pulls', () => {
  test('go one after the other on a node, in the order in which they were asked for', () => {
    const harness = harnessOf().start();
    for (const name of ['a', 'b', 'c']) harness.create(podOf(name, `${name}:1`));
    harness.until(20);
    expect(startsOf(harness)).toEqual(['3 start a/0 0', '6 start b/0 0', '9 start c/0 0']);
  });

  test('go at once where kubelets pull in parallel, at most as many as allowed', () => {
    const parallel = harnessOf({ kubelet: { serializeImagePulls: false } }).start();
    const two = harnessOf({ kubelet: { maxParallelImagePulls: 2 } }).start();
    for (const harness of [parallel, two]) {
      for (const name of ['a', 'b', 'c']) harness.create(podOf(name, `${name}:1`));
      harness.until(20);
    }
    expect(startsOf(parallel)).toEqual(['3 start a/0 0', '3 start b/0 0', '3 start c/0 0']);
    expect(startsOf(two)).toEqual(['3 start a/0 0', '3 start b/0 0', '6 start c/0 0']);
  });

  test('are not needed for an image that the node has, and do not hold it up', () => {
    const harness = harnessOf().start();
    harness.create(podOf('a', 'a:1')).create(podOf('b', 'app:1')).until(4);
    harness.create(podOf('c', 'a:1')).until(20);
    expect(startsOf(harness)).toEqual(['0 start b/0 0', '3 start a/0 0', '4 start c/0 0']);
  });

  test('with policy Always ask the registry and wait in the same queue', () => {
    const harness = harnessOf({ registry: { bandwidth: 10 * mebi, latency: constant(0.5 * SECOND) } }).start();
    harness
      .create(podOf('a', 'a:1'))
      .create(podOf('b', 'app:1', 'Always'))
      .until(20);
    expect(startsOf(harness)).toEqual(['3.5 start a/0 0', '4 start b/0 0']);
  });

  test('with policy Never and no image never happen', () => {
    const harness = harnessOf().start();
    harness.create(podOf('a', 'a:1', 'Never')).until(1000);
    expect(harness.line('a')).toBe('Pending waiting(ErrImageNeverPull) 0');
  });

  test('beyond the registry limit fail at once, unasked, and are tried again after the back-off', () => {
    const asked: string[] = [];
    const harness = harnessOf({
      observer: { runtimeCall: ({ call, detail }) => void (call === 'PullImage' && asked.push(detail)) },
      kubelet: { registryPullQPS: 1, registryBurst: 1, serializeImagePulls: false },
    }).start();
    harness.create(podOf('a', 'a:1')).create(podOf('b', 'b:1')).until(1.1);
    expect(harness.line('b')).toBe('Pending waiting(ErrImagePull) 0');
    harness.until(40);
    expect(asked).toEqual(['a:1\n', 'b:1\n']);
    // The next look at the pod comes 10 to 16 s later, the one after that too; the back-off of 10 s is over by then.
    expect(startsOf(harness)[0]).toBe('3 start a/0 0');
    expect(Number.parseFloat(startsOf(harness)[1]!)).toBeGreaterThan(13);
    expect(Number.parseFloat(startsOf(harness)[1]!)).toBeLessThan(36);
  });

  test('fail while the registry is out: ErrImagePull, then ImagePullBackOff, tried after 10, 20, 40 ... 300 s', () => {
    const harness = harnessOf().start();
    harness.machines.setRegistryAvailable(false);
    harness.create(podOf('a', 'a:1')).until(1.1);
    expect(harness.line('a')).toBe('Pending waiting(ErrImagePull) 0');
    harness.until(18);
    expect(harness.line('a')).toBe('Pending waiting(ImagePullBackOff) 0');
    harness.until(1500);
    const attempts = harness.log.filter((line) => line.includes(' Pulling')).map((line) => Number(line.split(' ')[0]));
    const gaps = attempts.slice(1).map((time, index) => time - attempts[index]!);
    // The first look at the pod after the back-off, 10 to 16 s after the look before.
    for (const [index, backOff] of [10, 20, 40, 80, 160, 300, 300].entries()) {
      expect(gaps[index]).toBeGreaterThanOrEqual(backOff - 1e-6);
      expect(gaps[index]).toBeLessThan(backOff + 16);
    }
    harness.machines.setRegistryAvailable(true);
    expect(startsOf(harness.until(2000))).toHaveLength(1);
  });

  test('break off when the registry goes out, and take longer when it is slow', () => {
    const broken = harnessOf().start();
    broken.create(podOf('a', 'a:1')).until(2);
    broken.machines.setRegistryAvailable(false);
    expect(broken.until(3.1).line('a')).toBe('Pending waiting(ErrImagePull) 0');
    const slow = harnessOf().start();
    slow.create(podOf('a', 'a:1')).until(1);
    slow.machines.setRegistrySlowdown(4);
    // Two of three seconds are left, which take eight.
    expect(startsOf(slow.until(20))).toEqual(['9 start a/0 0']);
  });

  test('appear in the status of the node within its status period', () => {
    const harness = harnessOf().start();
    harness.create(podOf('a', 'a')).until(14);
    const images = harness.server.state.get('Node', '', 'n1')!.status.images;
    expect(images.map(({ names }) => names[0])).toEqual(['a:latest', 'app:1']);
  });
});
