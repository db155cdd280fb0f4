import { describe, expect, test } from 'vitest';
import { podRequests } from '../api/resources.ts';
import { makeContainer, makeNode, makePodSpec } from '../testing/builders.ts';
import { admit } from './admission.ts';
import type { NodeUsage } from './admission.ts';

const empty: NodeUsage = {
  pressures: new Set(),
  isShuttingDown: false,
  podCount: 0,
  requested: () => 0,
  hostPorts: [],
};
const port = (hostPort: number, hostIP = '', protocol: 'TCP' | 'UDP' = 'TCP') =>
  ({ name: '', containerPort: 80, hostPort, hostIP, protocol }) as const;

function reason(
  spec: Parameters<typeof makePodSpec>[0],
  usage: Partial<NodeUsage> = {},
  node = makeNode('n', { labels: { disk: 'hdd' } }),
): string {
  const whole = makePodSpec({ nodeName: 'n', ...spec });
  return admit(whole, podRequests(whole), node, { ...empty, ...usage }, 110)?.reason ?? 'admitted';
}

describe('a kubelet refuses a pod', () => {
  const requesting = (requests: Record<string, number>) => ({ containers: [makeContainer({ requests })] });

  test('for the first resource that lacks, cpu before memory before others', () => {
    expect(reason(requesting({ memory: 64e9, cpu: 5000 }))).toBe('OutOfcpu');
    expect(reason(requesting({ 'ephemeral-storage': 1, memory: 64e9 }))).toBe('OutOfmemory');
    expect(reason(requesting({ 'ephemeral-storage': 1 }))).toBe('OutOfephemeral-storage');
    expect(reason(requesting({ cpu: 4000 }))).toBe('admitted');
    expect(reason(requesting({ cpu: 4000 }), { requested: () => 1 })).toBe('OutOfcpu');
    expect(reason(requesting({ 'example.com/gpu': 1 }))).toBe('admitted');
  });

  test('when the node has its number of pods', () => {
    expect(reason({}, { podCount: 109 })).toBe('admitted');
    expect(reason({}, { podCount: 110 })).toBe('OutOfpods');
  });

  test('for labels, name, ports and NoExecute taints, but not for NoSchedule', () => {
    const tainted = (effect: 'NoSchedule' | 'NoExecute') =>
      makeNode('n', { spec: { taints: [{ key: 'k', value: '', effect, timeAdded: undefined }] } });
    const withPort = { containers: [makeContainer({ ports: [port(8080)] })] };
    expect(reason({ nodeSelector: { disk: 'ssd' } })).toBe('NodeAffinity');
    expect(reason({ nodeName: 'other' })).toBe('NodeName');
    expect(reason(withPort, { hostPorts: [port(8080, '10.0.0.1')] })).toBe('NodePorts');
    expect(reason(withPort, { hostPorts: [port(8080, '', 'UDP')] })).toBe('admitted');
    expect(reason({}, {}, tainted('NoExecute'))).toBe('TaintToleration');
    expect(reason({}, {}, tainted('NoSchedule'))).toBe('admitted');
  });

  test('without a node object', () => {
    expect(admit(makePodSpec(), new Map(), undefined, empty, 110)?.reason).toBe('InvalidNodeInfo');
  });
});
