import type { Node, Pod, ResourceList } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { PodResourcesCache } from '../api/resources.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

/** Sums over the pods of one node that are not terminal. */
interface Account {
  /** All of them, by resource; `pods` counts them. */
  readonly requested: Map<string, number>;
  /** Of these, what the scheduler bound: only that has to fit. */
  readonly bound: Map<string, number>;
  allocatable: ResourceList | undefined;
  /** The node has shrunk: what was bound before may be too much. */
  hasShrunk: boolean;
}

class NodeAccountingCheck implements Check {
  private readonly report: Report;
  private readonly accounts = new Map<string, Account>();
  private readonly resources = new PodResourcesCache();
  /** Slots of pods that came with a node: bound before the run or behind the scheduler's back. */
  private readonly preset = new Set<number>();

  constructor(report: Report) {
    this.report = report;
  }

  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'Pod') this.podCommitted(slot, before as Pod | undefined, after as Pod | undefined);
    else if (kind === 'Node') this.nodeCommitted(before as Node | undefined, after as Node | undefined);
  }

  verify(state: ClusterState): void {
    const recomputed = new Map<string, Map<string, number>>();
    for (const pod of state.list('Pod')) {
      if (!holds(pod)) continue;
      let sums = recomputed.get(pod.spec.nodeName);
      if (sums === undefined) recomputed.set(pod.spec.nodeName, (sums = new Map()));
      this.add(sums, pod, 1);
    }
    for (const [name, { requested }] of this.accounts) this.compare(name, requested, recomputed.get(name) ?? none);
    for (const name of recomputed.keys()) {
      if (!this.accounts.has(name)) this.report(`node ${name}`, 'has pods of which no commit told');
    }
  }

  private podCommitted(slot: number, before: Pod | undefined, after: Pod | undefined): void {
    if (before !== undefined && after !== undefined) {
      if (before.spec === after.spec && holds(before) === holds(after)) return;
    }
    if (before !== undefined && holds(before)) this.count(slot, before, -1);
    if (before === undefined && after!.spec.nodeName !== '') this.preset.add(slot);
    if (after !== undefined && holds(after)) this.count(slot, after, 1);
    if (after === undefined) this.preset.delete(slot);
    else if (before?.spec.nodeName === '' && holds(after)) this.checkFit(after);
  }

  private count(slot: number, pod: Pod, sign: 1 | -1): void {
    const account = this.accountOf(pod.spec.nodeName);
    this.add(account.requested, pod, sign);
    if (!this.preset.has(slot)) this.add(account.bound, pod, sign);
  }

  private add(sums: Map<string, number>, pod: Pod, sign: 1 | -1): void {
    for (const [name, amount] of this.resources.of(pod.spec).requests) {
      sums.set(name, (sums.get(name) ?? 0) + sign * amount);
    }
    sums.set('pods', (sums.get('pods') ?? 0) + sign);
  }

  /** As NodeResourcesFit: only what the pod asks for, and a slot. */
  private checkFit(pod: Pod): void {
    const { nodeName } = pod.spec;
    const { allocatable, bound, hasShrunk } = this.accountOf(nodeName);
    if (allocatable === undefined || hasShrunk) return;
    this.checkResource(pod, 'pods', bound.get('pods')!, allocatable);
    for (const [name, amount] of this.resources.of(pod.spec).requests) {
      if (amount > 0) this.checkResource(pod, name, bound.get(name)!, allocatable);
    }
  }

  private checkResource(pod: Pod, name: string, sum: number, allocatable: ResourceList): void {
    const most = allocatable.get(name) ?? 0;
    if (sum <= most) return;
    const { nodeName } = pod.spec;
    const message = `bound pods request ${sum} of ${name}, allocatable are ${most}; ${nameOf(pod)} was one too many`;
    this.report(`node ${nodeName}`, message);
  }

  private nodeCommitted(before: Node | undefined, after: Node | undefined): void {
    const old = before?.status.allocatable;
    const allocatable = after?.status.allocatable;
    if (old === allocatable) return;
    const account = this.accountOf((after ?? before)!.metadata.name);
    account.allocatable = allocatable;
    if (old === undefined || allocatable === undefined) {
      // A new node under an old name starts anew; pods of the old one still count until they are removed.
      account.hasShrunk = after !== undefined && (account.bound.get('pods') ?? 0) > 0;
      return;
    }
    for (const [name, amount] of old) if ((allocatable.get(name) ?? 0) < amount) account.hasShrunk = true;
  }

  private compare(node: string, told: ReadonlyMap<string, number>, stored: ReadonlyMap<string, number>): void {
    for (const [name, amount] of told) {
      const other = stored.get(name) ?? 0;
      if (amount !== other)
        this.report(`node ${node}`, `${amount} of ${name} by what was committed, but ${other} by its pods`);
    }
    for (const name of stored.keys()) {
      if (!told.has(name)) this.report(`node ${node}`, `no commit told of ${name}, which its pods request`);
    }
  }

  private accountOf(name: string): Account {
    let account = this.accounts.get(name);
    if (account === undefined) {
      account = { requested: new Map(), bound: new Map(), allocatable: undefined, hasShrunk: false };
      this.accounts.set(name, account);
    }
    return account;
  }
}

const none: ReadonlyMap<string, number> = new Map();

function holds(pod: Pod): boolean {
  return pod.spec.nodeName !== '' && !isPodTerminal(pod);
}

/** Nodes are not promised twice. */
export const nodeAccountingCheck: CheckDefinition = {
  name: 'node-accounting',
  description:
    'What the scheduler bound to a node fits its allocatable, unless the node shrank; incremental sums equal recomputed ones.',
  create: (report) => new NodeAccountingCheck(report),
};
