/** What last happened to each node, as numbers of facts: where the causes of what becomes of its pods are found. */
import type { Node, Taint } from '../api/core-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';
import { gracePeriodUs } from '../controllers/node-lifecycle.ts';
import { taintRule } from '../controllers/node-zones.ts';
import { SECOND } from '../engine/time.ts';
import type { FaultRecord, MachineState, ZoneDisruption } from '../record/facts.ts';
import type { CauseLog, CauseSubject } from './cause-log.ts';
import { noCause } from './cause-log.ts';

/** Numbers of the last facts about one node; -1 = none. */
export interface NodeFacts {
  fault: number;
  machine: number;
  ready: number;
  /** What presses on the node: the condition, or before it is told the fault. */
  pressure: number;
  taint: number;
  cordon: number;
  removal: number;
  /** NoExecute taints at present. */
  noExecute: readonly Taint[];
}

const untouched: Readonly<NodeFacts> = Object.freeze({
  fault: noCause,
  machine: noCause,
  ready: noCause,
  pressure: noCause,
  taint: noCause,
  cordon: noCause,
  removal: noCause,
  noExecute: Object.freeze([]) as readonly Taint[],
});

const machineTexts: Readonly<Record<MachineState, string>> = {
  up: 'machine up, kubelet in contact with the API server',
  down: 'machine without power: its containers are gone, its lease is renewed no more',
  partitioned: 'no contact with the API server: its containers run on, its lease is renewed no more',
  'kubelet-stopped': 'kubelet stopped: its containers run on, its lease is renewed no more',
};

/** Faults that take what the pods of a node live on. */
const pressing: ReadonlySet<string> = new Set(['memoryPressure', 'diskFull', 'pidPressure']);

const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** Follows nodes and notes what happens to them. */
export class NodeCauses {
  private readonly log: CauseLog;
  private readonly now: () => number;
  private readonly nodes = new Map<string, NodeFacts>();
  private readonly zoneStates = new Map<string, ZoneDisruption>();
  private readonly zoneOf: (nodeName: string) => string;

  constructor(log: CauseLog, now: () => number, zoneOf: (nodeName: string) => string) {
    this.log = log;
    this.now = now;
    this.zoneOf = zoneOf;
  }

  /** What last happened to a node. */
  of(nodeName: string): Readonly<NodeFacts> {
    return this.nodes.get(nodeName) ?? untouched;
  }

  /** Notes that a fault has hit its nodes; `id` is its number. */
  faultStarted({ kind, nodes }: FaultRecord, id: number): void {
    for (const name of nodes) {
      const facts = this.factsOf(name);
      facts.fault = id;
      // The kubelet evicts before its next status tells the condition.
      if (pressing.has(kind)) facts.pressure = id;
    }
  }

  machineChanged(nodeName: string, state: MachineState): number {
    const facts = this.factsOf(nodeName);
    if (state === 'up' && facts.machine === noCause) return noCause;
    const what = machineTexts[state];
    const who = `machine ${nodeName}`;
    const cause = state === 'up' ? facts.machine : facts.fault;
    facts.machine = this.log.add(this.now(), { event: 'machine', who, subject: nodeNamed(nodeName), what, cause });
    return facts.machine;
  }

  zoneStateChanged(zone: string, state: ZoneDisruption): void {
    this.zoneStates.set(zone, state);
  }

  /** Notes what changed about a node; gives the number of the last fact noted, -1 where nothing was. */
  committed(before: Node | undefined, after: Node | undefined, by: string): number {
    if (before === undefined || after === undefined)
      return before === undefined ? noCause : this.removed(before.metadata.name, by);
    let last = noCause;
    if (before.status !== after.status) last = this.statusChanged(before, after, by);
    if (before.spec !== after.spec) last = Math.max(last, this.specChanged(before, after, by));
    return last;
  }

  private removed(name: string, by: string): number {
    const facts = this.factsOf(name);
    const subject = nodeNamed(name);
    facts.removal = this.log.add(this.now(), {
      event: 'removal',
      who: by,
      subject,
      what: 'deleted',
      cause: facts.fault,
    });
    return facts.removal;
  }

  private statusChanged(before: Node, after: Node, by: string): number {
    const { name } = after.metadata;
    const was = nodeCondition(before, 'Ready')?.status;
    const ready = nodeCondition(after, 'Ready');
    const subject = nodeNamed(name);
    let last = noCause;
    if (ready !== undefined && was !== undefined && ready.status !== was) {
      const facts = this.factsOf(name);
      const what = `Ready=${ready.status}${ready.reason === '' ? '' : ` (${ready.reason})`}`;
      const rule = ready.status === 'Unknown' ? `node-monitor-grace-period ${gracePeriodUs / SECOND}s` : '';
      const cause = facts.machine;
      facts.ready = this.log.add(this.now(), { event: 'node_condition', who: by, subject, what, rule, cause });
      last = facts.ready;
    }
    for (const type of pressures) {
      const isTrue = nodeCondition(after, type)?.status === 'True';
      if (isTrue === (nodeCondition(before, type)?.status === 'True')) continue;
      const facts = this.factsOf(name);
      if (!isTrue) {
        facts.pressure = noCause;
        continue;
      }
      const what = `${type}=True`;
      facts.pressure = this.log.add(this.now(), {
        ...{ event: 'node_condition', who: by, subject, what },
        cause: facts.pressure,
      });
      last = facts.pressure;
    }
    return last;
  }

  private specChanged(before: Node, after: Node, by: string): number {
    const { name } = after.metadata;
    let last = noCause;
    if (after.spec.taints !== before.spec.taints) last = this.taintsChanged(before, after, by);
    if (after.spec.unschedulable === before.spec.unschedulable) return last;
    const facts = this.factsOf(name);
    const what = after.spec.unschedulable ? 'cordoned' : 'uncordoned';
    const subject = nodeNamed(name);
    facts.cordon = this.log.add(this.now(), { event: 'node_cordoned', who: by, subject, what, cause: noCause });
    return facts.cordon;
  }

  private taintsChanged(before: Node, after: Node, by: string): number {
    const { name } = after.metadata;
    const isKnown = ({ key }: Taint): boolean =>
      before.spec.taints.some((taint) => taint.key === key && taint.effect === 'NoExecute');
    const noExecute = after.spec.taints.filter(({ effect }) => effect === 'NoExecute');
    const added = noExecute.filter((taint) => !isKnown(taint));
    if (noExecute.length === 0 && !this.nodes.has(name)) return noCause;
    const facts = this.factsOf(name);
    facts.noExecute = noExecute;
    if (added.length === 0) return noCause;
    const what = `tainted ${added.map(({ key, effect }) => `${key}:${effect}`).join(', ')}`;
    const isLifecycle = by === 'node-lifecycle-controller';
    const rule = isLifecycle ? taintRule(this.zoneStates.get(this.zoneOf(name))) : '';
    const subject = nodeNamed(name);
    const cause = isLifecycle ? facts.ready : noCause;
    facts.taint = this.log.add(this.now(), { event: 'node_taint', who: by, subject, what, rule, cause });
    return facts.taint;
  }

  private factsOf(nodeName: string): NodeFacts {
    let facts = this.nodes.get(nodeName);
    if (facts === undefined) this.nodes.set(nodeName, (facts = { ...untouched }));
    return facts;
  }
}

function nodeNamed(name: string): CauseSubject {
  return { kind: 'Node', namespace: '', name };
}
