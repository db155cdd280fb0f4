// Each rule is upstream's, and was seen on a real kubelet.
import { describe, expect, test } from 'vitest';
import { deleted, played, pod, stops } from './rule-case.ts';

const sidecar = (name: string): string => `{name: ${name}, restartPolicy: Always}`;

describe('sidecars', () => {
  test('wait for their turn no longer than there is grace', () => {
    const ignores = { runs: [{ ignoreTerm: true }] };
    const spec = `terminationGracePeriodSeconds: 6, initContainers: [${sidecar('s')}, ${sidecar('t')}], containers: [{name: c}]`;
    const seen = pod(spec, { containers: { s: ignores, t: ignores, c: ignores } }, [deleted(8)]);
    expect(stops(seen('pod/cri c'))).toEqual(['StopContainer 0 6 @8']);
    for (const name of ['s', 't']) expect(stops(seen(`pod/cri ${name}`))).toEqual(['StopContainer 0 2 @14']);
  });

  test('wait for a hook that goes on though its container has ended', () => {
    const sleeps = '{name: c, lifecycle: {preStop: {sleep: {seconds: 6}}}}';
    const seen = pod(
      `initContainers: [${sidecar('s')}], containers: [${sleeps}]`,
      { containers: { s: { runs: [{ term: 2 }] }, c: { runs: [{ exit: 9.5 }] } } },
      [deleted(9)],
    );
    expect(seen('pod/cri c').at(-1)).toBe('Exit 0 0 @9');
    expect(stops(seen('pod/cri s'))).toEqual(['StopContainer 0 24 @15']);
  });

  test('do not wait for an init container that is stopped', () => {
    const seen = pod(
      `initContainers: [${sidecar('s')}, {name: i}], containers: [{name: c}]`,
      { containers: { s: { runs: [{ term: 2 }] }, i: { runs: [{ term: 3 }] } } },
      [deleted(6)],
    );
    expect(stops(seen('pod/cri s'))).toEqual(['StopContainer 0 30 @6']);
    expect(stops(seen('pod/cri i'))).toEqual(['StopContainer 0 30 @6']);
  });

  test('that crash hold nothing up once a later init container has begun', () => {
    const seen = pod(`initContainers: [${sidecar('s')}, {name: i}], containers: [{name: c}]`, {
      containers: { s: { runs: [{ exit: 3, code: 1 }, { exit: 4, code: 1 }, {}] }, i: { runs: [{ exit: 12 }] } },
    });
    expect(seen('pod/cri c')[0]).toMatch(/^CreateContainer 0 @1[23]$/);
    expect(seen('pod/cri s').filter((line) => line.startsWith('CreateContainer 2'))[0]).toMatch(/@(1[89]|2\d)$/);
  });

  test('are killed as init containers', () => {
    const probe = 'livenessProbe: {periodSeconds: 3, failureThreshold: 1, exec: {command: [live]}}';
    const seen = pod(`initContainers: [{name: s, restartPolicy: Always, ${probe}}], containers: [{name: c}]`, {
      containers: {
        s: {
          runs: [{}],
          exec: {
            live: [
              { from: 0, code: 0 },
              { from: 7.5, code: 1, run: 0 },
            ],
          },
        },
      },
    });
    expect(seen('pod/event Killing s Init container s failed liveness probe')).toEqual(['Normal @9']);
  });

  test('in back-off at the end of their pod are of unknown state', () => {
    const seen = pod(`restartPolicy: Never, initContainers: [${sidecar('s')}], containers: [{name: c}]`, {
      containers: { s: { runs: [{ exit: 6, code: 1 }] }, c: { runs: [{ exit: 20.5 }] } },
    });
    expect(seen('pod/container s').at(-1)).toMatch(/^terminated ContainerStatusUnknown 137 1 false false Error 1 @2/);
  });
});

describe('hooks', () => {
  const postStart = 'lifecycle: {postStart: {exec: {command: [post]}}}';

  test('after the start die with their container', () => {
    const seen = pod(`containers: [{name: c, ${postStart}}]`, {
      containers: { c: { runs: [{ exit: 3, code: 1 }], exec: { post: [{ from: 0, code: 0, took: 8 }] } } },
    });
    expect(seen('pod/exec c post')[0]).toBe('0 137 @0');
    expect(seen('pod/cri c')[3]).toMatch(/^CreateContainer 1 @[34]$/);
    expect(seen('pod/event Killing c FailedPostStartHook')[0]).toBe('Normal @3');
  });

  test('that fail after a list of containers has shown the start lead to one more look', () => {
    const seen = pod(`terminationGracePeriodSeconds: 4, containers: [{name: c, ${postStart}}]`, {
      containers: { c: { runs: [{ ignoreTerm: true }], exec: { post: [{ from: 0, code: 3, took: 2 }] } } },
    });
    const shown = seen('pod/container c').find((line) => line.startsWith('waiting CrashLoopBackOff: back-off 10s'));
    expect(shown).toMatch(/@1[34]$/);
  });

  test('that sleep before the stop go on though the container has ended', () => {
    const seen = pod(
      'containers: [{name: c, lifecycle: {preStop: {sleep: {seconds: 8}}}}]',
      { containers: { c: { runs: [{ exit: 12, code: 4 }] } } },
      [deleted(8)],
    );
    expect(seen('pod/cri sandbox').at(-1)).toBe('StopPodSandbox 0  @16');
    expect(seen('pod/event FailedPreStopHook c PreStopHook failed')).toEqual([]);
  });
});

describe('probes', () => {
  const readiness = (period: number, more = ''): string =>
    `readinessProbe: {exec: {command: [ready]}, periodSeconds: ${period}${more}}`;

  test('whose marks find a container ended have the pod looked at', () => {
    const seen = pod(`containers: [{name: c, ${readiness(4)}}]`, {
      containers: {
        c: { runs: [{ exit: 6, code: 1 }, { exit: 13, code: 1 }, {}], exec: { ready: [{ from: 0, code: 0 }] } },
      },
    });
    const ended = Number(
      seen('pod/container c')
        .find((line) => line.startsWith('terminated Error 1 1'))
        ?.split('@')[1],
    );
    const waiting = seen('pod/container c').find((line) => line.startsWith('waiting CrashLoopBackOff'));
    expect(Number(waiting?.split('@')[1]) - ended).toBeLessThanOrEqual(4);
  });

  test('are tried three times in a container that has ended where the status does not say so', () => {
    const seen = pod(`restartPolicy: Never, containers: [{name: c, ${readiness(2)}}, {name: d}]`, {
      containers: { c: { runs: [{ exit: 6 }] } },
    });
    expect(seen('pod/exec c ready').slice(-3)).toEqual(['0 -1 @6', '0 -1 @6', '0 -1 @6']);
    const text = 'rpc error: code = Unknown desc = failed to exec in container: container is not running';
    expect(seen(`pod/event Unhealthy c Readiness probe errored and resulted in unknown state: ${text}`)).toEqual([
      'Warning @6',
    ]);
  });

  test('ask a container that is to end at this very moment before it does', () => {
    // It is not ready yet: the sync that stops it asks, and moves the marks.
    const spec = `terminationGracePeriodSeconds: 6, containers: [{name: c, ${readiness(3, ', successThreshold: 6')}}]`;
    const script = { containers: { c: { runs: [{ ignoreTerm: true }], exec: { ready: [{ from: 0, code: 0 }] } } } };
    const seen = pod(spec, script, [deleted(8)]);
    expect(seen('pod/cri c').at(-1)).toBe('Exit 0 137 @14');
    expect(seen('pod/exec c ready').slice(-3)).toEqual(['0 0 @8', '0 0 @11', '0 0 @14']);
  });

  test('have the pod looked at when they first look at an instance', () => {
    const startup = 'startupProbe: {exec: {command: [up]}, periodSeconds: 4, failureThreshold: 9}';
    const seen = pod(`containers: [{name: a, ${startup}}, {name: b, ${readiness(10)}}]`, {
      containers: { a: { exec: { up: [{ from: 0, code: 1 }] } }, b: { exec: { ready: [{ from: 0, code: 1 }] } } },
    });
    expect(seen('pod/exec b ready').filter((line) => /@[0-9]$/.test(line))).toEqual(['0 1 @0', '0 1 @0', '0 1 @4']);
  });

  test.each([0, 0.5])(
    'of a start take the next instance for started until their next mark: stopped in %d s',
    (term) => {
      const startup = 'startupProbe: {exec: {command: [up]}, periodSeconds: 4, failureThreshold: 9}';
      const liveness = 'livenessProbe: {exec: {command: [live]}, periodSeconds: 5, failureThreshold: 1}';
      const seen = pod(`containers: [{name: c, ${startup}, ${liveness}}]`, {
        containers: {
          c: {
            runs: [{ term }],
            exec: {
              up: [{ from: 0, code: 0 }],
              live: [
                { from: 0, code: 0 },
                { from: 12.5, code: 1, run: 0 },
              ],
            },
          },
        },
      });
      // Between the two that it has not started is told alone, where the next sync waits for a list.
      const shown = seen('pod/container c').filter((line) => !line.startsWith('running 1 true false'));
      expect(shown).toEqual([
        expect.stringMatching(/^running 0 false false .*@0$/),
        expect.stringMatching(/^running 0 true true .*@4$/),
        expect.stringMatching(/^running 1 true true .*@15$/),
        expect.stringMatching(/^running 1 false false .*@16$/),
        expect.stringMatching(/^running 1 true true .*@20$/),
      ]);
    },
  );

  test('of readiness that have found an instance ready before its startup probe looked are not asked again', () => {
    const startup = 'startupProbe: {exec: {command: [up]}, periodSeconds: 3, failureThreshold: 5}';
    const liveness = 'livenessProbe: {exec: {command: [live]}, periodSeconds: 6, failureThreshold: 1}';
    const up = [
      { from: 0, code: 1 },
      { from: 7.2, code: 0 },
    ];
    const live = [
      { from: 0, code: 0 },
      { from: 20.3, code: 1, run: 0 },
    ];
    const seen = pod(`containers: [{name: c, ${startup}, ${readiness(4)}, ${liveness}}]`, {
      containers: { c: { runs: [{ term: 0.8 }], exec: { up, live, ready: [{ from: 0, code: 0 }] } } },
    });
    // Killed at 24 s; asked for readiness with the restart, and found started at 33 s.
    expect(seen('pod/condition Ready').at(-1)).toBe('True   @33');
    expect(seen('pod/exec c ready').slice(4, 6)).toEqual(['1 0 @24', '1 0 @36']);
  });

  test('that last longer than their period follow each other at once', () => {
    const seen = pod(`containers: [{name: c, ${readiness(2, ', timeoutSeconds: 9')}}]`, {
      containers: {
        c: {
          exec: {
            ready: [
              { from: 0, code: 0 },
              { from: 7.5, code: 0, took: 4.5 },
              { from: 20.5, code: 0 },
            ],
          },
        },
      },
    });
    expect(seen('pod/exec c ready').slice(4, 9)).toEqual(['0 0 @8', '0 0 @12', '0 0 @17', '0 0 @21', '0 0 @22']);
  });

  test('whose commands are under way die with their container', () => {
    const seen = pod(`containers: [{name: c, ${readiness(9, ', timeoutSeconds: 9')}}]`, {
      containers: { c: { runs: [{ exit: 4.5, code: 1 }, {}], exec: { ready: [{ from: 0, code: 0, took: 6 }] } } },
    });
    expect(seen('pod/exec c ready')[0]).toBe('0 137 @0');
  });

  test.each([
    ['liveness', 8, 'Container c failed liveness probe, will be restarted'],
    ['startup', 4, 'Container c failed startup probe, will be restarted'],
  ])('of %s whose command dies with its container have it started anew at once', (kind, from, message) => {
    const probe = `${kind}Probe: {exec: {command: [live]}, periodSeconds: 4, timeoutSeconds: 6, failureThreshold: 1}`;
    const live = [
      { from: 0, code: 0 },
      { from: from - 0.1, code: 0, took: 3, run: 0 },
    ];
    const runs = [{ exit: from + 1.5, code: 1 }, {}];
    for (const play of [0, 1, 2, 3]) {
      const seen = pod(`containers: [{name: c, ${probe}}]`, { containers: { c: { runs, exec: { live } } } }, [], play);
      expect(seen(`pod/event Killing c ${message}`)).toEqual([`Normal @${from + 1}`]);
      expect(seen('pod/cri c').slice(2, 4)).toEqual([`Exit 0 1 @${from + 1}`, `CreateContainer 1 @${from + 1}`]);
    }
  });

  test('of readiness whose marks a sync has moved leave a mark to the sync that stops their container', () => {
    const liveness = 'livenessProbe: {exec: {command: [live]}, periodSeconds: 4, failureThreshold: 2}';
    const fromOn = (from: number) => [
      { from: 0, code: 0 },
      { from, code: 1, run: 0 },
    ];
    const seen = pod(`containers: [{name: c, ${readiness(2, ', failureThreshold: 1')}, ${liveness}}]`, {
      containers: { c: { exec: { ready: fromOn(9.3), live: fromOn(17.6) } } },
    });
    const atStop = seen('pod/exec c ready').filter((line) => line.endsWith('@24'));
    expect(atStop).toEqual(['0 1 @24', '1 0 @24']);
  });

  test('of sidecars go on while the pod is stopped', () => {
    const probe = 'livenessProbe: {periodSeconds: 4, exec: {command: [live]}}';
    const seen = pod(
      `initContainers: [{name: s, restartPolicy: Always, ${probe}}], containers: [{name: c}]`,
      { containers: { s: { runs: [{ term: 20 }] }, c: { runs: [{ term: 3 }] } } },
      [deleted(9.3)],
    );
    expect(seen('pod/exec s live').map((line) => line.split('@')[1])).toEqual([
      '4',
      '8',
      '12',
      '16',
      '20',
      '24',
      '28',
      '32',
    ]);
  });

  test('that share a mark with the startup probe hear of its success later', () => {
    const startup = 'startupProbe: {exec: {command: [up]}, periodSeconds: 3, failureThreshold: 9}';
    const seen = pod(`containers: [{name: c, ${startup}, ${readiness(2)}}]`, {
      containers: {
        c: {
          exec: {
            up: [
              { from: 0, code: 1 },
              { from: 4.5, code: 0 },
            ],
            ready: [{ from: 0, code: 1 }],
          },
        },
      },
    });
    expect(seen('pod/exec c ready').filter((line) => line.endsWith('@6'))).toHaveLength(1);
  });

  test('change nothing but their own container while the pod is stopped', () => {
    const seen = pod(
      `containers: [{name: a, ${readiness(2, ', failureThreshold: 1')}}, {name: b}]`,
      {
        containers: {
          a: {
            runs: [{ term: 10 }],
            exec: {
              ready: [
                { from: 0, code: 0 },
                { from: 13.5, code: 1 },
              ],
            },
          },
          b: { runs: [{ term: 3 }] },
        },
      },
      [deleted(9)],
    );
    expect(seen('pod/container a').at(-2)).toMatch(/^running 0 false true .*@14$/);
    expect(seen('pod/container b')).toEqual([expect.stringMatching(/@0$/), expect.stringMatching(/^terminated.*@19$/)]);
  });
});

test('a container with another image has a back-off of its own, which begins with its first start after an end', () => {
  const patch = '{"spec": {"containers": [{"name": "c", "image": "registry.test/present/app:2"}]}}';
  const actions = [{ at: 9.6, do: 'patch', patch } as const];
  const seen = pod('containers: [{name: c}]', { containers: { c: { runs: [{ exit: 7, code: 1 }] } } }, actions);
  expect(seen('pod/cri c').find((line) => line.startsWith('StartContainer 2'))).toBe('StartContainer 2 @9');
  expect(seen('pod/cri c').find((line) => line.startsWith('StartContainer 3'))).toMatch(/@(2[6-9]|3[0-2])$/);
});

test('a list that shows a container within a sync that fails, and a later one that shows another, lead to a look each', () => {
  const absent = 'imagePullPolicy: Never, image: registry.test/p@/x:1';
  const seen = pod(`containers: [{name: a}, {name: b, ${absent}}]`, { containers: { a: { start: 3 } }, images: {} });
  expect(seen('pod/event Failed b Error: ErrImageNeverPull').filter((line) => /@[0-6]$/.test(line))).toHaveLength(3);
});

describe('the end of a pod', () => {
  test('kills what needs its whole grace', () => {
    const spec = 'terminationGracePeriodSeconds: 5, containers: [{name: c}]';
    const seen = pod(spec, { containers: { c: { runs: [{ term: 5 }] } } }, [deleted(8)]);
    expect(seen('pod/cri c').at(-1)).toBe('Exit 0 137 @13');
  });

  test('stops in vain what has ended since the last list of containers', () => {
    const shown = [0, 1, 2, 3].map((play) =>
      pod(
        'containers: [{name: c}]',
        { containers: { c: { runs: [{ exit: 8.4, code: 1 }] } } },
        [deleted(8.5)],
        play,
      )('pod/event Killing c Stopping container c'),
    );
    expect(shown.flat()).toContain('Normal @8');
  });

  test('leaves a container that ends by itself meanwhile its own reason', () => {
    const run = { exit: 12.3, code: 137, reason: 'OOMKilled', ignoreTerm: true };
    const seen = pod('containers: [{name: a}]', { containers: { a: { runs: [run] } } }, [deleted(8)]);
    expect(seen('pod/container a').at(-1)).toBe('terminated OOMKilled 137 0 false false  @12');
  });

  test('in back-off leaves the end that was told as the last one', () => {
    const runs = [
      { exit: 6.4, code: 2 },
      { exit: 11, code: 137, reason: 'OOMKilled' },
    ];
    const probe = 'readinessProbe: {periodSeconds: 2, exec: {command: [ready]}}';
    const ends = (at: number): string =>
      pod(`containers: [{name: a, ${probe}}]`, { containers: { a: { runs } } }, [deleted(at)])('pod/container a').at(
        -1,
      )!;
    expect(ends(23)).toBe('terminated OOMKilled 137 1 false false OOMKilled 137 @23');
    // The status does not say yet that it waits.
    expect(ends(18)).toMatch('terminated OOMKilled 137 1 false false Error 2 @');
  });

  test('tells nothing new of what has ended unseen until all containers are gone', () => {
    const scripts = { a: { runs: [{ exit: 8.4, code: 1 }] }, b: { runs: [{ term: 3 }] } };
    const shown = [0, 1, 2, 3].map((play) =>
      pod(
        'containers: [{name: a}, {name: b}]',
        { containers: scripts },
        [deleted(8.5)],
        play,
      )('pod/container a').at(-1),
    );
    expect(shown).toContain('terminated Error 1 0 false false  @11');
  });

  test('tells a container once to stop though its hook goes on', () => {
    const hooked = (name: string): string => `{name: ${name}, lifecycle: {preStop: {exec: {command: [pre]}}}}`;
    const seen = pod(
      `terminationGracePeriodSeconds: 2, containers: [${hooked('a')}, {name: b, lifecycle: {preStop: {sleep: {seconds: 1}}}}]`,
      {
        containers: {
          a: { runs: [{ ignoreTerm: true }], exec: { pre: [{ from: 0, code: 0, took: 9 }] } },
          b: { runs: [{ ignoreTerm: true }] },
        },
      },
      [deleted(8.5)],
    );
    expect(stops(seen('pod/cri a'))).toEqual(['StopContainer 0 2 @10']);
  });

  test('waits for a list of containers where a sync that will find nothing waits for one', () => {
    const scripts = { a: { start: 1, runs: [{ term: 1 }] }, b: { create: 2 } };
    for (const play of [0, 1, 2]) {
      const seen = pod('containers: [{name: a}, {name: b}]', { containers: scripts }, [deleted(3.1)], play);
      expect(stops(seen('pod/cri a'))[0]).toMatch(/^StopContainer 0 30 @4$/);
    }
  });

  test('is told by its deadline where that is over before its containers are', () => {
    const seen = pod(
      'activeDeadlineSeconds: 10, containers: [{name: c}]',
      { containers: { c: { runs: [{ term: 9, termCode: 1 }] } } },
      [deleted(4)],
    );
    expect(seen('pod/why')).toEqual([
      'DeadlineExceeded Pod was active on the node longer than the specified deadline @13',
    ]);
  });

  test('lets a hook go on in a container that has outlived its grace', () => {
    const seen = pod(
      'terminationGracePeriodSeconds: 3, containers: [{name: c, lifecycle: {preStop: {exec: {command: [pre]}}}}]',
      { containers: { c: { runs: [{ ignoreTerm: true }], exec: { pre: [{ from: 0, code: 0, took: 3.5 }] } } } },
      [deleted(8)],
    );
    expect(seen('pod/exec c pre')).toEqual(['0 0 @8']);
  });

  test('under a rule that starts all containers anew says that nothing is', () => {
    const rule = '{action: RestartAllContainers, exitCodes: {operator: In, values: [88]}}';
    const seen = pod(
      `restartPolicy: Never, containers: [{name: a, restartPolicy: Never, restartPolicyRules: [${rule}]}]`,
      {
        containers: { a: { runs: [{ exit: 4, code: 1 }] } },
      },
    );
    expect(seen('pod/condition AllContainersRestarting')).toEqual([
      'False   @0',
      expect.stringMatching(/^False PodFailed/),
    ]);
  });

  test.each([
    [{ term: 2 }, []],
    [{ ignoreTerm: true }, ['Preempting Preempted in order to admit critical pod @11']],
  ])('that made room for a critical one tells why unless it has succeeded: %o', (run, why) => {
    const asks = 'resources: {requests: {cpu: 1500m}}';
    const seen = played(
      [
        {
          name: 'a',
          spec: `{terminationGracePeriodSeconds: 6, containers: [{name: c, ${asks}}]}`,
          script: { containers: { c: { runs: [run] } } },
        },
        {
          name: 'b',
          at: 5,
          spec: `{priorityClassName: system-node-critical, containers: [{name: c, ${asks}}]}`,
          script: {},
        },
      ],
      [],
      'small',
    );
    expect(seen('a/why')).toEqual(why);
  });
});

test('an end between a list of containers and its reaction is found by the next list, and not shown before', () => {
  for (let exit = 5; exit < 6.05; exit += 0.009) {
    const seen = pod('restartPolicy: OnFailure, containers: [{name: a}, {name: z}]', {
      containers: { a: { runs: [{ exit: 5 }] }, z: { runs: [{ exit, code: 1 }, {}] } },
    });
    expect(seen('pod/cri z').filter((line) => line.startsWith('CreateContainer 1'))).toHaveLength(1);
    expect(seen('pod/container z').filter((line) => line.startsWith('running 0 false'))).toEqual([]);
  }
});

describe('a sandbox', () => {
  test('is told of before the containers run where their starts take long enough together', () => {
    const scripts = { a: { start: 0.2 }, b: { start: 0.2 } };
    const seen = pod('containers: [{name: a}, {name: b}]', { containers: scripts, sandbox: { latency: 0.9 } });
    expect(seen('pod/condition PodReadyToStartContainers').at(-1)).toBe('True   @0');
    expect(seen('pod/phase').at(-1)).toBe('Running @1');
  });
});
