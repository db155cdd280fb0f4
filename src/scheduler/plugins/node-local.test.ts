import { expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import type { DrawnWorld } from '../conformance/drawn-world.ts';
import { drawWorld } from '../conformance/drawn-world.ts';
import type { TrialSetup } from '../conformance/plugin-trial.ts';
import { PluginTrial, setupOf } from '../conformance/plugin-trial.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { Status, isSkip } from '../framework/status.ts';
import { inTreePlugins } from './registry.ts';

const fixture = new SchedulerFixture();
const local = inTreePlugins.filter(({ name }) => fixture.framework.plugin(name)?.isNodeLocal === true);
const nothing = 'nothing';

/** What a plugin says of the first node. */
function aboutFirst(setup: TrialSetup, world: DrawnWorld): string {
  const { plugin, pod, nodes } = new PluginTrial(setup, world);
  const state = new CycleState();
  const before = plugin.preFilter?.(state, pod, nodes);
  const isFiltered = plugin.filter !== undefined && !(before instanceof Status && isSkip(before));
  const refusal = isFiltered ? (plugin.filter!(state, pod, nodes[0]!)?.message ?? 'ok') : nothing;
  const isScored = plugin.score !== undefined && plugin.preScore?.(state, pod, nodes) === undefined;
  return `${refusal} ${isScored ? String(plugin.score!(state, pod, nodes[0]!)) : nothing}`;
}

/** The first node with its pods, alone. */
function firstAlone({ nodes, bound, waiting }: DrawnWorld): DrawnWorld {
  const { name } = nodes[0]!['metadata'] as { name: string };
  const isOnFirst = (pod: DrawnWorld['waiting']): boolean => (pod['spec'] as { nodeName: string }).nodeName === name;
  return { nodes: nodes.slice(0, 1), bound: bound.filter(isOnFirst), waiting };
}

it.each(local.map((definition) => [definition.name, definition] as const))(
  '%s says the same of a node, whatever else there is in the cluster',
  (_name, definition) => {
    const setup = setupOf(definition, undefined);
    for (let number = 0; number < 60; number++) {
      const world = drawWorld(number);
      expect(aboutFirst(setup, world)).toBe(aboutFirst(setup, firstAlone(world)));
    }
  },
);

it('is claimed by those that look at one node only', () => {
  expect(local.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['NodeName', 'NodeResourcesFit', 'NodeResourcesBalancedAllocation']),
  );
});
