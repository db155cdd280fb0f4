import { describe, expect, it } from 'vitest';
import { testRegistry } from '../testing/scheduler-fixture.ts';
import { readSchedulerConfiguration } from './configuration.ts';
import type { SchedulerConfiguration } from './configuration.ts';
import { definePlugin } from './framework/define-plugin.ts';
import { expandPoint, scoreWeight } from './framework/profile.ts';
import type { PluginSet, PluginSetName } from './framework/profile.ts';
import { defaultMultiPoint } from './plugins/default-profiles.ts';
import { mergePlugins } from './profile-configuration.ts';

const own = definePlugin<{ readonly factor: number }>({
  name: 'MyScore',
  defaultArgs: { factor: 1 },
  readArgs: (given) => ({ factor: (given as { factor?: number } | undefined)?.factor ?? 1 }),
  validateArgs: ({ factor }) => (factor > 0 ? [] : [{ path: ['factor'], message: 'must be positive' }]),
  create: () => ({ name: 'MyScore', score: () => 0 }),
});
const plain = definePlugin({ name: 'Plain', create: () => ({ name: 'Plain', score: () => 0 }) });

function read(fields: object | undefined): { configuration: SchedulerConfiguration; messages: readonly string[] } {
  const typed = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', ...fields };
  const { configuration, problems } = readSchedulerConfiguration(
    fields === undefined ? undefined : typed,
    testRegistry(own, plain),
  );
  return { configuration, messages: problems.map(({ message }) => message) };
}

const names = (set: PluginSet | undefined): readonly string[] => (set?.enabled ?? []).map(({ name }) => name);

describe('the default configuration', () => {
  const { configuration, messages } = read(undefined);
  const [profile] = configuration.profiles;

  it('has upstream’s numbers', () => {
    expect(messages).toEqual([]);
    expect(configuration).toMatchObject({
      percentageOfNodesToScore: 0,
      podInitialBackoffSeconds: 1,
      podMaxBackoffSeconds: 10,
      clientQueriesPerSecond: 50,
      clientBurst: 100,
    });
    expect(profile).toMatchObject({ schedulerName: 'default-scheduler', percentageOfNodesToScore: undefined });
  });

  it('runs the default plugins in upstream’s order', () => {
    expect(names(profile!.plugins.get('multiPoint'))).toEqual(defaultMultiPoint.map(({ name }) => name));
    expect(defaultMultiPoint).toHaveLength(20);
  });

  it('is what an empty file gives too', () => {
    expect(read({})).toEqual({ configuration, messages: [] });
  });
});

describe('what is refused', () => {
  const enabled = (name: string): object => ({ profiles: [{ plugins: { multiPoint: { enabled: [{ name }] } } }] });

  it.each([
    [{ parallelism: 0 }, 'parallelism: Invalid value: 0: should be an integer value greater than zero'],
    [{ percentageOfNodesToScore: 101 }, 'percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]'],
    [{ podInitialBackoffSeconds: 0 }, 'podInitialBackoffSeconds: Invalid value: 0: must be greater than 0'],
    [
      { podMaxBackoffSeconds: 0 },
      'podMaxBackoffSeconds: Invalid value: 0: must be greater than or equal to PodInitialBackoffSeconds',
    ],
    [{ percentOfNodesToScore: 5 }, 'unknown field "percentOfNodesToScore"'],
    [{ parallelsim: 5 }, 'unknown field "parallelsim" (did you mean "parallelism"?)'],
    [
      { extenders: [{ urlPrefix: 'http://x' }] },
      'extenders[0]: Forbidden: extenders are not modelled by this version of the simulator (http://x)',
    ],
    [
      enabled('NodeResourcesFitt'),
      'profiles[0].plugins.multiPoint.enabled[0].name: Invalid value: "NodeResourcesFitt": ' +
        'plugin "NodeResourcesFitt" does not exist (did you mean "NodeResourcesFit"?)',
    ],
    [
      enabled('TopologyPlacementGenerator'),
      'profiles[0].plugins.multiPoint.enabled[0].name: Forbidden: ' +
        'plugin "TopologyPlacementGenerator" is not modelled by this version of the simulator',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'GangScheduling', args: {} }] }] },
      'profiles[0].pluginConfig[0].name: Forbidden: ' +
        'plugin "GangScheduling" is not modelled by this version of the simulator',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'InterPodAffinity', args: { hardPodAffinityWeight: 101 } }] }] },
      'profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'MyScore', args: { factor: -1 } }] }] },
      'profiles[0].pluginConfig[0].args.factor: must be positive',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'Plain', args: { a: 1 } }] }] },
      'profiles[0].pluginConfig[0].args: Forbidden: plugin "Plain" takes no args',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'MyScore' }, { name: 'MyScore' }] }] },
      'profiles[0].pluginConfig[1]: Duplicate value: "MyScore"',
    ],
    [
      { profiles: [{ plugins: { queueSort: { enabled: [{ name: 'PrioritySort' }, { name: 'MyScore' }] } } }] },
      'profiles[0].plugins.queueSort.enabled: Invalid value: "PrioritySort MyScore": ' +
        'only one queue sort plugin can be enabled',
    ],
    [
      {
        profiles: [
          { schedulerName: 'a' },
          { schedulerName: 'b', plugins: { queueSort: { disabled: [{ name: '*' }] } } },
        ],
      },
      'profiles[1].plugins.queueSort: Invalid value: "": must be the same for all profiles',
    ],
    [
      { profiles: [{ plugins: { score: { enabled: [{ name: 'EBSLimits' }] } } }] },
      'profiles[0].plugins.score.enabled[0]: Invalid value: "EBSLimits": was invalid in version ' +
        '"kubescheduler.config.k8s.io/v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")',
    ],
    [
      { profiles: [{ plugins: { score: { enabled: [{ name: 'MyScore', weight: 2147483648 }] } } }] },
      'profiles[0].plugins.score.enabled[0].weight: Invalid value: 2147483648: must be less than or equal to 2147483647',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'NodeAffinity', args: { kind: 'NodeResourcesFitArgs' } }] }] },
      'profiles[0].pluginConfig[0].args.kind: Invalid value: "NodeResourcesFitArgs": has to match plugin args',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'NodeAffinity', args: { apiVersion: 'v1' } }] }] },
      'profiles[0].pluginConfig[0].args.apiVersion: Invalid value: "v1": ' +
        'no kind "NodeAffinityArgs" is registered for this version (expected kubescheduler.config.k8s.io/v1)',
    ],
    [
      { profiles: [{ percentageOfNodesToScore: -1 }] },
      'profiles[0].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]',
    ],
    [{ clientConnection: { burst: -1 } }, 'clientConnection.burst: Invalid value: -1: must be non-negative'],
    [{ enableProfiling: 'yes' }, 'enableProfiling: Invalid value: "yes": must be true or false'],
    [
      { leaderElection: { resourceLock: 'endpoints' } },
      'leaderElection.resourceLock: Invalid value: "endpoints": resourceLock value must be "leases"',
    ],
    [
      { leaderElection: { leaseDuration: '9s' } },
      'leaderElection.leaseDuration: Invalid value: "10s": LeaseDuration must be greater than RenewDeadline',
    ],
    [
      { leaderElection: { retryPeriod: '-1.5s' } },
      'leaderElection.retryPeriod: Invalid value: "-1.5s": must be greater than zero',
    ],
    [
      { leaderElection: { retryPeriod: '2x' } },
      'leaderElection.retryPeriod: Invalid value: "2x": time: invalid duration "2x"',
    ],
    [
      { leaderElection: { leaderElct: true } },
      'unknown field "leaderElection.leaderElct" (did you mean "leaderElect"?)',
    ],
    [{ profiles: [{ schedulerName: 'a' }, {}] }, 'profiles[1].schedulerName: Required value'],
    [{ profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] }, 'profiles[1].schedulerName: Duplicate value: "a"'],
  ])('%j: %s', (fields, message) => {
    expect(read(fields).messages).toEqual([message]);
  });

  it('all at once, and the args of a plugin that is configured twice both times', () => {
    const wrong = { name: 'NodeAffinity', args: { kind: 'PrioritySortArgs' } };
    expect(read({ parallelism: -1, profiles: [{ pluginConfig: [wrong, wrong] }] }).messages).toHaveLength(4);
  });

  it.each([
    [{ leaderElection: { leaderElect: false, resourceLock: 'endpoints', leaseDuration: '1h1m0.5s' } }],
    [{ clientConnection: { kubeconfig: '/etc/kubernetes/scheduler.conf', qps: 0, burst: 0 } }],
    [{ enableProfiling: false, enableContentionProfiling: false, delayCacheUntilActive: true, parallelism: 32 }],
  ])('but not what changes nothing here: %j', (fields) => {
    const { configuration, messages } = read(fields);
    expect(messages).toEqual([]);
    expect(configuration).toEqual(read(undefined).configuration);
  });

  it.each([
    [
      { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 101 }] },
      'resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]',
    ],
    [{ type: 'Most' }, 'type: Unsupported value: "Most"'],
    [
      { type: 'RequestedToCapacityRatio' },
      'requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio',
    ],
    [
      { type: 'LeastAllocated', requestedToCapacityRatio: { shape: [] } },
      'requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio',
    ],
    [
      { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape: [] } },
      'requestedToCapacityRatio.shape: Required value: at least one point must be specified',
    ],
    [
      {
        type: 'RequestedToCapacityRatio',
        requestedToCapacityRatio: {
          shape: [
            { utilization: 5, score: 1 },
            { utilization: 5, score: 2 },
          ],
        },
      },
      'requestedToCapacityRatio.shape[1].utilization: Invalid value: 5: values must be sorted in increasing order',
    ],
    [
      { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape: [{ utilization: 0, score: 11 }] } },
      'requestedToCapacityRatio.shape[0].score: Invalid value: 11: not in valid range [0, 10]',
    ],
  ])('a scoringStrategy of %j: %s', (scoringStrategy, message) => {
    const args = { kind: 'NodeResourcesFitArgs', scoringStrategy };
    const [found] = read({ profiles: [{ pluginConfig: [{ name: 'NodeResourcesFit', args }] }] }).messages;
    expect(found).toContain(`profiles[0].pluginConfig[0].args.scoringStrategy.${message}`);
  });

  it('says where, so that the line of a file can be found', () => {
    const { problems } = readSchedulerConfiguration(
      {
        apiVersion: 'kubescheduler.config.k8s.io/v1',
        kind: 'KubeSchedulerConfiguration',
        profiles: [{ pluginConfig: [{ name: 'MyScore', args: { factor: 0 } }] }],
      },
      testRegistry(own),
    );
    expect(problems[0]!.path).toEqual(['profiles', 0, 'pluginConfig', 0, 'args', 'factor']);
  });

  it.each([
    [{ apiVersion: 'v1', kind: 'Pod' }, "couldn't decode as KubeSchedulerConfiguration, got v1, Kind=Pod"],
    [{}, "couldn't decode as KubeSchedulerConfiguration, got , Kind="],
    ['text', "couldn't decode as KubeSchedulerConfiguration, got string"],
    [null, "couldn't decode as KubeSchedulerConfiguration, got nothing"],
    [[], "couldn't decode as KubeSchedulerConfiguration, got a list"],
  ])('something else, %j', (raw, message) => {
    const { problems } = readSchedulerConfiguration(raw, testRegistry());
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toContain(message);
  });
});

describe('profiles', () => {
  it('take a plugin of the user’s own with its args, and one that he brings for a missing one', () => {
    const spread = definePlugin({ name: 'PodTopologySpread', create: () => ({ name: 'PodTopologySpread' }) });
    const raw = {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles: [
        {
          schedulerName: 'mine',
          percentageOfNodesToScore: 30,
          plugins: { score: { enabled: [{ name: 'MyScore', weight: 4 }] } },
          pluginConfig: [{ name: 'MyScore', args: { factor: 3 } }],
        },
      ],
    };
    const { configuration, problems } = readSchedulerConfiguration(raw, testRegistry(own, spread));
    const [profile] = configuration.profiles;
    expect(problems).toEqual([]);
    expect(profile).toMatchObject({ schedulerName: 'mine', percentageOfNodesToScore: 30 });
    expect(profile!.args.get('MyScore')).toEqual({ factor: 3 });
    expect(profile!.plugins.get('score')).toEqual({ enabled: [{ name: 'MyScore', weight: 4 }], disabled: [] });
    expect(names(profile!.plugins.get('multiPoint'))).toContain('PodTopologySpread');
  });
});

describe('merging with the defaults', () => {
  const defaults = ['A', 'B', 'C'].map((name) => ({ name, weight: 2 }));
  const merge = (enabled: readonly string[], disabled: readonly string[]): string =>
    mergePlugins(defaults, { enabled: enabled.map((name) => ({ name, weight: 7 })), disabled })
      .enabled.map(({ name, weight }) => name + weight)
      .join(' ');

  it.each([
    [[], [], 'A2 B2 C2'],
    [['B'], [], 'A2 B7 C2'],
    [['D', 'A'], [], 'A7 B2 C2 D7'],
    [[], ['B'], 'A2 C2'],
    [['B'], ['B'], 'A2 C2 B7'],
    [['C', 'X'], ['*'], 'C7 X7'],
  ])('enabling %j and disabling %j gives %s', (enabled, disabled, merged) => {
    expect(merge(enabled, disabled)).toBe(merged);
  });
});

describe('expanding multiPoint into one point', () => {
  const set = (enabled: readonly string[], disabled: readonly string[] = []): PluginSet => ({
    enabled: enabled.map((name) => ({ name, weight: 0 })),
    disabled,
  });
  const expand = (filter: PluginSet): string => {
    const plugins = new Map<PluginSetName, PluginSet>([
      ['multiPoint', set(['A', 'B', 'C', 'Score'])],
      ['filter', filter],
    ]);
    return expandPoint(plugins, 'filter', (name) => name !== 'Score')
      .map(({ name }) => name)
      .join('');
  };

  it.each([
    [set([]), 'ABC'],
    // Own entries that multiPoint has too come first, then the rest of multiPoint, then the other own ones.
    [set(['C', 'X']), 'CABX'],
    [set(['X', 'B']), 'BACX'],
    [set([], ['A']), 'BC'],
    [set(['C'], ['*']), 'C'],
    [set([], ['*']), ''],
  ])('%j gives %s', (filter, order) => {
    expect(expand(filter)).toBe(order);
  });

  it('takes the weight from the point first, and none counts as 1', () => {
    const weighted = (name: string, weight: number): PluginSet => ({ enabled: [{ name, weight }], disabled: [] });
    expect(
      scoreWeight(
        new Map([
          ['score', weighted('A', 5)],
          ['multiPoint', weighted('A', 3)],
        ]),
        'A',
      ),
    ).toBe(5);
    expect(
      scoreWeight(
        new Map([
          ['score', weighted('A', 0)],
          ['multiPoint', weighted('A', 3)],
        ]),
        'A',
      ),
    ).toBe(1);
    expect(scoreWeight(new Map([['multiPoint', weighted('A', 3)]]), 'A')).toBe(3);
  });
});
