import { MINUTE } from '../src/engine/time.ts';
import type { SchedulingAttempt } from '../src/record/facts.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import type { Bench, BenchFigure } from './bench.ts';
import { scenarioOf, simulationOf } from './simulate.ts';

/** A workload of upstream's suite `test/integration/scheduler_perf`, as a scenario in `bench/workloads/`. */
interface Workload {
  /** Name of the file. */
  readonly name: string;
  /** Pods a second at which upstream's own benchmark raises an alarm; undefined = none is set. */
  readonly threshold: number | undefined;
}

/** Thresholds as of Kubernetes 1.36 (`performance-config.yaml` of misc, affinity, topology_spreading and volumes). */
export const workloads: readonly Workload[] = [
  { name: 'scheduling-basic', threshold: 680 },
  { name: 'scheduling-basic-50k', threshold: 810 },
  { name: 'scheduling-pod-anti-affinity', threshold: 60 },
  { name: 'scheduling-pod-affinity', threshold: 35 },
  { name: 'scheduling-preferred-pod-affinity', threshold: 90 },
  { name: 'scheduling-preferred-pod-anti-affinity', threshold: 90 },
  { name: 'scheduling-node-affinity', threshold: 220 },
  { name: 'mixed-scheduling-base-pod', threshold: 140 },
  { name: 'topology-spreading', threshold: 460 },
  { name: 'preferred-topology-spreading', threshold: 340 },
  { name: 'default-topology-spreading', threshold: 160 },
  { name: 'preemption-basic', threshold: undefined },
  { name: 'preemption-async', threshold: 570 },
  { name: 'unschedulable', threshold: 590 },
  { name: 'scheduling-with-mixed-churn', threshold: 710 },
  { name: 'scheduling-with-extended-resource', threshold: 180 },
  { name: 'scheduling-daemonset', threshold: 1100 },
  { name: 'scheduling-while-gated', threshold: 910 },
  { name: 'scheduling-secrets', threshold: 790 },
  { name: 'scheduling-csi-pvs', threshold: undefined },
];

const measuredFromUs = MINUTE;
const sliceEvents = 1_000;

/**
 * The whole simulation runs: API server, queue, decision, binding, kubelet. Decisions of the pods that come after the first
 * minute, by processor time; upstream's figures are of elapsed time with 16 threads, real API server and no kubelet.
 */
export const schedulerPerf: Bench = {
  name: 'scheduler-perf',
  description: "workloads of kube-scheduler's own suite: decisions for each second of processor time, whole simulation",
  run: ({ isQuick }) => workloads.flatMap((workload) => figuresOf(workload, isQuick)),
};

function figuresOf({ name, threshold }: Workload, isQuick: boolean): readonly BenchFigure[] {
  const { decisions, scheduled, seconds } = measured(
    scenarioOf(`bench/workloads/${name}.yaml`),
    isQuick ? 500 : Infinity,
  );
  const rate = decisions / seconds;
  return [
    { name: `${name} (${scheduled} scheduled, ${decisions - scheduled} not)`, value: rate, unit: 'decisions/s' },
    ...(threshold === undefined
      ? []
      : [{ name: `${name}, over upstream's ${threshold} pods/s`, value: rate / threshold, unit: 'x' }]),
  ];
}

interface Measured {
  readonly decisions: number;
  readonly scheduled: number;
  /** Processor time. */
  readonly seconds: number;
}

/** Runs on until nothing is left to be decided, the horizon, or so many decisions. */
function measured(scenario: Scenario, decisionsMax: number): Measured {
  const count = { decisions: 0, scheduled: 0 };
  const schedulingAttempt = ({ result }: SchedulingAttempt): void => {
    count.decisions++;
    if (result === 'scheduled') count.scheduled++;
  };
  const simulation = simulationOf(scenario, { metrics: [], check: 'off', observers: [{ schedulingAttempt }] });
  const isBefore = (): boolean => simulation.engine.now < measuredFromUs;
  while (isBefore() && simulation.advance(sliceEvents).reason === 'paused');
  count.decisions = 0;
  count.scheduled = 0;
  const before = process.cpuUsage();
  let used = before;
  // What comes after the last decision, such as a container's start, is no part of it.
  for (let last = -1; count.decisions < decisionsMax && simulation.advance(sliceEvents).reason === 'paused';) {
    if (count.decisions !== last) used = process.cpuUsage(before);
    last = count.decisions;
  }
  return { ...count, seconds: (used.user + used.system) / 1e6 };
}
