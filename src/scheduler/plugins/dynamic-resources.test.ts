import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { NodeStatuses } from '../framework/node-statuses.ts';

const config = (args: object): object => ({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [{ pluginConfig: [{ name: 'DynamicResources', args }] }],
});

function world(): SchedulerFixture {
  const fixture = new SchedulerFixture();
  fixture.node('a');
  fixture.node('b');
  return fixture;
}

describe('DynamicResources', () => {
  it('skips its filter, but scores 0 with weight 2', () => {
    const fixture = world();
    expect([...fixture.verdicts('DynamicResources', fixture.pod()).values()]).toEqual(['Skip: ', 'Skip: ']);
    const state = new CycleState();
    const { nodes } = fixture;
    fixture.framework.runPreFilter(state, fixture.pod(), nodes);
    fixture.framework.runPreScore(state, fixture.pod(), nodes);
    const scores = fixture.framework.runScore(state, fixture.pod(), nodes, true);
    expect('byPlugin' in scores && scores.byPlugin.find(({ plugin }) => plugin === 'DynamicResources')).toMatchObject({
      weight: 2,
      normalized: new Float64Array(2),
    });
  });

  it('stands first at PostFilter and refuses without a word, or fails where its PreFilter was not reached', () => {
    const fixture = world();
    expect(fixture.framework.pluginsAt('postFilter')).toEqual(['DynamicResources', 'DefaultPreemption']);
    const plugin = fixture.plugin('DynamicResources');
    const state = new CycleState();
    const statuses = new NodeStatuses();
    expect(plugin.postFilter!(state, fixture.pod(), statuses)).toMatchObject({
      status: { code: 1, reasons: ['not found'] },
    });
    plugin.preFilter!(state, fixture.pod(), fixture.nodes);
    expect(plugin.postFilter!(state, fixture.pod(), statuses)).toMatchObject({ status: { code: 2, reasons: [] } });
  });

  it('refuses pods with claims by name', () => {
    const fixture = world();
    const verdicts = fixture.verdicts('DynamicResources', fixture.pod({ resourceClaims: [{ name: 'gpu' }] }));
    expect(verdicts.get('a')).toBe(
      'UnschedulableAndUnresolvable: resource claims are not modelled by this version of the simulator',
    );
  });

  it.each([
    [{ filterTimeout: '0s', bindingTimeout: '1m30s' }, ''],
    [{ filterTimeout: '-1s' }, 'args.filterTimeout: Invalid value: "-1s": must be zero or positive'],
    [{ bindingTimeout: '999ms' }, 'args.bindingTimeout: Invalid value: "999ms": must be at least 1 second'],
    [{ bindingTimeout: 'soon' }, 'args.bindingTimeout: Invalid value: "soon": time: invalid duration "soon"'],
  ])('with args %j: %s', (args, message) => {
    const problems = new SchedulerFixture(config(args)).problems.map((problem) => problem.message);
    expect(problems).toEqual(message === '' ? [] : [`profiles[0].pluginConfig[0].${message}`]);
  });
});
