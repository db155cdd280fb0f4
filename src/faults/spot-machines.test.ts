import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../api/core-v1.ts';
import { isNodeReady } from '../api/node-conditions.ts';
import { SECOND } from '../engine/time.ts';
import type { Facts } from '../record/facts.ts';
import { runSpec } from '../testing/run-spec.ts';
import { reclaimTaintKey } from './spot-machines.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 6
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: "x:1" }] }
`;

/** When what happened to the node and its pods first, seconds. */
function story(
  kubelet: string,
  fault: string,
): { readonly at: ReadonlyMap<string, number>; readonly nodes: readonly Node[] } {
  const at = new Map<string, number>();
  const note = (what: string, now: number): void => void (at.has(what) || at.set(what, now / SECOND));
  const observerOf = (now: () => number): Partial<Facts> => ({
    committed: (kind, _slot, before, after) => {
      const { name } = (after ?? before)!.metadata;
      if (kind === 'Node' && name === 'p-a-1') {
        if (after === undefined) return note('node deleted', now());
        const node = after as Node;
        if (before === undefined && now() > 0) note('node created', now());
        if (node.spec.taints.some(({ key }) => key === reclaimTaintKey)) note('tainted', now());
        if (!isNodeReady(node)) note('not ready', now());
        else if (at.has('node created')) note('ready again', now());
      } else if (kind === 'Pod' && (before as Pod | undefined)?.spec.nodeName === 'p-a-1') {
        if ((after as Pod | undefined)?.status.reason === 'Terminated') note('pod terminated', now());
        if (after === undefined) note('pod gone', now());
      }
    },
    machineChanged: (name, state) => {
      if (name === 'p-a-1') note(`machine ${state}`, now());
    },
  });
  const pools =
    'cluster: { nodePools: [{ name: p, count: 3, zones: [a, b, c], capacity: { cpu: 8, memory: 16Gi } }] }\n';
  const spec = `${pools}${kubelet}workload:\n  - manifests: [web.yaml]\nfaults:\n  - spotReclaim: ${fault}\n`;
  const { simulation } = runSpec(spec, { 'web.yaml': deployment }, observerOf);
  expect([...simulation.server.state.list('Pod')].filter(({ status }) => status.phase === 'Running')).toHaveLength(6);
  return { at, nodes: [...simulation.server.state.list('Node')] };
}

describe('a spot machine that is reclaimed', () => {
  test('without graceful shutdown runs on until it is gone; its Node goes 5 s after it is Unknown, its pods after the quarantine', () => {
    const { at, nodes } = story('', '{ at: 10m, node: p-a-1, notice: 30s }');
    expect(at.get('tainted')).toBeCloseTo(600, 1);
    expect(at.get('machine down')).toBe(630);
    // 40 to 55 s to Unknown, then the next of the cloud's looks every 5 s.
    expect(at.get('not ready')! - 630).toBeGreaterThan(40);
    expect(at.get('not ready')! - 630).toBeLessThan(55.2);
    expect(at.get('node deleted')! - at.get('not ready')!).toBeLessThan(5.1);
    // Pod garbage collection: 40 s of quarantine, looked at every 20 s.
    expect(at.get('pod gone')! - at.get('node deleted')!).toBeGreaterThan(39);
    expect(at.get('pod gone')! - at.get('node deleted')!).toBeLessThan(82);
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(['p-b-1', 'p-c-1']);
  });

  test('with graceful shutdown ends its pods at the notice, and its Node goes within 5 s of its end', () => {
    const { at } = story('kubelet: { shutdownGracePeriod: 20s }\n', '{ at: 10m, node: p-a-1, notice: 30s }');
    expect(at.get('not ready')).toBeLessThan(600.1);
    expect(at.get('pod terminated')! - 600).toBeLessThan(4);
    expect(at.get('machine down')).toBe(630);
    expect(at.get('node deleted')! - 630).toBeLessThan(5.1);
  });

  test('is replaced by another one of its name, without the taint and after a boot', () => {
    const { at, nodes } = story('', '{ at: 10m, node: p-a-1, notice: 30s, duration: 10m }');
    expect(at.get('node created')).toBeCloseTo(1200, 1);
    expect(at.get('ready again')! - 1230).toBeGreaterThanOrEqual(0);
    expect(at.get('ready again')! - 1230).toBeLessThan(1);
    const node = nodes.find(({ metadata }) => metadata.name === 'p-a-1')!;
    expect([isNodeReady(node), node.spec.taints]).toEqual([true, []]);
  });
});
