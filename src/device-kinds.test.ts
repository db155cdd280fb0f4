/**
 * Another kind of device is one more file: GPUs that are cut into instances by MIG profile. A profile takes so many of the seven
 * compute slices of one GPU; which GPU of its node a pod has its instance on, an annotation says.
 */
import { expect, test } from 'vitest';
import type { Pod } from './api/core-v1.ts';
import { labelValue } from './api/meta-v1.ts';
import { podDeviceColumns, nodeDeviceColumns } from './metrics/device-columns.ts';
import { readSchedulerSetup } from './scenario/scheduler-setup.ts';
import type { DeviceKind } from './scheduler/devices/device-kind.ts';
import { wholeDevice } from './scheduler/devices/device-kind.ts';
import { definePlugin } from './scheduler/framework/define-plugin.ts';
import { DeviceSharing } from './scheduler/plugins/device-sharing.ts';
import { Simulation } from './simulation.ts';
import { soundScenario } from './testing/load-from-memory.ts';
import { nodeSha256 } from './testing/sha256.ts';

const slices = 7;

const migProfiles: DeviceKind = {
  name: 'mig',
  resource: 'example.com/mig-milli',
  stockOf({ metadata: { labels }, status: { allocatable } }) {
    const count = allocatable.get('example.com/mig-gpus') ?? 0;
    return count === 0 ? undefined : { count, model: labelValue(labels, 'nvidia.com/gpu.product') ?? '' };
  },
  demandOf(annotations) {
    const profile = labelValue(annotations, 'example.com/mig-profile');
    if (profile === undefined) return undefined;
    const taken = Number(/^([1-7])g\./.exec(profile)?.[1] ?? 0);
    if (taken === 0) return { problem: `there is no profile ${profile}` };
    const milli = taken === slices ? wholeDevice : taken * Math.floor(wholeDevice / slices);
    return { count: 1, milli, models: [] };
  },
  indicesOf({ metadata: { annotations } }) {
    const index = labelValue(annotations, 'example.com/mig-gpu');
    return index === undefined ? [] : [Number(index)];
  },
  annotationsOf: (indices) => ({ 'example.com/mig-gpu': indices.join('-') }),
};

const migShare = definePlugin({
  name: 'MigShare',
  description: 'gives pods instances of GPUs by MIG profile',
  create: (_args, handle) => new DeviceSharing('MigShare', migProfiles, 'best', handle),
});

const node = `apiVersion: v1
kind: Node
metadata: { name: a, labels: { nvidia.com/gpu.product: A100 } }
status:
  allocatable: { cpu: "32", memory: 64Gi, pods: "110", example.com/mig-gpus: "2" }
  conditions: [{ type: Ready, status: "True" }]
`;

const pod = (name: string, profile: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, annotations: { example.com/mig-profile: ${profile} } }
spec: { restartPolicy: Never, containers: [{ name: main, image: app }] }
`;

const config = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles: [{ plugins: { multiPoint: { enabled: [{ name: MigShare }] } } }]
`;

test('pods get instances by profile, wait for slices, and give them back: plugin, messages and columns come with the kind', () => {
  const pods = ['4g.20gb', '3g.20gb', '7g.40gb', '1g.5gb', '9g.0gb'].map((profile, at) => pod(`p${at}`, profile));
  const scenario = soundScenario(
    `cluster: { manifests: [node.yaml] }
workload: [{ manifests: [pods.yaml] }]
behaviors: [{ runDuration: 60s }]
scheduler: { config: config.yaml }
`,
    { 'node.yaml': node, 'pods.yaml': pods.join('---\n'), 'config.yaml': config },
  );
  const { setup, errors } = readSchedulerSetup(scenario, [migShare]);
  expect(errors).toEqual([]);
  const seen = new Map<string, Pod>();
  const columns = podDeviceColumns([migProfiles]);
  const simulation = new Simulation(scenario, {
    createHash: nodeSha256,
    scheduler: setup!,
    check: 'full',
    observers: [
      {
        committed: (kind, _slot, _before, after) =>
          kind === 'Pod' && after && seen.set(after.metadata.name, after as Pod),
      },
    ],
  });
  const stop = simulation.advance(1_000_000);
  [...seen.values()].forEach((each, row) => columns.note(row, each));
  // 4 + 3 slices are one GPU, the profile of seven has the other; one slice more waits for a pod to end.
  expect(columns.headers().map(({ name }) => name)).toEqual(['mig_count', 'mig_milli', 'migs']);
  expect([...seen.keys()].map((name, row) => [name, ...columns.of(row)])).toEqual([
    ['p0', 1, 568, '0'],
    ['p1', 1, 426, '0'],
    ['p2', 1, 1000, '1'],
    ['p3', 1, 142, '0'],
    ['p4', undefined, undefined, undefined],
  ]);
  expect(seen.get('p3')!.status.phase).toBe('Succeeded');
  expect(seen.get('p4')!.status.schedulingMessage).toContain('there is no profile 9g.0gb');
  const nodes = nodeDeviceColumns([migProfiles]);
  nodes.note('a', simulation.server.state.get('Node', '', 'a')!);
  expect([nodes.headers().map(({ name }) => name), nodes.of('a')]).toEqual([
    ['migs', 'mig_model'],
    [2, 'A100'],
  ]);
  expect(simulation.finish(stop).violations).toEqual([]);
});
