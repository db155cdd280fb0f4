import { expect, it } from 'vitest';
import { SchedulerFixture, verdictText } from '../../testing/scheduler-fixture.ts';

const fixture = new SchedulerFixture();
const plugin = fixture.plugin('SchedulingGates');

it('lets pods without gates in', () => {
  expect(plugin.preEnqueue!(fixture.pod())).toBeUndefined();
});

it('names the gates in the order of the manifest, as Go prints a list', () => {
  const gated = fixture.pod({ schedulingGates: [{ name: 'b' }, { name: 'a' }] });
  expect(verdictText(plugin.preEnqueue!(gated))).toBe(
    'UnschedulableAndUnresolvable: waiting for scheduling gates: [b a]',
  );
});

it('hears when all gates of the pod are gone', () => {
  expect(plugin.eventsToRegister!().map(({ event }) => event.label)).toEqual([
    'TargetPodUpdatePodSchedulingGatesEliminated',
  ]);
});
