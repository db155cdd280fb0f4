import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const config = (resources: readonly object[]): object => ({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [{ pluginConfig: [{ name: 'NodeResourcesBalancedAllocation', args: { resources } }] }],
});

/** A node of 4 cpu, 8 GiB, 4 GPUs with a pod of 1 cpu, 1 GiB on it. */
function world(resources?: readonly object[]): SchedulerFixture {
  const fixture = new SchedulerFixture(resources && config(resources));
  const allocatable = { cpu: '4', memory: '8Gi', pods: '9', 'example.com/gpu': '4' };
  fixture.node('n', { status: { allocatable } });
  fixture.bind(fixture.podWithRequests({ cpu: '1', memory: '1Gi' }), 'n');
  return fixture;
}

const scoreOf = (requests: Record<string, unknown>, fixture = world()): unknown =>
  fixture.rawScores('NodeResourcesBalancedAllocation', fixture.podWithRequests(requests))[0];

describe('NodeResourcesBalancedAllocation', () => {
  it.each([
    // With the pod .375/.25, without .25/.125: both std .0625, b = 93; 50 + 50 div 2 = 75.
    [{ cpu: '500m', memory: '1Gi' }, 75],
    // With .75/.25: std .25, b = 75; 50 + (50 + 75 - 93) div 2 = 66.
    [{ cpu: '2', memory: '1Gi' }, 66],
    // With .25/.25: b = 100; 50 + (50 + 100 - 93) div 2 = 50 + 28.
    [{ memory: '1Gi' }, 78],
    // Capped at 1: with 1/.125: std .4375, trunc(56.25) = 56; 50 + 13 div 2.
    [{ cpu: '9' }, 56],
  ])('for %j is %i', (requests, score) => {
    expect(scoreOf(requests)).toBe(score);
  });

  it('counts real requests, so pods that ask for nothing are skipped', () => {
    const fixture = world();
    expect(fixture.scores('NodeResourcesBalancedAllocation', fixture.pod())).toBeUndefined();
    expect(fixture.scores('NodeResourcesBalancedAllocation', fixture.podWithRequests({ cpu: '0' }))).toBeUndefined();
  });

  it('takes the standard deviation of three resources', () => {
    const resources = [{ name: 'cpu' }, { name: 'memory' }, { name: 'example.com/gpu' }];
    // With .5/.25/.5: mean .41667, std .11785, b = 88. Without .25/.125/0: mean .125, std .10206, b = 89.
    // 50 + (50 + 88 - 89) div 2 = 50 + 24.
    expect(scoreOf({ cpu: '1', memory: '1Gi', 'example.com/gpu': '2' }, world(resources))).toBe(74);
  });

  it('leaves out an extended resource that the pod does not ask for', () => {
    const resources = [{ name: 'cpu' }, { name: 'memory' }, { name: 'example.com/gpu' }];
    expect(scoreOf({ cpu: '500m', memory: '1Gi' }, world(resources))).toBe(75);
  });

  it('has nothing to balance with one resource', () => {
    expect(scoreOf({ cpu: '3' }, world([{ name: 'cpu' }]))).toBe(75);
  });

  it('refuses weights other than 1 and repeated resources', () => {
    const { problems } = world([{ name: 'cpu', weight: 2 }, { name: 'cpu' }]);
    expect(problems.map(({ message }) => message)).toEqual([
      'profiles[0].pluginConfig[0].args.resources[0].weight: Invalid value: 2: must be 1',
      'profiles[0].pluginConfig[0].args.resources[1].name: Duplicate value: "cpu"',
    ]);
  });
});
