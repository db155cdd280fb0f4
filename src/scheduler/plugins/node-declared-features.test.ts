import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/core-v1.ts';
import { SchedulerFixture, nodeFrom } from '../../testing/scheduler-fixture.ts';
import { matchesClusterEvent, clusterEvent, ActionType } from '../framework/cluster-event.ts';
import { requiredFeatures } from './node-declared-features.ts';

const restartAll = 'RestartAllContainersOnContainerExits';
const userNamespaces = 'UserNamespacesHostNetworkSupport';
const rule = (action: string): object => ({ action, exitCodes: { operator: 'In', values: [3] } });
const withRule = (action: string): object => ({
  containers: [{ name: 'c', image: 'i', restartPolicy: 'Never', restartPolicyRules: [rule('Restart'), rule(action)] }],
});

describe('the features that a pod needs', () => {
  const fixture = new SchedulerFixture();

  it.each([
    [{}, []],
    [withRule('Restart'), []],
    [withRule('RestartAllContainers'), [restartAll]],
    [{ hostNetwork: true, hostUsers: false }, [userNamespaces]],
    [{ hostNetwork: true, hostUsers: true }, []],
    [{ hostNetwork: true }, []],
    [{ hostUsers: false }, []],
    [{ ...withRule('RestartAllContainers'), hostNetwork: true, hostUsers: false }, [restartAll, userNamespaces]],
  ])('of %j are %j', (spec, features) => {
    expect(requiredFeatures(fixture.pod(spec as Record<string, unknown>).spec)).toEqual(features);
  });
});

describe('NodeDeclaredFeatures', () => {
  function world(): SchedulerFixture {
    const fixture = new SchedulerFixture();
    fixture.node('old');
    fixture.node('new', { status: { declaredFeatures: [restartAll, 'Other'] } });
    return fixture;
  }
  const needy = (fixture: SchedulerFixture): Pod =>
    fixture.pod(withRule('RestartAllContainers') as Record<string, unknown>);

  it('refuses nodes without a feature, for good', () => {
    const fixture = world();
    expect([...fixture.verdicts('NodeDeclaredFeatures', needy(fixture)).values()]).toEqual([
      "UnschedulableAndUnresolvable: node(s) didn't match Pod's required features",
      'ok',
    ]);
  });

  it('skips pods that need none', () => {
    const fixture = world();
    expect([...fixture.verdicts('NodeDeclaredFeatures', fixture.pod()).values()]).toEqual(['Skip: ', 'Skip: ']);
  });

  it('wakes pods when a node comes or declares other features, and when what the pod needs changes', () => {
    const fixture = world();
    const hint = (resource: 'Node' | 'TargetPod', actions: number, before: unknown, after: unknown): unknown => {
      const registered = fixture.plugin('NodeDeclaredFeatures').eventsToRegister!();
      const entry = registered.find(({ event }) => matchesClusterEvent(event, clusterEvent(resource, actions)));
      return entry?.hint?.(needy(fixture), before as Node, after as Node);
    };
    const node = (features: string[]): Node =>
      nodeFrom({ metadata: { name: 'n' }, status: { declaredFeatures: features } });
    expect(hint('Node', ActionType.add, undefined, node([]))).toBe('Queue');
    expect(hint('Node', ActionType.updateNodeDeclaredFeature, node([]), node(['A']))).toBe('Queue');
    expect(hint('Node', ActionType.updateNodeDeclaredFeature, node(['A']), node(['A']))).toBe('Skip');
    expect(hint('Node', ActionType.updateNodeLabel, node([]), node(['A']))).toBeUndefined();
    expect(hint('TargetPod', ActionType.update, needy(fixture), fixture.pod())).toBe('Queue');
    expect(hint('TargetPod', ActionType.updatePodLabel, fixture.pod(), fixture.pod())).toBe('Skip');
  });
});
