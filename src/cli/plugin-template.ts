/** The files that `orrery init plugin` writes; the name stands in them as Kubernetes and as TypeScript would write it. */

/** A plugin's name in the forms that its files need. */
export interface PluginNames {
  /** `FewestPods`: as in a KubeSchedulerConfiguration. */
  readonly plugin: string;
  /** `fewestPods`: the constant. */
  readonly constant: string;
  /** `fewest-pods`: the file, without its ending. */
  readonly file: string;
}

/** The names of a plugin that is called `FewestPods`. */
export function pluginNames(plugin: string): PluginNames {
  const words = plugin.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+/g) ?? [plugin];
  const [first, ...rest] = words;
  return { plugin, constant: first!.toLowerCase() + rest.join(''), file: words.join('-').toLowerCase() };
}

/** The module with the plugin. */
export function pluginText({ plugin, constant }: PluginNames): string {
  return `// A scoring plugin. It prefers nodes with few pods; put your own rule in its place.
import { cycleStateKey, definePlugin, nodeScoreMax } from 'kube-orrery/plugin';
import type { ArgsProblem, CycleState, NodeInfo, Pod, StateValue } from 'kube-orrery/plugin';

/** What stands under pluginConfig of a KubeSchedulerConfiguration. */
interface ${plugin}Args {
  /** Only pods of this namespace count; empty = all pods. */
  readonly namespace: string;
}

const defaultArgs: ${plugin}Args = { namespace: '' };

/** What one scheduling cycle remembers: written once by preScore, read for every node by score. */
interface ${plugin}State extends StateValue {
  /** The greatest number of pods on any feasible node. */
  readonly most: number;
}

const stateKey = cycleStateKey<${plugin}State>('${plugin}');

/** Fills in defaults and refuses what it cannot use, with the place. */
function readArgs(given: unknown, problems: ArgsProblem[]): ${plugin}Args {
  const args = { ...defaultArgs, ...(given as Partial<${plugin}Args> | undefined) };
  if (typeof args.namespace !== 'string') problems.push({ path: ['namespace'], message: 'must be a string' });
  return args;
}

function countPods({ pods }: NodeInfo, namespace: string): number {
  if (namespace === '') return pods.length;
  return pods.filter(({ pod }) => pod.metadata.namespace === namespace).length;
}

export const ${constant} = definePlugin<${plugin}Args>({
  name: '${plugin}',
  description: 'prefers nodes with few pods',
  defaultArgs,
  readArgs,
  create: ({ namespace }) => ({
    name: '${plugin}',
    /** Once per cycle, with the nodes that passed all filters. */
    preScore(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[]) {
      const most = nodes.reduce((greatest, node) => Math.max(greatest, countPods(node, namespace)), 0);
      const value: ${plugin}State = { most, clone: () => value };
      state.write(stateKey, value);
      return undefined;
    },
    /** An integer from 0 to 100, once per feasible node. */
    score(state: CycleState, _pod: Pod, node: NodeInfo) {
      const { most } = state.read(stateKey)!;
      return most === 0 ? 0 : Math.trunc((nodeScoreMax * (most - countPods(node, namespace))) / most);
    },
  }),
});
`;
}

/** Its test. */
export function pluginTestText({ plugin, constant, file }: PluginNames): string {
  return `import { pluginConformance, tryPlugin } from 'kube-orrery/plugin';
import { expect, test } from 'vitest';
import { ${constant} } from './${file}.ts';

const node = (name: string) => ({ metadata: { name }, status: { allocatable: { cpu: '4', pods: '10' } } });
const pod = (name: string, nodeName = '') => ({
  metadata: { name, namespace: 'default' },
  spec: { nodeName, containers: [{ name: 'c', image: 'app:1' }] },
});

test('${plugin} keeps to what kube-scheduler expects of every plugin', () => {
  expect(pluginConformance(${constant})).toEqual([]);
});

test('a node with half as many pods is worth half, an empty one all', () => {
  const nodes = ['a', 'b', 'c'].map(node);
  const pods = [pod('1', 'a'), pod('2', 'a'), pod('3', 'b')];
  const scores = tryPlugin(${constant}, { nodes, pods, pod: pod('new') }).map(({ score }) => score);
  expect(scores).toEqual([0, 50, 100]);
});

test('args of the wrong type are refused', () => {
  expect(pluginConformance(${constant}, { args: { namespace: 7 } })[0]).toContain('must be a string');
});
`;
}

/** How a KubeSchedulerConfiguration enables it. */
export function configurationText({ plugin }: PluginNames): string {
  return `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: default-scheduler
    plugins:
      # At every extension point that it has a method for; \`score\` alone would leave out its preScore.
      multiPoint:
        enabled:
          - { name: ${plugin}, weight: 10 }
    pluginConfig:
      - { name: ${plugin}, args: { namespace: '' } }
`;
}
