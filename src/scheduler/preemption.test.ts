// Preemption in a running simulation: scheduler, API server, kubelets and controllers together.
import { describe, expect, it } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { Uid } from '../api/meta-v1.ts';
import { MILLISECOND, MINUTE, SECOND } from '../engine/time.ts';
import type { KubeEvent, PreemptionAttempt, SchedulingAttempt } from '../record/facts.ts';
import { readSchedulerSetup } from '../scenario/scheduler-setup.ts';
import { Simulation } from '../simulation.ts';
import { soundScenario } from '../testing/load-from-memory.ts';
import { nodeSha256 } from '../testing/sha256.ts';

interface Timed {
  readonly at: number;
}

/** One version of a pod, or its end. */
interface PodChange extends Timed {
  readonly name: string;
  readonly before: Pod | undefined;
  readonly after: Pod | undefined;
}

const capacity = '{ cpu: 4, memory: 8Gi, pods: 20 }';

function pod(name: string, cpu: string, more = ''): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: default, labels: { app: ${name} } }
spec:
  containers: [{ name: main, image: "shop/app:1", resources: { requests: { cpu: ${cpu} } } }]
${more}`;
}

function priorityClass(name: string, value: number, more = ''): string {
  return `apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: ${name} }
value: ${value}
${more}`;
}

function deployment(name: string, replicas: number, cpu: string, more = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: default }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 30
      containers: [{ name: main, image: "shop/app:1", resources: { requests: { cpu: ${cpu} } } }]
${more}`;
}

/** A cluster of nodes with 4 cpus; `files` are applied at the seconds that their names begin with; `dump...` are there from the start. */
class PreemptionRun {
  readonly changes: PodChange[] = [];
  readonly events: (KubeEvent & Timed)[] = [];
  readonly attempts: (SchedulingAttempt & Timed)[] = [];
  readonly preemptions: PreemptionAttempt[] = [];
  readonly simulation: Simulation;

  constructor(nodes: number, files: Readonly<Record<string, string>>) {
    const dumps = Object.keys(files).filter((file) => file.startsWith('dump'));
    const applied = Object.keys(files).filter((file) => !file.startsWith('dump'));
    const workload = applied.map((file) => `  - { manifests: [${file}], at: ${Number.parseFloat(file)}s }\n`);
    const cluster = `nodePools: [{ name: p, count: ${nodes}, capacity: ${capacity} }], manifests: [${dumps.join()}]`;
    const spec = `cluster: { ${cluster} }
workload:\n${workload.join('')}behaviors: [{ stop: { after: 10s } }]\n`;
    const scenario = soundScenario(spec, files);
    const { setup } = readSchedulerSetup(scenario, []);
    this.simulation = new Simulation(scenario, {
      createHash: nodeSha256,
      scheduler: setup!,
      check: 'full',
      observers: [
        {
          committed: (kind, _slot, before, after) => {
            if (kind === 'Pod') this.noteChange(before as Pod | undefined, after as Pod | undefined);
          },
          kubeEvent: (event) => void this.events.push({ ...event, at: this.now }),
          preemptionAttempt: (attempt) => void this.preemptions.push(attempt),
          schedulingAttempt: (attempt) => void this.attempts.push({ ...attempt, at: this.now }),
        },
      ],
    });
  }

  get now(): number {
    return this.simulation.engine.now;
  }

  private noteChange(before: Pod | undefined, after: Pod | undefined): void {
    this.changes.push({ at: this.now, name: (after ?? before)!.metadata.name, before, after });
  }

  runTo(seconds: number): this {
    const stop = this.simulation.engine.run({ until: seconds * SECOND });
    expect(stop.reason).not.toBe('limit');
    return this;
  }

  /** The first time that a pod's new version is so; -1 = never. */
  when(name: string, isSo: (pod: Pod) => boolean): number {
    return (
      this.changes.find((change) => change.name === name && change.after !== undefined && isSo(change.after))?.at ?? -1
    );
  }

  /** When the scheduler sees no more of a pod: it has ended or its object is gone; -1 = never. */
  gone(name: string): number {
    const isGone = ({ after }: PodChange): boolean => after === undefined || isPodTerminal(after);
    return this.changes.find((change) => change.name === name && isGone(change))?.at ?? -1;
  }

  bound(name: string): number {
    return this.when(name, ({ spec }) => spec.nodeName !== '');
  }

  uidOf(name: string): Uid {
    return this.changes.find((change) => change.name === name)!.after!.metadata.uid;
  }

  get(name: string): Pod | undefined {
    return this.simulation.server.state.get('Pod', 'default', name);
  }

  failures(name: string): readonly (SchedulingAttempt & Timed)[] {
    return this.attempts.filter((attempt) => attempt.pod.metadata.name === name && attempt.result !== 'scheduled');
  }
}

const high = 'priorityClassName: high';
const classes = `${priorityClass('high', 1000)}\n---\n${priorityClass('top', 5000)}\n---\n${priorityClass('polite', 1000, 'preemptionPolicy: Never')}`;

/** Two nodes full of four pods; one with priority 1000 comes after two minutes. */
function fullCluster(more: Readonly<Record<string, string>> = {}, nodes = 2): PreemptionRun {
  const low = ['a', 'b', 'c', 'd'].map((name) => pod(name, '1900m')).join('\n---\n');
  return new PreemptionRun(nodes, { '0-classes.yaml': classes, '1-low.yaml': low, ...more });
}

describe('a pod of high priority in a full cluster', () => {
  const run = fullCluster({ '120-high.yaml': pod('urgent', '3', `  ${high}`) }).runTo(200);
  const [attempt] = run.failures('urgent');
  const node = run.get('urgent')!.spec.nodeName;
  const victims = ['a', 'b', 'c', 'd'].filter((name) => run.gone(name) >= 0);

  it('fails with a message that names the node and the number of victims, and again while the second one terminates', () => {
    const refused = '0/2 nodes are available: 2 Insufficient cpu. preemption: ';
    expect(run.failures('urgent').map(({ message }) => message)).toEqual([
      `${refused}found a potential placement for pod on node ${node}, preempting 2 victims`,
      `${refused}not eligible due to a terminating pod on the nominated node.`,
    ]);
    const failed = run.events.find(({ reason }) => reason === 'FailedScheduling');
    expect(failed).toMatchObject({ type: 'Warning', name: 'urgent', message: attempt!.message });
  });

  it('has the pods of that one node told to go, within 10 to 120 ms', () => {
    expect(victims).toHaveLength(2);
    for (const name of victims) {
      const marked = run.when(name, ({ status }) => status.otherConditions.length > 0);
      const deleted = run.when(name, ({ metadata }) => metadata.deletionTimestamp !== undefined);
      expect(marked - attempt!.at).toBeGreaterThan(0);
      expect(deleted - attempt!.at).toBeGreaterThan(10 * MILLISECOND);
      expect(deleted - attempt!.at).toBeLessThan(120 * MILLISECOND);
      expect(marked).toBeLessThan(deleted);
      const version = run.changes.find(({ name: own, at }) => own === name && at === deleted)!.after!;
      expect(version.metadata.deletionGracePeriodSeconds).toBe(30);
      expect(version.status.otherConditions).toEqual([
        {
          type: 'DisruptionTarget',
          status: 'True',
          lastTransitionTime: 120,
          reason: 'PreemptionByScheduler',
          message: 'default-scheduler: preempting to accommodate a higher priority pod',
        },
      ]);
    }
  });

  it('is told to observers as an attempt with victims, and as one without for each later refusal', () => {
    expect(run.preemptions.map(({ nodeName, candidates, victims }) => [nodeName, candidates, victims.length])).toEqual([
      [node, 2, 2],
      ['', 0, 0],
    ]);
  });

  it('says so in an event on each victim', () => {
    const preempted = run.events.filter(({ reason }) => reason === 'Preempted');
    expect(preempted.map(({ name }) => name).sort()).toEqual(victims);
    for (const event of preempted) {
      expect(event).toMatchObject({
        type: 'Normal',
        source: 'default-scheduler',
        involvedKind: 'Pod',
        message: `Preempted by pod ${run.uidOf('urgent')} on node ${node}`,
      });
    }
  });

  it('is nominated to the node meanwhile, and bound there 5 to 15 ms after the last victim is gone', () => {
    const nominated = run.when('urgent', ({ status }) => status.nominatedNodeName === node);
    expect(nominated - attempt!.at).toBeLessThan(120 * MILLISECOND);
    const lastGone = Math.max(...victims.map((name) => run.gone(name)));
    // The victims take ten seconds to stop.
    expect(lastGone - attempt!.at).toBeGreaterThan(10 * SECOND);
    expect(run.bound('urgent') - lastGone).toBeGreaterThan(5 * MILLISECOND);
    expect(run.bound('urgent') - lastGone).toBeLessThan(25 * MILLISECOND);
    expect(run.get('urgent')!.status).toMatchObject({ nominatedNodeName: '', phase: 'Running' });
  });
});

describe('a pod of high priority', () => {
  it('waits without asking for room where its policy is Never', () => {
    const run = fullCluster({ '120-high.yaml': pod('polite', '3', '  priorityClassName: polite') }).runTo(400);
    expect(run.failures('polite')[0]!.message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    );
    expect(['a', 'b', 'c', 'd'].every((name) => run.gone(name) < 0)).toBe(true);
    expect(run.get('polite')!.spec.nodeName).toBe('');
  });

  it('takes no room from its equals', () => {
    const files = { '0-classes.yaml': classes, '1-full.yaml': pod('first', '3', `  ${high}`) };
    const run = new PreemptionRun(1, { ...files, '120-high.yaml': pod('second', '3', `  ${high}`) }).runTo(200);
    expect(run.failures('second')[0]!.message).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. ' +
        'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
    expect(run.gone('first')).toBe(-1);
  });

  it('prefers victims that no budget protects', () => {
    const budget = (name: string, allowed: number): string => `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${name}, namespace: default }
spec: { minAvailable: 1, selector: { matchLabels: { app: ${name} } } }
status: { disruptionsAllowed: ${allowed}, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 }`;
    const low = [pod('a', '3'), pod('b', '3'), pod('c', '3')].join('\n---\n');
    const budgets = [budget('a', 0), budget('b', 1), budget('c', 0)].join('\n---\n');
    const files = { 'dump.yaml': budgets, '0-classes.yaml': classes, '1-low.yaml': low };
    const run = new PreemptionRun(3, { ...files, '120-high.yaml': pod('urgent', '3', `  ${high}`) }).runTo(200);
    expect([run.gone('a'), run.gone('c')]).toEqual([-1, -1]);
    expect(run.gone('b')).toBeGreaterThan(120 * SECOND);
    expect(run.bound('urgent')).toBeGreaterThan(run.gone('b'));
  });

  it('keeps the replacements of its victims waiting until it has its place', () => {
    const files = { '0-classes.yaml': classes, '1-low.yaml': deployment('web', 2, '1900m') };
    const run = new PreemptionRun(1, { ...files, '120-high.yaml': pod('urgent', '3', `  ${high}`) }).runTo(240);
    expect(run.get('urgent')!.status.phase).toBe('Running');
    const later = run.changes.filter(
      ({ before, at, name }) => before === undefined && at > MINUTE && name !== 'urgent',
    );
    expect(later.length).toBeGreaterThan(0);
    for (const { name } of later) expect(run.bound(name)).toBe(-1);
  });

  it('takes room that another has made, and the other preempts again', () => {
    const files = {
      '120-high.yaml': pod('urgent', '3', `  ${high}`),
      '123-top.yaml': pod('top', '3', '  priorityClassName: top'),
    };
    const run = fullCluster(files).runTo(200);
    expect(run.bound('top') - 120 * SECOND).toBeLessThan(11 * SECOND);
    // Twenty seconds after its first attempt instead of ten, as recorded of the real one.
    expect(run.bound('urgent') - 120 * SECOND).toBeGreaterThan(20 * SECOND);
    expect(run.bound('urgent') - 120 * SECOND).toBeLessThan(21 * SECOND);
    expect(run.failures('urgent').filter(({ message }) => message.includes('preempting'))).toHaveLength(2);
  });
});
