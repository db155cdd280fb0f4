import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import { SchedulerFixture, testRegistry } from '../../testing/scheduler-fixture.ts';
import { CycleState } from './cycle-state.ts';
import { definePlugin } from './define-plugin.ts';
import type { PluginDefinition } from './define-plugin.ts';
import type { Completion } from './interface.ts';
import { errorStatus } from './status.ts';

/** A profile with two plugins whose PreBind ends when the test says so. */
class PreBindWorld {
  readonly fixture: SchedulerFixture;
  readonly begun: { readonly plugin: string; readonly done: Completion }[] = [];
  readonly outcomes: string[] = [];
  readonly pod: Pod;

  constructor() {
    const plugins = ['First', 'Second'].map((name) => this.plugin(name));
    const multiPoint = { enabled: plugins.map(({ name }) => ({ name })) };
    const config = {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles: [{ plugins: { multiPoint } }],
    };
    this.fixture = new SchedulerFixture(config, testRegistry(...plugins));
    this.pod = this.fixture.pod();
  }

  private plugin(name: string): PluginDefinition {
    const preBind = (_state: CycleState, _pod: Pod, _node: string, done: Completion): void =>
      void this.begun.push({ plugin: name, done });
    return definePlugin({ name, create: () => ({ name, preBindPreFlight: () => undefined, preBind }) });
  }

  run(): void {
    const { framework } = this.fixture;
    framework.binding.runPreBind(new CycleState(), this.pod, 'n', ['First', 'Second'], (status) =>
      this.outcomes.push(status?.message ?? 'ok'),
    );
  }

  cancel(message: string): boolean {
    return this.fixture.framework.cancelPreBind(this.pod.metadata.uid, message);
  }
}

describe('PreBind', () => {
  it('runs its plugins one after another, and ends at the first failure', () => {
    const world = new PreBindWorld();
    world.run();
    expect(world.begun.map(({ plugin }) => plugin)).toEqual(['First']);
    world.begun[0]!.done(undefined);
    world.begun[1]!.done(errorStatus('no volume'));
    expect(world.outcomes).toEqual(['running PreBind plugin "Second": no volume']);
    expect(world.cancel('too late')).toBe(false);
  });

  it('is cancelled as a failure of the plugin that runs; what that one says later counts no more', () => {
    const world = new PreBindWorld();
    world.run();
    expect(world.cancel('preempted by DefaultPreemption')).toBe(true);
    expect(world.outcomes).toEqual(['running PreBind plugin "First": preempted by DefaultPreemption']);
    world.begun[0]!.done(undefined);
    expect(world.begun).toHaveLength(1);
    expect(world.outcomes).toHaveLength(1);
    expect(world.cancel('again')).toBe(false);
  });

  it('of the next attempt is not ended by what is left of a cancelled one', () => {
    const world = new PreBindWorld();
    world.run();
    world.cancel('preempted');
    world.run();
    world.begun[0]!.done(undefined);
    expect(world.outcomes).toHaveLength(1);
    world.begun[1]!.done(undefined);
    world.begun[2]!.done(undefined);
    expect(world.outcomes).toEqual(['running PreBind plugin "First": preempted', 'ok']);
  });
});
