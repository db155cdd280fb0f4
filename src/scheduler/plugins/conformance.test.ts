import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PluginTrial, drawnWorlds } from '../../testing/plugin-conformance.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin } from '../framework/interface.ts';
import { skip, unschedulable } from '../framework/status.ts';
import { notModelledPlugins } from './default-profiles.ts';
import { inTreePlugins } from './registry.ts';

const runs = { numRuns: 60 };

describe.each(inTreePlugins.map((definition) => [definition.name, definition] as const))('%s', (name, definition) => {
  it('has a description, and no other plugin has its name', () => {
    expect(definition.description).toMatch(/^[a-z].*[^.]$/);
    expect(inTreePlugins.filter((other) => other.name === name)).toHaveLength(1);
    expect(notModelledPlugins).not.toContain(name);
  });

  it('gives integers in 0..100 after normalizing', () => {
    fc.assert(
      fc.property(drawnWorlds, (world) => {
        expect(new PluginTrial(definition, world).badScores()).toEqual([]);
      }),
      runs,
    );
  });

  it('scores all nodes at once as it scores each by itself', () => {
    fc.assert(
      fc.property(drawnWorlds, (world) => {
        const [single, together] = new PluginTrial(definition, world).rawScores();
        expect(together).toEqual(single);
      }),
      runs,
    );
  });

  it('answers the same to the same question, and leaves frozen pods and nodes as they are', () => {
    fc.assert(
      fc.property(drawnWorlds, (world) => {
        const trial = new PluginTrial(definition, world);
        const first = trial.answers();
        expect(trial.answers()).toBe(first);
        expect(new PluginTrial(definition, world).answers()).toBe(first);
      }),
      runs,
    );
  });

  it('passes every node whenever its PreFilter skips', () => {
    fc.assert(
      fc.property(drawnWorlds, (world) => {
        const trial = new PluginTrial(definition, world);
        const state = new CycleState();
        if (trial.plugin.filter === undefined || !trial.skipsFilter(state)) return;
        expect(trial.verdicts(state).every((verdict) => verdict === 'ok')).toBe(true);
      }),
      runs,
    );
  });

  it('forgets a pod that a what-if adds and removes', () => {
    fc.assert(
      fc.property(drawnWorlds, (world) => {
        const [before, after] = new PluginTrial(definition, world).addAndRemove();
        expect(after).toBe(before);
      }),
      runs,
    );
  });

  it('registers events of resources and actions that exist', () => {
    const { plugin } = new PluginTrial(definition, fc.sample(drawnWorlds, 1)[0]!);
    for (const { event } of plugin.eventsToRegister?.() ?? []) expect(event.actions).toBeGreaterThan(0);
  });
});

describe('the conformance kit itself', () => {
  const world = fc.sample(drawnWorlds, 1)[0]!;
  const trialOf = (plugin: Omit<Plugin, 'name'>): PluginTrial =>
    new PluginTrial(definePlugin({ name: 'Odd', create: () => ({ name: 'Odd', ...plugin }) }), world);

  it('finds scores that are no integers or too great', () => {
    expect(trialOf({ score: () => 0.5 }).badScores()).not.toEqual([]);
    expect(trialOf({ score: () => 101 }).badScores()).not.toEqual([]);
    expect(trialOf({ score: () => 100 }).badScores()).toEqual([]);
  });

  it('finds a filter that refuses after Skip', () => {
    const trial = trialOf({ preFilter: () => skip, filter: () => unschedulable('no') });
    const state = new CycleState();
    expect(trial.skipsFilter(state)).toBe(true);
    expect(trial.verdicts(state)).toContain('Unschedulable: no');
  });

  it('finds answers that change', () => {
    let calls = 0;
    const trial = trialOf({ score: () => calls++ % 100 });
    expect(trial.answers()).not.toBe(trial.answers());
  });
});
