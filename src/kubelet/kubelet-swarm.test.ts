import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Container, PodSpec } from '../api/core-v1.ts';
import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';
import type { Behavior, ContainerScript } from './behavior.ts';

const seconds = fc.integer({ min: 0, max: 400 }).map((tenths) => tenths / 10);
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const duration = (value: number | undefined) => (value === undefined ? undefined : constant(value * SECOND));

const runs = fc
  .record({
    exit: some(seconds),
    code: fc.constantFrom(0, 1, 42),
    stop: seconds,
    ignores: fc.boolean(),
    fails: fc.nat(9),
  })
  .map(({ exit, code, stop, ignores, fails }) => ({
    exitAfter: duration(exit),
    exitCode: code,
    reason: '',
    startError: fails === 0 ? 'not found' : '',
    stopAfter: duration(stop),
    stopExitCode: 0,
    ignoresSigterm: ignores,
  }));

const answers = fc.record({
  command: fc.constantFrom('ready', 'live', 'up', 'pre', 'post'),
  from: seconds.map((value) => value * SECOND),
  code: fc.nat(1),
  took: fc.constantFrom(0, 0, 0.5 * SECOND, 3 * SECOND),
  run: some(fc.nat(2)),
});

const scripts = fc
  .record({
    start: seconds,
    runs: fc.array(runs, { minLength: 1, maxLength: 3 }),
    answers: fc.array(answers, { maxLength: 5 }),
  })
  .map(({ start, ...rest }): ContainerScript => ({
    name: '*',
    createDuration: undefined,
    startDuration: duration(start / 10),
    memoryBytes: 0,
    ...rest,
  }));

const probe = (command: string) =>
  some(
    fc.record({
      command: fc.constant(command),
      initialDelaySeconds: fc.nat(4),
      periodSeconds: fc.integer({ min: 1, max: 5 }),
      timeoutSeconds: fc.constant(1),
      successThreshold: fc.constant(1),
      failureThreshold: fc.integer({ min: 1, max: 3 }),
    }),
  );

const hook = (command: string) => some(fc.constant({ command, sleepSeconds: -1 }));

const containers = fc
  .record({
    isSidecar: fc.boolean(),
    readinessProbe: probe('ready'),
    livenessProbe: probe('live'),
    startupProbe: probe('up'),
    preStop: hook('pre'),
    postStart: hook('post'),
    action: fc.constantFrom(undefined, undefined, 'Restart', 'RestartAllContainers'),
  })
  .map(({ isSidecar, preStop, postStart, action, ...probes }) => ({ isSidecar, preStop, postStart, action, probes }));

type Drawn = typeof containers extends fc.Arbitrary<infer T> ? T : never;

function containerOf(
  { isSidecar, preStop, postStart, action, probes }: Drawn,
  name: string,
  isInit: boolean,
): Container {
  const isProbed = !isInit || isSidecar;
  return makeContainer({
    name,
    restartPolicy: isInit ? (isSidecar ? 'Always' : undefined) : action === undefined ? undefined : 'Never',
    ...(isProbed && probes),
    ...(isProbed && preStop !== undefined && { preStop }),
    ...(isProbed && postStart !== undefined && { postStart }),
    ...(action !== undefined && { restartPolicyRules: [{ action, operator: 'In', exitCodes: [42] }] }),
  });
}

const pods = fc.record({
  policy: fc.constantFrom('Always', 'OnFailure', 'Never'),
  grace: fc.constantFrom(0, 1, 5, 30),
  deadline: some(fc.integer({ min: 1, max: 60 })),
  init: fc.array(containers, { maxLength: 2 }),
  main: fc.array(containers, { minLength: 1, maxLength: 2 }),
  script: scripts,
  sandboxFailures: fc.nat(2),
  deletedAt: seconds.map((value) => value * 3),
});

type DrawnPod = typeof pods extends fc.Arbitrary<infer T> ? T : never;

function specOf({ policy, grace, deadline, init, main }: DrawnPod): Partial<PodSpec> {
  return {
    restartPolicy: policy as PodSpec['restartPolicy'],
    terminationGracePeriodSeconds: grace,
    activeDeadlineSeconds: deadline,
    initContainers: init.map((each, index) => containerOf(each, `i${index}`, true)),
    containers: main.map((each, index) => containerOf(each, `c${index}`, false)),
  };
}

function behaviorOf({ script, sandboxFailures }: DrawnPod, name: string): Behavior {
  const sandbox = { duration: constant(0.3 * SECOND), failures: sandboxFailures };
  return makeBehavior({ name, containers: [script], sandbox });
}

// Whatever containers do and whenever their pods are deleted and the machine fails: nothing is lost, nothing goes round in circles.
test('every pod that is deleted is gone in the end, whatever its containers do', () => {
  fc.assert(
    fc.property(fc.array(pods, { minLength: 1, maxLength: 3 }), some(seconds), (drawn, crashAt) => {
      const behaviors = drawn.map((pod, index) => behaviorOf(pod, `p${index}`));
      const harness = new KubeletHarness({ behaviors }).start();
      for (const [index, pod] of drawn.entries()) harness.create(makePod(`p${index}`, { spec: specOf(pod) }));
      const steps: [number, () => void][] = drawn.map((pod, index) => [
        pod.deletedAt,
        () => void (harness.pod(`p${index}`) !== undefined && harness.delete(`p${index}`)),
      ]);
      if (crashAt !== undefined) {
        steps.push([crashAt, () => harness.machines.crash('n1')], [crashAt + 20, () => harness.machines.restore('n1')]);
      }
      for (const [at, act] of steps.sort(([a], [b]) => a - b)) {
        harness.until(at);
        act();
      }
      // The boot, the longest start, the grace of each sidecar's turn, and some lists of containers.
      harness.until(400);
      expect(drawn.map((_pod, index) => harness.line(`p${index}`))).toEqual(drawn.map(() => 'gone'));
      expect(harness.engine.eventCount).toBeLessThan(5000 * drawn.length);
    }),
    { numRuns: 150 },
  );
});
