import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PluginTrial, drawnWorlds } from '../../testing/plugin-conformance.ts';
import type { DrawnWorld } from '../../testing/plugin-conformance.ts';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import type { PluginDefinition } from '../framework/define-plugin.ts';
import { inTreePlugins } from './registry.ts';

const fixture = new SchedulerFixture();
const local = inTreePlugins.filter(({ name }) => fixture.framework.plugin(name)?.isNodeLocal === true);

/** What a plugin says of the first node. */
function aboutFirst(definition: PluginDefinition, world: DrawnWorld): string {
  const trial = new PluginTrial(definition, world);
  const { plugin, pod, nodes } = trial;
  const state = new CycleState();
  const isSkipped = trial.skipsFilter(state);
  const verdict = plugin.filter === undefined || isSkipped ? '' : trial.verdicts(state, nodes.slice(0, 1)).join();
  const isUnscored = plugin.score === undefined || plugin.preScore?.(state, pod, nodes) !== undefined;
  return `${verdict} ${isUnscored ? '' : String(plugin.score!(state, pod, nodes[0]!))}`;
}

/** The first node with its pods, alone. */
function firstAlone({ nodes, bound, waiting }: DrawnWorld): DrawnWorld {
  return { nodes: nodes.slice(0, 1), bound: bound.filter((_pod, at) => at % nodes.length === 0), waiting };
}

it.each(local.map((definition) => [definition.name, definition] as const))(
  '%s says the same of a node, whatever else there is in the cluster',
  (_name, definition) => {
    fc.assert(
      fc.property(drawnWorlds, (world) => {
        expect(aboutFirst(definition, world)).toBe(aboutFirst(definition, firstAlone(world)));
      }),
      { numRuns: 60 },
    );
  },
);

it('is claimed by those that look at one node only', () => {
  expect(local.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['NodeName', 'NodeResourcesFit', 'NodeResourcesBalancedAllocation']),
  );
});
