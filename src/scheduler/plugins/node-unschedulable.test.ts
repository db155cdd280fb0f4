import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const refused = 'UnschedulableAndUnresolvable: node(s) were unschedulable';
const key = 'node.kubernetes.io/unschedulable';

describe('NodeUnschedulable', () => {
  const fixture = new SchedulerFixture();
  fixture.node('open');
  fixture.node('cordoned', { spec: { unschedulable: true } });
  const verdictOf = (tolerations: readonly object[]): unknown =>
    fixture.verdicts('NodeUnschedulable', fixture.pod({ tolerations })).get('cordoned');

  it('refuses cordoned nodes only', () => {
    expect([...fixture.verdicts('NodeUnschedulable', fixture.pod())]).toEqual([
      ['open', 'ok'],
      ['cordoned', refused],
    ]);
  });

  it.each([
    [{ key, operator: 'Exists' }, 'ok'],
    [{ key, operator: 'Exists', effect: 'NoSchedule' }, 'ok'],
    [{ operator: 'Exists' }, 'ok'],
    [{ key, operator: 'Equal', value: '' }, 'ok'],
    [{ key, operator: 'Exists', effect: 'NoExecute' }, refused],
    [{ key, operator: 'Equal', value: 'x' }, refused],
  ])('with the toleration %j says %s', (toleration, verdict) => {
    expect(verdictOf([toleration])).toBe(verdict);
  });

  it('hears of nodes that open, not of those that close or were open', () => {
    const [onNode, onToleration] = fixture.plugin('NodeUnschedulable').eventsToRegister!();
    const pod = fixture.pod();
    const open = fixture.cache.get('open')!.node!;
    const closed = fixture.cache.get('cordoned')!.node!;
    expect(onNode!.hint!(pod, undefined, open)).toBe('Queue');
    expect(onNode!.hint!(pod, undefined, closed)).toBe('Skip');
    expect(onNode!.hint!(pod, closed, open)).toBe('Queue');
    expect(onNode!.hint!(pod, open, open)).toBe('Skip');
    expect(onNode!.hint!(pod, open, closed)).toBe('Skip');
    expect(onToleration!.hint!(pod, pod, fixture.pod({ tolerations: [{ operator: 'Exists' }] }))).toBe('Queue');
    expect(onToleration!.hint!(pod, pod, pod)).toBe('Skip');
  });
});
