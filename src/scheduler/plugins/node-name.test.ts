import { expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';

const fixture = new SchedulerFixture();
fixture.node('n1');
fixture.node('n2');
const plugin = fixture.plugin('NodeName');

it('lets a pod that names a node run there only', () => {
  expect([...fixture.verdicts('NodeName', fixture.pod({ nodeName: 'n2' }))]).toEqual([
    ['n1', "UnschedulableAndUnresolvable: node(s) didn't match the requested node name"],
    ['n2', 'ok'],
  ]);
});

it('narrows the search to that node, and does not skip for other pods', () => {
  const ask = (nodeName: string): unknown =>
    plugin.preFilter!(new CycleState(), fixture.pod({ nodeName }), fixture.nodes);
  expect(ask('n2')).toEqual({ nodeNames: new Set(['n2']) });
  expect(ask('')).toBeUndefined();
});

it('hears of every new node', () => {
  expect(plugin.eventsToRegister!()).toMatchObject([{ event: { label: 'NodeAdd' }, hint: undefined }]);
});
