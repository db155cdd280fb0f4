/** Runs faults against targets that only write down what is done to them. */
import { Engine } from '../engine/engine.ts';
import type { ArgumentsOf, ContainerChoice, FaultNode, FaultTargets, NodeAmount, Parameters } from '../faults/fault.ts';
import { FaultInjector } from '../faults/injector.ts';
import { faultNamed } from '../faults/registry.ts';
import type { FaultRecord } from '../record/facts.ts';
import { Recorder } from '../record/recorder.ts';
import { nodeSha256 } from './sha256.ts';

/** A fault and its arguments; what is left out is undefined. */
export interface FaultScript {
  readonly fault: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface FaultRun {
  /** `<time> <call>` for all that was done to the targets. */
  readonly calls: readonly string[];
  readonly started: readonly FaultRecord[];
  /** Ids, in the order of their ends. */
  readonly ended: readonly number[];
  readonly fingerprint: string;
  readonly engine: Engine;
}

/** Nodes `a-0`, `a-1`, ... in zone `a`, and so on; each is labelled with its place in the zone. */
export function faultNodes(zones: Readonly<Record<string, number>>): FaultNode[] {
  return Object.entries(zones).flatMap(([zone, count]) =>
    Array.from({ length: count }, (_, i) => ({ name: `${zone}-${i}`, zone, labels: { place: String(i) } })),
  );
}

/** Runs a list of faults up to the horizon; `prepare` may add what else happens in the run. */
export function runFaults(
  scripts: readonly FaultScript[],
  options: {
    readonly nodes?: readonly FaultNode[];
    readonly horizon: number;
    readonly seed?: string;
    readonly prepare?: (engine: Engine) => void;
  },
): FaultRun {
  const { nodes = faultNodes({ a: 2, b: 2 }), horizon, seed = '1', prepare } = options;
  const engine = new Engine({ seed, createHash: nodeSha256 });
  const recorder = new Recorder();
  const calls: string[] = [];
  const started: FaultRecord[] = [];
  const ended: number[] = [];
  recorder.observe({
    faultStarted: (record) => void started.push(record),
    faultEnded: ({ id }) => void ended.push(id),
  });
  const injector = new FaultInjector(engine, recorder, writingTargets(engine, calls));
  prepare?.(engine);
  const rules = scripts.map(({ fault, args }) => ({
    definition: faultNamed(fault)!,
    args: args as ArgumentsOf<Parameters>,
  }));
  injector.start(rules, nodes, horizon);
  engine.run({ until: horizon });
  return { calls, started, ended, fingerprint: engine.fingerprint('faults').digestHex(), engine };
}

function amountText({ amount, percent }: NodeAmount): string {
  return percent === undefined ? String(amount) : `${percent}%`;
}

function choiceText({ pods, container, mode }: ContainerChoice): string {
  const { labels, namespaces } = pods;
  const where = namespaces.length === 0 ? '-' : namespaces.join(',');
  return [JSON.stringify(labels.matchLabels), where, container ?? '-', mode.mode, mode.value].join(' ');
}

function writingTargets(engine: Engine, calls: string[]): FaultTargets {
  const write =
    (name: string) =>
    (...args: unknown[]): void =>
      void calls.push([engine.now, name, ...args].join(' '));
  return {
    crashNode: write('crashNode'),
    restoreNode: write('restoreNode'),
    partitionNode: write('partitionNode'),
    healNode: write('healNode'),
    stopKubelet: write('stopKubelet'),
    startKubelet: write('startKubelet'),
    shutDownNode: write('shutDownNode'),
    reclaimNode: write('reclaimNode'),
    replaceNode: write('replaceNode'),
    beginNodeSlowdown: write('beginNodeSlowdown'),
    endNodeSlowdown: write('endNodeSlowdown'),
    addOtherMemory: (name, used, sign) => write('addOtherMemory')(name, amountText(used), sign),
    addOtherDisk: (name, used, sign) => write('addOtherDisk')(name, amountText(used), sign),
    addOtherProcesses: (name, used, sign) => write('addOtherProcesses')(name, amountText(used), sign),
    shiftClock: write('shiftClock'),
    crashContainers: (choice, exitCode, reason) => {
      write('crashContainers')(choiceText(choice), exitCode, reason);
      return 1;
    },
    hangContainers: (id, choice) => {
      write('hangContainers')(id, choiceText(choice));
      return 1;
    },
    releaseContainers: write('releaseContainers'),
    stopComponent: (component, { replicas, leaderElect }) => write('stopComponent')(component, replicas, leaderElect),
    startComponent: (component, { replicas, leaderElect }) => write('startComponent')(component, replicas, leaderElect),
    setRegistryAvailable: write('setRegistryAvailable'),
    beginRegistrySlowdown: write('beginRegistrySlowdown'),
    endRegistrySlowdown: write('endRegistrySlowdown'),
    setApiServerAvailable: write('setApiServerAvailable'),
    setEtcdWritable: write('setEtcdWritable'),
    addApiServerLatency: write('addApiServerLatency'),
  };
}
