// Each rule is upstream's, and was seen on a real kubelet.
import { describe, expect, test } from 'vitest';
import { deleted, pod, stops } from './rule-case.ts';

const readiness = (command: string): string => `readinessProbe: {exec: {command: [${command}]}, periodSeconds: 9}`;
const failing = (command: string) => ({ start: 0.05, exec: { [command]: [{ from: 0, code: 1 }] } });
const plays = [0, 1, 2, 3, 4, 5, 6, 7];

describe('probes of a pod that has just started', () => {
  test('whose first look comes after the next sync has begun have one more follow', () => {
    // It takes 0.9 s to start both: in most plays a list shows the first of them meanwhile, and calls for a sync by itself.
    const script = {
      containers: { a: { start: 0.4, exec: { ready: [{ from: 0, code: 1 }] } }, b: { start: 0.5 } },
    };
    const asked = plays.map((play) =>
      pod(`containers: [{name: a, ${readiness('ready')}}, {name: b}]`, script, [], play)('pod/exec a ready'),
    );
    const early = asked.map((lines) => lines.filter((line) => /@[0-2]$/.test(line)).length);
    expect(early.filter((count) => count === 3).length).toBeGreaterThan(4);
  });

  test('that look at two containers within one sync have two more follow', () => {
    const spec = `containers: [{name: a, ${readiness('ra')}}, {name: b, ${readiness('rb')}}]`;
    for (const play of plays) {
      const asked = pod(spec, { containers: { a: failing('ra'), b: failing('rb') } }, [], play)('pod/exec b rb');
      expect(asked.filter((line) => /@[0-2]$/.test(line)).length).toBe(3);
    }
  });
});

test('a probe that finds a container ended calls for a sync besides the one that the next list calls for', () => {
  const live = 'livenessProbe: {exec: {command: [live]}, periodSeconds: 1}';
  const containers = {
    a: {
      runs: [
        { exit: 4, code: 1 },
        { exit: 5, code: 1 },
      ],
    },
    b: { start: 0.05, runs: [{ exit: 9.3, code: 1 }, {}] },
  };
  const backOff = 'pod/event BackOff a Back-off restarting failed container a in pod <pod>_oracle(<uid>)';
  const looks = plays.map((play) => {
    const seen = pod(`containers: [{name: a, ${live}}, {name: b}]`, { containers }, [], play);
    // Where one list shows both ends, the sync that cannot start a starts b, which the next list shows.
    if (!seen('pod/cri b').includes('CreateContainer 1 @9')) return 0;
    return seen(backOff).filter((line) => /@(9|10|11)$/.test(line)).length;
  });
  expect(Math.max(...looks)).toBe(3);
});

test('a probe that finds a container ended when it first looks calls for one sync', () => {
  const up = 'startupProbe: {exec: {command: [up]}, periodSeconds: 4}';
  const b = {
    runs: [
      { exit: 0.6, code: 1 },
      { exit: 0.4, code: 1 },
    ],
  };
  const backOff = 'pod/event BackOff b Back-off restarting failed container b in pod <pod>_oracle(<uid>)';
  for (const play of plays) {
    const seen = pod(`containers: [{name: a}, {name: b, ${up}}]`, { containers: { b } }, [], play);
    // The probe looks 4 s after the start, and the sync comes with the next list at the latest.
    expect(seen(backOff).filter((line) => /@[4-6]$/.test(line))).toHaveLength(1);
  }
});

test('where lists have shown all of a sync before it was over, what probes find first leads to one more', () => {
  const hook = 'lifecycle: {postStart: {exec: {command: [post]}}}';
  const spec = `containers: [{name: a, ${readiness('ra')}}, {name: b, ${readiness('rb')}, ${hook}}]`;
  const b = {
    exec: {
      rb: [{ from: 0, code: 1 }],
      post: [{ from: 0, code: 0, took: 1.5 }],
    },
  };
  for (const play of plays) {
    const asked = pod(spec, { containers: { a: failing('ra'), b } }, [], play)('pod/exec b rb');
    expect(asked.filter((line) => /@[0-7]$/.test(line))).toHaveLength(2);
  }
});

test('nothing is asked any more of a pod whose containers have ended', () => {
  const often = 'readinessProbe: {exec: {command: [ready]}, periodSeconds: 1}';
  const spec = `terminationGracePeriodSeconds: 3, containers: [{name: a, ${often}}, {name: b}]`;
  const script = { containers: { b: { runs: [{ ignoreTerm: true }] } } };
  for (const play of plays) {
    const seen = pod(spec, script, [deleted(8.9)], play);
    expect(seen('pod/cri sandbox').at(-1)).toBe('StopPodSandbox 0  @11');
    // The marks are at whole seconds: of those after the end of a the last one is before the end of the pod.
    expect(seen('pod/exec a ready').at(-1)).toBe('0 -1 @11');
  }
});

test('a sync that waits for a list of containers comes before the end of a pod that is deleted meanwhile', () => {
  const spec = `containers: [{name: a, ${readiness('ra')}}, {name: b, ${readiness('rb')}}]`;
  const script = { containers: { a: failing('ra'), b: failing('rb') } };
  // The second of the two syncs that follow the first one waits for the second list, which comes 1.1 to 2.1 s after the start.
  const stopped = plays.map((play) => stops(pod(spec, script, [deleted(1.12)], play)('pod/cri b'))[0]);
  for (const line of stopped) expect(line).toMatch(/@[23]$/);
});
