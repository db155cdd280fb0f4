import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { FactScript } from '../testing/fact-script.ts';
import type { CheckDefinition } from './check.ts';
import { boundOnceCheck } from './bound-once.ts';
import { finishedJobsCheck } from './finished-jobs.ts';
import { nodeAccountingCheck } from './node-accounting.ts';
import { podConservationCheck } from './pod-conservation.ts';
import { podPhasesCheck } from './pod-phases.ts';
import { CheckSet, checks } from './registry.ts';
import { preemptionVictimsCheck } from './preemption-victims.ts';
import { resourceVersionsCheck } from './resource-versions.ts';
import { timeCheck } from './time.ts';
import { uniqueUidsCheck } from './unique-uids.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { statusWith } from '../api/pod-status.ts';

/** Plants a violation and gives what one check says to it; the state is verified at the end. */
function violationsOf(definition: CheckDefinition, plant: (script: FactScript) => void): string[] {
  const script = new FactScript();
  const set = new CheckSet(() => script.now, [definition]);
  set.observe(script.recorder);
  plant(script);
  return set.verify(script.state).map(({ subject, message }) => `${subject}: ${message}`);
}

/** Tells a commit that never happened: what a faulty API server would say. */
function tell(script: FactScript, before: Pod | undefined, after: Pod | undefined, slot = 0): void {
  script.recorder.committed('Pod', slot, before, after, '');
}

const withVersion = (pod: Pod, resourceVersion: number, uid = pod.metadata.uid): Pod =>
  podWith(pod, { metadata: metadataWith(pod.metadata, { uid, resourceVersion }) });

test('a life without faults violates nothing', () => {
  const script = new FactScript();
  const set = new CheckSet(() => script.now);
  set.observe(script.recorder);
  script.node('n', 'True', { cpu: 1000 });
  script.pod('static', { cpu: 5000 }, undefined, 'n');
  const pod = script.at(1).bind(script.pod('a', { cpu: 1000 }), 'n');
  script.recorder.podHop(pod.metadata.uid, 'bound', script.now);
  script.at(2).running(pod, true);
  script.at(3).terminate(pod);
  script.at(4).status(pod, { phase: 'Succeeded' });
  script.at(5).bind(script.pod('b', { cpu: 1000 }), 'n');
  script.remove('Pod', pod);
  expect(set.verify(script.state)).toEqual([]);
  expect(checks.length).toBe(10);
});

describe('time', () => {
  test('going back and hops of the future are told', () => {
    const found = violationsOf(timeCheck, (script) => {
      script.at(5).pod('a');
      script.at(4).pod('b');
      script.recorder.podHop(1, 'bound', 4_000_001);
      script.recorder.podHop(1, 'bound', 0.5);
      script.now = 4_000_000.5;
      script.pod('c');
    });
    expect(found).toEqual([
      'virtual time: went back from 5000000 us to 4000000 us',
      'pod with uid 1: hop bound at 4000001 us is not an instant between the start and now',
      'pod with uid 1: hop bound at 0.5 us is not an instant between the start and now',
      'virtual time: 4000000.5 us is not an integer',
    ]);
  });
});

describe('resource-versions', () => {
  test('a version that does not grow and a lost update are told', () => {
    const found = violationsOf(resourceVersionsCheck, (script) => {
      const first = script.pod('a');
      const second = script.running(first, true);
      tell(script, first, withVersion(first, 9));
      tell(script, withVersion(first, 9), withVersion(second, 3));
    });
    expect(found).toEqual([
      'pod default/a: a commit replaced resourceVersion 1, but 2 was stored: an update was lost',
      'pod default/a: resourceVersion 3 was committed after 9',
    ]);
  });

  test('a slot may be used again after a removal', () => {
    const found = violationsOf(resourceVersionsCheck, (script) => {
      script.remove('Pod', script.pod('a'));
      script.pod('b');
    });
    expect(found).toEqual([]);
  });
});

describe('pod-conservation', () => {
  test('a pod that appears without being told, and one that leaves a phase it was not in, are told', () => {
    const found = violationsOf(podConservationCheck, (script) => {
      script.state.store('Pod').commit(undefined, makePod('secret'), 1);
      const pod = makePod('ghost', { status: { phase: 'Running' } });
      tell(script, pod, podWith(pod, { status: statusWith(pod.status, { phase: 'Failed' }) }));
    });
    expect(found).toEqual([
      'pod default/ghost: left phase Running, in which no pod was',
      'pods in phase Pending: 0 by what was committed, but 1 are stored',
      'pods in phase Running: -1 by what was committed, but 0 are stored',
      'pods in phase Failed: 1 by what was committed, but 0 are stored',
    ]);
  });

  test('a deletion that never was created breaks the sum', () => {
    const found = violationsOf(podConservationCheck, (script) => {
      script.pod('a');
      tell(script, makePod('b'), undefined);
    });
    expect(found).toEqual(['pods in phase Pending: 0 by what was committed, but 1 are stored']);
  });
});

describe('pod-phases', () => {
  test.each([
    ['Succeeded', 'Running'],
    ['Failed', 'Pending'],
    ['Running', 'Pending'],
    ['Succeeded', 'Failed'],
  ] as const)('from %s to %s is told', (from, to) => {
    const found = violationsOf(podPhasesCheck, (script) => {
      const pod = script.bind(script.pod('a'), 'n');
      if (from !== 'Failed') script.running(pod, true);
      script.status(pod, { phase: from });
      script.status(pod, { phase: to });
    });
    expect(found).toEqual([`pod default/a: went from phase ${from} to ${to}`]);
  });

  test('a running pod is Pending again while its init containers run anew', () => {
    const found = violationsOf(podPhasesCheck, (script) => {
      const spec = { initContainers: [makeContainer({ name: 'init' })] };
      const running = makePod('a', { spec, status: { phase: 'Running' } });
      tell(script, running, podWith(running, { status: statusWith(running.status, { phase: 'Pending' }) }));
    });
    expect(found).toEqual([]);
  });

  test('Pending may end at once', () => {
    const found = violationsOf(podPhasesCheck, (script) => {
      script.status(script.bind(script.pod('a'), 'n'), { phase: 'Succeeded' });
    });
    expect(found).toEqual([]);
  });

  test('running without a node, an undone deletion and undone restarts are told', () => {
    const found = violationsOf(podPhasesCheck, (script) => {
      const pod = script.pod('a');
      const state = { phase: 'running', reason: '', message: '', exitCode: 0, startedAt: 0, finishedAt: -1 } as const;
      const container = { index: 0, state, lastState: undefined, ready: true, started: true };
      script.status(pod, { phase: 'Running', containerStatuses: [{ ...container, restartCount: 2 }] });
      const ending = script.terminate(pod);
      const metadata = metadataWith(ending.metadata, { deletionTimestamp: undefined });
      script.put('Pod', podWith(ending, { metadata }));
      script.status(pod, { containerStatuses: [{ ...container, restartCount: 1 }] });
      script.status(pod, { containerStatuses: [] });
    });
    const running = 'pod default/a: is Running without a node';
    expect(found).toEqual([
      ...[running, 'pod default/a: was being deleted and is not any more'],
      ...['pod default/a: container 0 has 1 restarts after 2', running],
      ...['pod default/a: container 0 is gone from the status after 1', running],
    ]);
  });
});

describe('bound-once', () => {
  test('another node, no node any more, and a node for a pod that is being deleted are told', () => {
    const found = violationsOf(boundOnceCheck, (script) => {
      const pod = script.bind(script.pod('a'), 'n');
      script.bind(pod, 'm');
      script.bind(pod, '');
      script.terminate(pod);
      script.bind(pod, 'n');
    });
    expect(found).toEqual([
      'pod default/a: was bound again, to m; it was bound to n',
      'pod default/a: lost its node; it was bound to m',
      'pod default/a: was bound to n while being deleted',
    ]);
  });
});

describe('bound-once knows nodes', () => {
  test('a node that never was, or has long been gone, is told; one that has just gone is not', () => {
    const found = violationsOf(boundOnceCheck, (script) => {
      const node = script.at(40).node('n', 'True');
      script.bind(script.pod('a'), 'n');
      script.at(50).remove('Node', node);
      script.at(79).bind(script.pod('b'), 'n');
      script.at(81).bind(script.pod('c'), 'n');
      script.bind(script.pod('d'), 'm');
    });
    expect(found).toEqual([
      'pod default/c: was bound to n, which does not exist',
      'pod default/d: was bound to m, which does not exist',
    ]);
  });
});

describe('unique-uids', () => {
  test('a uid that was there before, and one that changes, are told', () => {
    const found = violationsOf(uniqueUidsCheck, (script) => {
      const a = script.pod('a');
      const b = script.pod('b');
      tell(script, undefined, withVersion(b, 9, a.metadata.uid), 2);
      tell(script, a, withVersion(a, 10, 7));
    });
    expect(found).toEqual([
      'pod default/b: was created with the uid 1; 2 was given before',
      'pod default/a: had the uid 1 and now has 7',
    ]);
  });
});

describe('finished-jobs', () => {
  test('a pod for a finished Job, a Job that goes on, and one completion too many are told', () => {
    const found = violationsOf(finishedJobsCheck, (script) => {
      const running = script.job('batch', { completions: 2 });
      script.pod('early', {}, running);
      const job = script.job('batch', { completions: 2 }, 'Complete');
      script.pod('late', {}, job);
      script.put('Job', { ...job, status: { ...job.status, conditions: [], succeeded: 3 } });
      script.remove('Job', job);
      script.pod('later', {}, job);
    });
    expect(found).toEqual([
      'pod default/late: was created for the Job batch, which is finished',
      'job default/batch: counts 3 completions and wants 2',
      'job default/batch: was finished and goes on',
    ]);
  });
});

describe('preemption-victims', () => {
  test('a victim of equal priority and one on another node are told', () => {
    const found = violationsOf(preemptionVictimsCheck, ({ recorder }) => {
      const pod = (name: string, priority: number, nodeName = 'n'): Pod =>
        makePod(name, { spec: { priority, nodeName } });
      recorder.preemptionAttempt({
        preemptor: pod('high', 10, ''),
        nodeName: 'n',
        candidates: 2,
        victims: [pod('low', 9), pod('equal', 10), pod('elsewhere', 1, 'm')],
        violations: 0,
        profile: 'default-scheduler',
      });
    });
    expect(found).toEqual([
      'pod default/equal: has priority 10 and goes for pod default/high of priority 10',
      'pod default/elsewhere: is on m and goes to make room on n',
    ]);
  });
});

describe('node-accounting', () => {
  test('a pod too many is told, for cpu and for slots', () => {
    const found = violationsOf(nodeAccountingCheck, (script) => {
      script.node('n', 'True', { cpu: 1000, pods: 2 });
      script.bind(script.pod('a', { cpu: 600 }), 'n');
      script.bind(script.pod('b', { cpu: 600 }), 'n');
      script.bind(script.pod('c'), 'n');
    });
    expect(found).toEqual([
      'node n: bound pods request 1200 of cpu, allocatable are 1000; pod default/b was one too many',
      'node n: bound pods request 3 of pods, allocatable are 2; pod default/c was one too many',
    ]);
  });

  test('a resource that the node does not have at all is told', () => {
    const found = violationsOf(nodeAccountingCheck, (script) => {
      script.node('n', 'True');
      script.bind(script.pod('a', { 'nvidia.com/gpu': 1 }), 'n');
    });
    expect(found).toEqual([
      'node n: bound pods request 1 of nvidia.com/gpu, allocatable are 0; pod default/a was one too many',
    ]);
  });

  test('pods that came with a node, a node that shrank and ended pods are no violation', () => {
    const found = violationsOf(nodeAccountingCheck, (script) => {
      script.node('n', 'True', { cpu: 1000 });
      script.pod('static', { cpu: 3000 }, undefined, 'n');
      const pod = script.bind(script.pod('a', { cpu: 1000 }), 'n');
      script.status(pod, { phase: 'Failed' });
      script.bind(script.pod('b', { cpu: 1000 }), 'n');
      script.node('n', 'True', { cpu: 500 });
      script.bind(script.pod('c', { cpu: 100 }), 'n');
    });
    expect(found).toEqual([]);
  });

  test('sums that nobody told of are found when the state is looked at', () => {
    const found = violationsOf(nodeAccountingCheck, (script) => {
      script.node('n', 'True');
      const pod = script.bind(script.pod('a', { cpu: 100 }), 'n');
      tell(script, pod, podWith(pod, { status: statusWith(pod.status, { phase: 'Failed' }) }));
      script.state.store('Pod').commit(undefined, makePod('secret', { spec: { nodeName: 'm' } }), 99);
    });
    expect(found).toEqual([
      'node n: 0 of cpu by what was committed, but 100 by its pods',
      'node n: 0 of pods by what was committed, but 1 by its pods',
      'node m: has pods of which no commit told',
    ]);
  });
});

describe('all checks together', () => {
  test('violations carry the time and the name of the check; only the first hundred are kept', () => {
    const script = new FactScript();
    const set = new CheckSet(() => script.now);
    set.observe(script.recorder);
    const pod = script.bind(script.pod('a'), 'n');
    script.at(7);
    for (let index = 0; index < 120; index++)
      script.put('Pod', podWith(pod, { spec: bindSpec(pod.spec, `n${index}`) }));
    expect(set.violations[0]).toEqual({
      check: 'bound-once',
      time: 7_000_000,
      subject: 'pod default/a',
      message: 'was bound again, to n0; it was bound to n',
    });
    expect([set.violations.length, set.violationCount]).toEqual([100, 120]);
  });
});
