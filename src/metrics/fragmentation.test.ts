import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fragmentation } from './fragmentation.ts';

describe('fragmentation', () => {
  test('half of the pods fit on one of two nodes: half of its free cpu and all of the other node is lost to them', () => {
    const fragmentation = new Fragmentation();
    fragmentation.setFree(0, { cpuMilli: 1000, memoryBytes: 100, pods: 5 });
    fragmentation.setFree(1, { cpuMilli: 300, memoryBytes: 100, pods: 5 });
    fragmentation.addPods(800, 50, 1);
    fragmentation.addPods(400, 101, 1);
    // The first fits on node 0 only: 300 are lost to it; the second needs more memory than there is: 1300 are lost.
    expect(fragmentation.unusableMilli()).toBe((300 + 1300) / 2);
  });

  test('without pods, or with a pod that fits everywhere, nothing is lost', () => {
    const fragmentation = new Fragmentation();
    fragmentation.setFree(0, { cpuMilli: 1000, memoryBytes: 100, pods: 1 });
    expect(fragmentation.unusableMilli()).toBe(0);
    fragmentation.addPods(1000, 100, 3);
    expect(fragmentation.unusableMilli()).toBe(0);
    fragmentation.setFree(0, { cpuMilli: 1000, memoryBytes: 100, pods: 0 });
    expect(fragmentation.unusableMilli()).toBe(1000);
  });

  test('requests that appear after the 64th do not count', () => {
    const fragmentation = new Fragmentation();
    fragmentation.setFree(0, { cpuMilli: 100, memoryBytes: 100, pods: 1 });
    for (let cpu = 1; cpu <= 64; cpu++) fragmentation.addPods(cpu, 0, 1);
    fragmentation.addPods(1_000_000, 0, 1000);
    expect(fragmentation.unusableMilli()).toBe(0);
  });

  test('equals the sum over all pods and nodes, after any changes', () => {
    const free = fc.record({ cpuMilli: fc.nat(20), memoryBytes: fc.nat(20), pods: fc.nat(2) });
    const step = fc.oneof(
      fc.record({ node: fc.nat(3), free }),
      fc.record({ cpuMilli: fc.nat(5), memoryBytes: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const fragmentation = new Fragmentation();
        const nodes = new Map<number, { cpuMilli: number; memoryBytes: number; pods: number }>();
        const pods: { cpuMilli: number; memoryBytes: number }[] = [];
        for (let node = 0; node < 4; node++) {
          nodes.set(node, { cpuMilli: 0, memoryBytes: 0, pods: 0 });
          fragmentation.setFree(node, nodes.get(node)!);
        }
        for (const change of steps) {
          if ('node' in change) {
            nodes.set(change.node, change.free);
            fragmentation.setFree(change.node, change.free);
          } else {
            pods.push(change);
            fragmentation.addPods(change.cpuMilli, change.memoryBytes, 1);
          }
        }
        const lost = pods.map(({ cpuMilli, memoryBytes }) =>
          [...nodes.values()].reduce((sum, node) => {
            const isFitting = node.cpuMilli >= cpuMilli && node.memoryBytes >= memoryBytes && node.pods > 0;
            return sum + (isFitting ? 0 : node.cpuMilli);
          }, 0),
        );
        const mean = lost.length === 0 ? 0 : lost.reduce((sum, amount) => sum + amount, 0) / lost.length;
        expect(fragmentation.unusableMilli()).toBe(Math.round(mean));
      }),
    );
  });
});
