import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const refused = 'UnschedulableAndUnresolvable: node(s) had untolerated taint(s)';
const taint = (key: string, effect: string, value = ''): object => ({ key, value, effect });

describe('the filter of TaintToleration', () => {
  it.each([
    [taint('k', 'NoSchedule'), {}, refused],
    [taint('k', 'NoExecute'), {}, refused],
    [taint('k', 'PreferNoSchedule'), {}, 'ok'],
    [taint('k', 'NoSchedule', 'v'), { key: 'k', value: 'v' }, 'ok'],
    [taint('k', 'NoSchedule', 'v'), { key: 'k', value: 'w' }, refused],
    [taint('k', 'NoSchedule', 'v'), { key: 'k', operator: 'Exists' }, 'ok'],
    [taint('k', 'NoSchedule'), { key: 'k', operator: 'Exists', effect: 'NoExecute' }, refused],
    [taint('k', 'NoSchedule'), { key: 'other', operator: 'Exists' }, refused],
    [taint('k', 'NoExecute'), { operator: 'Exists' }, 'ok'],
  ])('with the taint %j and the toleration %j says %s', (entry, toleration, verdict) => {
    const fixture = new SchedulerFixture();
    fixture.node('n', { spec: { taints: [entry] } });
    const tolerations = 'operator' in toleration || 'key' in toleration ? [toleration] : [];
    expect(fixture.verdicts('TaintToleration', fixture.pod({ tolerations })).get('n')).toBe(verdict);
  });

  it('refuses for one untolerated taint among tolerated ones', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n', { spec: { taints: [taint('a', 'NoSchedule'), taint('b', 'NoSchedule')] } });
    const pod = fixture.pod({ tolerations: [{ key: 'a', operator: 'Exists' }] });
    expect(fixture.verdicts('TaintToleration', pod).get('n')).toBe(refused);
  });
});

describe('the score of TaintToleration', () => {
  const fixture = new SchedulerFixture();
  const soft = (count: number): object[] =>
    Array.from({ length: count }, (_, at) => taint(`k${at}`, 'PreferNoSchedule'));
  fixture.node('none');
  fixture.node('one', { spec: { taints: soft(1) } });
  fixture.node('three', { spec: { taints: soft(3) } });

  it('counts untolerated PreferNoSchedule taints, and the fewest win', () => {
    // Reversed: 100 - 100 * raw div 3 for raw 0, 1, 3; 100 div 3 = 33.
    expect(fixture.scores('TaintToleration', fixture.pod())).toEqual({ raw: [0, 1, 3], normalized: [100, 67, 0] });
  });

  it('does not count tolerated ones; tolerations of other effects are no help', () => {
    const tolerant = fixture.pod({ tolerations: [{ key: 'k0', operator: 'Exists', effect: 'PreferNoSchedule' }] });
    // raw 0, 0, 2: the greatest is 2.
    expect(fixture.scores('TaintToleration', tolerant)).toEqual({ raw: [0, 0, 2], normalized: [100, 100, 0] });
    const hard = fixture.pod({ tolerations: [{ key: 'k0', operator: 'Exists', effect: 'NoSchedule' }] });
    expect(fixture.scores('TaintToleration', hard)).toMatchObject({ raw: [0, 1, 3] });
  });

  it('gives everybody 100 where nobody has such taints', () => {
    const plain = new SchedulerFixture();
    plain.node('a');
    plain.node('b');
    expect(plain.scores('TaintToleration', plain.pod())).toEqual({ raw: [0, 0], normalized: [100, 100] });
  });
});

describe('the hints of TaintToleration', () => {
  const fixture = new SchedulerFixture();
  const open = fixture.node('open');
  const closed = fixture.node('closed', { spec: { taints: [taint('k', 'NoSchedule')] } });
  const [onNode, onToleration] = fixture.plugin('TaintToleration').eventsToRegister!();
  const pod = fixture.pod();

  it('see a chance in a node that becomes tolerable', () => {
    expect(onNode!.hint!(pod, undefined, open)).toBe('Queue');
    expect(onNode!.hint!(pod, undefined, closed)).toBe('Skip');
    expect(onNode!.hint!(pod, closed, open)).toBe('Queue');
    expect(onNode!.hint!(pod, open, open)).toBe('Skip');
  });

  it('see one in every change of tolerations', () => {
    expect(onToleration!.hint!(pod, pod, pod)).toBe('Queue');
  });
});
