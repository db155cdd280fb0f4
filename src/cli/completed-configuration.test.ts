import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandFolder } from '../testing/command-folder.ts';
import { parse } from 'yaml';
import { defaultMultiPoint } from '../scheduler/plugins/default-profiles.ts';
import { inTreePlugins } from '../scheduler/plugins/registry.ts';
import { capturedIo } from '../testing/captured-io.ts';
import { completedArgs } from './completed-args.ts';
import { runCli } from './run-cli.ts';

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const scenario = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
spec:
  horizon: 1m
  cluster: { nodePools: [{ name: general, count: 1, capacity: { cpu: '4', memory: 8Gi, pods: '20' } }] }
`;

let folder: CommandFolder;
beforeEach(() => void (folder = new CommandFolder()));
afterEach(() => folder.remove());

/** The text that `--write-config-to` writes, and what was said besides. */
async function written(config?: string, command = 'validate'): Promise<{ text: string; code: number; said: string }> {
  folder.write('s.yaml', config === undefined ? scenario : `${scenario}  scheduler: { config: k.yaml }\n`);
  if (config !== undefined) folder.write('k.yaml', config);
  const io = capturedIo(folder.root);
  const code = await runCli([command, '-f', 's.yaml', '--write-config-to', '-'], io);
  return { text: io.out(), code, said: io.err() };
}

type Profile = {
  pluginConfig: { name: string; args: object }[];
  plugins: Record<string, { enabled?: { name: string; weight: number }[]; disabled?: object[] }>;
};
const profilesOf = (text: string): readonly Profile[] => (parse(text) as { profiles: Profile[] }).profiles;

describe('--write-config-to', () => {
  it('writes what kube-scheduler without a file runs with, in the form of its own encoder', async () => {
    const { text, code } = await written();
    expect(code).toBe(0);
    const general = text.slice(0, text.indexOf('profiles:'));
    // As the encoding tests of `ps/apis/config/scheme` show it: keys in order, empty texts, durations of Go.
    expect(general).toBe(`apiVersion: kubescheduler.config.k8s.io/v1
clientConnection:
  acceptContentTypes: ""
  burst: 100
  contentType: application/vnd.kubernetes.protobuf
  kubeconfig: ""
  qps: 50
enableContentionProfiling: true
enableProfiling: true
kind: KubeSchedulerConfiguration
leaderElection:
  leaderElect: true
  leaseDuration: 15s
  renewDeadline: 10s
  resourceLock: leases
  resourceName: kube-scheduler
  resourceNamespace: kube-system
  retryPeriod: 2s
parallelism: 16
percentageOfNodesToScore: 0
podInitialBackoffSeconds: 1
podMaxBackoffSeconds: 10
`);
    expect(text).toContain('profiles:\n- pluginConfig:\n');
    expect(text).toContain(`
  - args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      scoringStrategy:
        resources:
        - name: cpu
          weight: 1
        - name: memory
          weight: 1
        type: LeastAllocated
    name: NodeResourcesFit
`);
    expect(text).toContain('\n  plugins:\n    bind: {}\n    filter: {}\n    multiPoint:\n      enabled:\n');
    const known = new Set(inTreePlugins.map(({ name }) => name));
    const { multiPoint } = profilesOf(text)[0]!.plugins;
    expect(multiPoint!.enabled).toEqual(defaultMultiPoint.filter(({ name }) => known.has(name)));
  });

  it('writes the merged plugins and the completed args of a profile, and is a fixed point', async () => {
    const config = `${head}parallelism: 8
profiles:
- schedulerName: packing
  percentageOfNodesToScore: 30
  plugins:
    multiPoint: { enabled: [{ name: NodeAffinity, weight: 18 }, { name: ImageLocality }], disabled: [{ name: NodePorts }] }
    score: { disabled: [{ name: TaintToleration }] }
  pluginConfig:
  - { name: NodeResourcesFit, args: { scoringStrategy: { type: MostAllocated, resources: [{ name: cpu }] } } }
`;
    const { text } = await written(config);
    const [profile] = profilesOf(text);
    const multiPoint = profile!.plugins['multiPoint']!;
    const weights = new Map(multiPoint.enabled!.map(({ name, weight }) => [name, weight]));
    expect([...weights].slice(0, 2)).toEqual([['SchedulingGates', 0], ['PrioritySort', 0]]); // prettier-ignore
    expect([weights.get('NodeAffinity'), weights.get('ImageLocality'), weights.has('NodePorts')]).toEqual([
      18,
      0,
      false,
    ]);
    expect(multiPoint.disabled).toEqual([{ name: 'NodePorts', weight: 0 }]);
    expect(profile!.plugins['score']).toEqual({ disabled: [{ name: 'TaintToleration', weight: 0 }] });
    expect(profile!.pluginConfig[0]).toEqual({
      name: 'NodeResourcesFit',
      args: {
        apiVersion: 'kubescheduler.config.k8s.io/v1',
        kind: 'NodeResourcesFitArgs',
        scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] },
      },
    });
    expect(parse(text)).toMatchObject({ parallelism: 8, profiles: [{ percentageOfNodesToScore: 30 }] });
    expect((await written(text)).text).toBe(text);
  });

  it('writes to a file, of one scenario only, and nothing where the configuration is wrong', async () => {
    await written();
    const io = capturedIo(folder.root);
    expect(await runCli(['run', '-f', 's.yaml', '--write-config-to', 'full.yaml'], io)).toBe(0);
    expect(folder.read('full.yaml')).toContain('kind: KubeSchedulerConfiguration');
    folder.write('t.yaml', scenario.replace('tiny', 'other'));
    const two = capturedIo(folder.root);
    expect(await runCli(['run', '-f', 's.yaml', '-f', 't.yaml', '--write-config-to', '-'], two)).toBe(2);
    expect(two.err()).toContain('--write-config-to takes one scenario; there are 2');
    const wrong = await written(`${head}parallelism: 0\n`);
    expect(wrong.code).toBe(2);
    expect(wrong.text).toContain('k.yaml:3:14');
    expect(wrong.text).not.toContain('leaderElection');
  });
});

describe('completed args', () => {
  const typed = (kind: string): object => ({ apiVersion: 'kubescheduler.config.k8s.io/v1', kind });

  it.each([
    ['NodeAffinity', null, typed('NodeAffinityArgs')],
    [
      'DefaultPreemption',
      { minCandidateNodesPercentage: 50 },
      { ...typed('DefaultPreemptionArgs'), minCandidateNodesPercentage: 50, minCandidateNodesAbsolute: 100 },
    ],
    [
      'NodeResourcesBalancedAllocation',
      { resources: [] },
      {
        ...typed('NodeResourcesBalancedAllocationArgs'),
        resources: [
          { name: 'cpu', weight: 1 },
          { name: 'memory', weight: 1 },
        ],
      },
    ],
    [
      'NodeResourcesFit',
      {
        scoringStrategy: {
          type: 'RequestedToCapacityRatio',
          resources: [{ name: 'cpu', weight: 0 }],
          requestedToCapacityRatio: { shape: [{ utilization: 0 }, { utilization: 100, score: 10 }] },
        },
      },
      {
        ...typed('NodeResourcesFitArgs'),
        scoringStrategy: {
          type: 'RequestedToCapacityRatio',
          resources: [{ name: 'cpu', weight: 1 }],
          requestedToCapacityRatio: {
            shape: [
              { utilization: 0, score: 0 },
              { utilization: 100, score: 10 },
            ],
          },
        },
      },
    ],
    ['SomebodysOwn', { foo: 'bar' }, { foo: 'bar' }],
    ['SomebodysOwn', undefined, undefined],
  ])('of %s, given %j', (plugin, given, expected) => {
    expect(completedArgs(plugin, given)).toEqual(expected);
  });
});
