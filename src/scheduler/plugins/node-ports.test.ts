import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const refused = "Unschedulable: node(s) didn't have free ports for the requested pod ports";
const ports = (...entries: object[]): Record<string, unknown> => ({
  containers: [{ name: 'c', image: 'app:1', ports: entries.map((entry) => ({ containerPort: 1, ...entry })) }],
});

describe('NodePorts', () => {
  it.each([
    // taken, wanted, verdict
    [{ hostPort: 80 }, { hostPort: 80 }, refused],
    [{ hostPort: 80 }, { hostPort: 81 }, 'ok'],
    [{ hostPort: 80, protocol: 'TCP' }, { hostPort: 80, protocol: 'UDP' }, 'ok'],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, 'ok'],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.1' }, refused],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80 }, refused],
    [{ hostPort: 80 }, { hostPort: 80, hostIP: '10.0.0.1' }, refused],
    [{ hostPort: 80, hostIP: '0.0.0.0' }, { hostPort: 80, hostIP: '10.0.0.1' }, refused],
    // `::` is no wildcard.
    [{ hostPort: 80, hostIP: '::' }, { hostPort: 80, hostIP: '10.0.0.1' }, 'ok'],
    [{ hostPort: 0 }, { hostPort: 0 }, 'ok'],
  ])('with %j taken and %j wanted says %s', (taken, wanted, verdict) => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    fixture.bind(fixture.pod(ports(taken)), 'n');
    const verdicts = fixture.verdicts('NodePorts', fixture.pod(ports(wanted)));
    expect(verdicts.get('n')).toBe(verdict === 'ok' && wanted.hostPort === 0 ? 'Skip: ' : verdict);
  });

  it('counts the ports of sidecars, not those of ordinary init containers', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    const init = { name: 'i', image: 'app:1', ports: [{ containerPort: 1, hostPort: 80 }] };
    fixture.bind(fixture.pod({ initContainers: [init] }), 'n');
    const wanting = fixture.pod(ports({ hostPort: 80 }));
    expect(fixture.verdicts('NodePorts', wanting).get('n')).toBe('ok');
    fixture.bind(fixture.pod({ initContainers: [{ ...init, restartPolicy: 'Always' }] }), 'n');
    expect(fixture.verdicts('NodePorts', wanting).get('n')).toBe(refused);
  });

  it('hears of pods that free a wanted port', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    const [onDelete, onNode] = fixture.plugin('NodePorts').eventsToRegister!();
    const pod = fixture.pod(ports({ hostPort: 80 }));
    const hint = (spec: Record<string, unknown>, isBound = true): unknown => {
      const gone = fixture.pod(spec);
      return onDelete!.hint!(pod, isBound ? fixture.bind(gone, 'n') : gone, undefined);
    };
    expect(hint(ports({ hostPort: 80 }))).toBe('Queue');
    expect(hint(ports({ hostPort: 81 }))).toBe('Skip');
    expect(hint(ports({ hostPort: 80 }), false)).toBe('Skip');
    expect(onNode).toMatchObject({ event: { label: 'NodeAdd' }, hint: undefined });
  });
});
