// Each rule is upstream's, and was seen on a real kubelet.
import { describe, expect, test } from 'vitest';
import { deleted, pod, stops } from './rule-case.ts';

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

  test('has a deletion wait for the list after the next one, for which a sync that will find nothing waits', () => {
    const readiness = 'readinessProbe: {exec: {command: [ready]}, periodSeconds: 2}';
    const spec = `containers: [{name: a, restartPolicy: Never, ${readiness}}, {name: b}]`;
    for (const play of [0, 1, 2, 3]) {
      const seen = pod(spec, { containers: { a: { runs: [{ exit: 3 }] } } }, [deleted(20, 1)], play);
      expect(stops(seen('pod/cri b'))).toEqual(['StopContainer 0 2 @21']);
    }
  });
});
