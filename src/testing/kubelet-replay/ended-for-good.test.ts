// Each rule is upstream's, and was seen on a real kubelet.
import { describe, expect, test } from 'vitest';
import type { RecordedPod } from './recording.ts';
import { playCase } from './replay.ts';
import { deleted, pod, stops } from './rule-case.ts';

/** When a command was run, and what came of it. */
function askedOf(pods: readonly RecordedPod[], track: string, play: number): { t: number; code: unknown }[] {
  const recorded = { id: 'rule', title: '', node: 'std', seconds: 60, plays: 1, pods, tracks: {} };
  const { tracks } = playCase(recorded, play);
  return (tracks.get(track) ?? []).map(({ what, t }) => ({ t, code: what[1] }));
}

describe('a container with a probe that has ended for good', () => {
  test('has its pod looked at with each list of containers, as long as something is waited for', () => {
    const readiness = 'readinessProbe: {exec: {command: [ready]}, periodSeconds: 2}';
    const spec = `containers: [{name: a, restartPolicy: Never, ${readiness}}, {name: b}]`;
    const seen = pod(spec, { containers: { a: { runs: [{ exit: 3 }] }, b: { runs: [{ exit: 9, code: 1 }] } } });
    const backOffs = seen('pod/event BackOff b Back-off restarting failed container b in pod <pod>_oracle(<uid>)');
    expect(backOffs.filter((line) => /@2[0-9]$/.test(line)).length).toBeGreaterThan(5);
  });

  test('has its pod looked at even if nobody has seen it running', () => {
    const readiness = 'readinessProbe: {exec: {command: [ready]}, periodSeconds: 10}';
    const spec = `restartPolicy: Never, containers: [{name: a, ${readiness}}, {name: b, ${readiness}}]`;
    const exec = { ready: [{ from: 0, code: 1 }] };
    const seen = pod(spec, { containers: { a: { exec }, b: { runs: [{ exit: 0 }], exec } } });
    expect(seen('pod/exec a ready').filter((line) => /@2[0-9]$/.test(line)).length).toBeGreaterThan(5);
  });

  test('is left alone as long as its first probe, of startup, readiness and liveness, has not found that out', () => {
    const probe = (kind: string, command: string, period: number): string =>
      `${kind}Probe: {exec: {command: [${command}]}, periodSeconds: ${period}, failureThreshold: 2}`;
    // A startup probe that has come to a result looks no more.
    const startup = probe('startup', 'up', 1);
    const exec = { up: [{ from: 0, code: 1 }] };
    const other = { exec: { ready: [{ from: 0, code: 1 }] } };
    const spec = `restartPolicy: Never, containers: [{name: a, ${probe('readiness', 'ready', 10)}}`;
    const failed = pod(`${spec}, {name: b, ${startup}, ${probe('liveness', 'live', 1)}}]`, {
      containers: { a: other, b: { exec } },
    });
    expect(failed('pod/exec a ready').filter((line) => /@[1-5][0-9]$/.test(line)).length).toBeLessThan(6);
    // The readiness probe of b looks at 20 s.
    const slow = `${probe('readiness', 'slow', 20)}, ${probe('liveness', 'live', 1)}`;
    const ended = pod(`${spec}, {name: b, ${slow}}]`, { containers: { a: other, b: { runs: [{ exit: 4.5 }] } } });
    const asked = ended('pod/exec a ready').map((line) => Number(line.split('@')[1]));
    expect(asked.filter((time) => time >= 8 && time < 20).length).toBeLessThan(3);
    expect(asked.filter((time) => time >= 21 && time < 31).length).toBeGreaterThan(7);
  });

  test('has news of other probes wait for the next list, as a sync does', () => {
    const probe = (command: string): string => `readinessProbe: {exec: {command: [${command}]}, periodSeconds: 4}`;
    const answers = [
      { from: 0, code: 0 },
      { from: 14, code: 1 },
    ];
    const spec = `{containers: [{name: a, restartPolicy: Never, ${probe('ready')}}, {name: b, ${probe('rb')}}]}`;
    const script = { containers: { a: { runs: [{ exit: 3 }] }, b: { exec: { rb: answers } } } };
    for (const play of [0, 1, 2, 3]) {
      const asked = askedOf([{ spec, script }], 'pod/exec b rb', play);
      // The third failure in a row is the one that counts.
      const at = asked.findIndex(({ code }) => code === 1) + 2;
      expect(asked[at]!.t).toBeCloseTo(24, 2);
      expect(asked[at + 1]!.t).toBeGreaterThan(24.01);
    }
  });

  test('has a deletion wait for the list after the next one, for which a sync that will find nothing waits', () => {
    const readiness = 'readinessProbe: {exec: {command: [ready]}, periodSeconds: 2}';
    const spec = `containers: [{name: a, restartPolicy: Never, ${readiness}}, {name: b}]`;
    for (const play of [0, 1, 2, 3]) {
      const seen = pod(spec, { containers: { a: { runs: [{ exit: 3 }] } } }, [deleted(20, 1)], play);
      expect(stops(seen('pod/cri b'))).toEqual(['StopContainer 0 2 @21']);
    }
  });
});
