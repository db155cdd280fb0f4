// Pods whose containers are all started anew by the rule of one of them, as seen on a real kubelet.
import { expect, test } from 'vitest';
import { deleted, pod } from './rule-case.ts';

const rule = 'restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [88]}}]';
const source = `{name: a, restartPolicy: Never, ${rule}}`;
const ends = (exit: number, code = 88) => ({ runs: [{ exit, code }] });
const sidecar = (name: string): string => `{name: ${name}, restartPolicy: Always}`;
const restarting = 'RestartingAllContainers 137';

/** Seconds of the first call that begins so. */
const at = (lines: readonly string[], call: string): number =>
  Number(lines.find((line) => line.startsWith(call))?.split('@')[1]);

test('stops one container after the other: regular ones, then sidecars in their order', () => {
  const seen = pod(
    `restartPolicy: Never, initContainers: [${sidecar('s')}, ${sidecar('t')}], containers: [${source}, {name: b}]`,
    {
      containers: {
        a: ends(5),
        b: { runs: [{ ignoreTerm: true }] },
        s: { runs: [{ term: 1 }] },
        t: { runs: [{ term: 1.5 }] },
      },
    },
  );
  const first = at(seen('pod/cri b'), 'StopContainer');
  expect(at(seen('pod/cri s'), 'StopContainer')).toBe(first + 2);
  expect(at(seen('pod/cri t'), 'StopContainer')).toBe(first + 3);
  expect(seen('pod/cri s')[4]).toBe(`CreateContainer 0 @${first + 4}`);
  expect(seen('pod/phase').at(-1)).toBe('Running @0');
});

test('starts a container at once that was in back-off, which counts as no restart', () => {
  const seen = pod(`containers: [${source}, {name: b}]`, { containers: { a: ends(9), b: ends(2, 1) } });
  const restart = at(seen('pod/cri a').slice(3), 'CreateContainer');
  const shown = seen('pod/container b').find((line) => Number(line.split('@')[1]) >= restart);
  expect(shown).toBe(`running 1 true true Error 1 @${restart}`);
});

test('is over before a pod that is deleted meanwhile ends: it fails without another word', () => {
  const seen = pod(
    `restartPolicy: Never, containers: [${source}, {name: b}]`,
    { containers: { a: ends(5), b: { runs: [{ ignoreTerm: true }] } } },
    [deleted(7)],
  );
  const end = at(seen('pod/cri b'), 'Exit');
  expect(seen('pod/phase').slice(-2)).toEqual(['Running @0', `Failed @${end}`]);
  expect(seen('pod/condition AllContainersRestarting').at(-1)).toBe(`False PodFailed  @${end}`);
  expect(seen('pod/container b').at(-1)).toMatch(`terminated ContainerStatusUnknown 137 1 false false ${restarting}`);
});

test('leaves containers that never came to run again after their init container of unknown state', () => {
  const seen = pod(
    `restartPolicy: Never, initContainers: [{name: i}], containers: [${source}]`,
    { containers: { i: ends(4, 0), a: ends(5) } },
    [deleted(12.5)],
  );
  expect(seen('pod/container a').at(-1)).toMatch(/^terminated ContainerStatusUnknown 137 1 false false RestartingAll/);
});

test('has containers that have not started before their probe says so', () => {
  const startup = 'startupProbe: {exec: {command: [up]}, periodSeconds: 2}';
  const seen = pod(`restartPolicy: Never, containers: [${source}, {name: b, ${startup}}]`, {
    containers: {
      a: ends(8),
      b: {
        exec: {
          up: [
            { from: 0, code: 1 },
            { from: 3, code: 0 },
          ],
        },
      },
    },
  });
  const shown = seen('pod/container b').slice(2, 4);
  expect(shown[0]).toMatch(`running 1 false false ${restarting}`);
  expect(shown[1]).toMatch(`running 1 true true ${restarting}`);
});

test('forgets when earlier instances ended: a container that is killed afterwards has no back-off', () => {
  const liveness = 'livenessProbe: {exec: {command: [live]}, periodSeconds: 3, failureThreshold: 1}';
  const seen = pod(`containers: [${source}, {name: b, ${liveness}}]`, {
    containers: {
      a: ends(11),
      b: {
        runs: [{ term: 1 }],
        exec: {
          live: [
            { from: 0, code: 0 },
            { from: 4.5, code: 1 },
          ],
        },
      },
    },
  });
  expect(seen('pod/event BackOff b Back-off restarting failed container b in pod <pod>_oracle(<uid>)')).toEqual([]);
});

test('says once of a container that it has been removed, until the status that follows', () => {
  const seen = pod(`containers: [${source}, {name: b}]`, { containers: { a: ends(6.6), b: { start: 1.4 } } });
  const text = 'The container is removed because RestartAllContainers in place';
  const shown = seen('pod/container a').filter((line) => line.includes(' 1 '));
  expect(shown[0]).toMatch(`waiting RestartingAllContainers: ${text} 1 false false ${restarting}`);
  expect(shown[1]).toMatch(/^running 1 true true/);
});

test('says so of an init container as well, which counts as done until it runs again, and of none in a pod whose deadline is over', () => {
  const scripts = { a: ends(6.6), i: { start: 0.5, runs: [{ exit: 1.4 }] } };
  const shown = pod(`initContainers: [{name: i}], containers: [${source}]`, { containers: scripts })('pod/container i');
  expect(shown.find((line) => line.startsWith('waiting RestartingAllContainers'))).toMatch(/ 1 true false /);
  const over = { containers: { a: ends(5.3), b: { runs: [{ ignoreTerm: true }] } } };
  const seen = pod(`activeDeadlineSeconds: 7, containers: [${source}, {name: b}]`, over);
  expect(seen('pod/container a').filter((line) => line.includes('is removed'))).toEqual([]);
});
