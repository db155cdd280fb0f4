/** What hard spreading knows in one cycle (`pl/podtopologyspread/filtering.go`). */
import type { Pod } from '../../api/core-v1.ts';
import type { StateValue } from '../framework/cycle-state.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { LeastCounts } from './least-counts.ts';
import type { NodeTallies } from './node-tallies.ts';
import type { NodeTest, SpreadConstraint } from './spread-constraint.ts';
import { isIncluded } from './spread-constraint.ts';
import type { TopologyDomains } from './topology-domains.ts';
import { isInAll } from './topology-domains.ts';

const reason = "node(s) didn't match pod topology spread constraints";
const tooSkewed = Object.freeze(unschedulable(reason));
const lacksKey = Object.freeze(unresolvable(`${reason} (missing required label)`));

/** Mark of a domain that no node is in. */
const absent = -2147483648;

/** A constraint in one cycle. What-ifs change the counts. */
class DomainCounts {
  readonly constraint: SpreadConstraint;
  readonly domains: TopologyDomains;
  /** 1 if the pod itself will count in the domain that it goes to, else 0. */
  private readonly own: number;
  /** Matching pods by domain; a domain without any is there with 0. */
  private counts: Int32Array;
  private domainCount = 0;
  private least = new LeastCounts();

  constructor(constraint: SpreadConstraint, domains: TopologyDomains, own: number, counts: Int32Array) {
    this.constraint = constraint;
    this.domains = domains;
    this.own = own;
    this.counts = counts;
  }

  /** Counts the pods that are there, on nodes that have the keys of the other constraints too. */
  static of(
    constraint: SpreadConstraint,
    pod: Pod,
    nodes: readonly NodeInfo[],
    tallies: NodeTallies,
    required: NodeTest,
  ): DomainCounts {
    const { topologyKey, selector } = constraint;
    const domains = tallies.domains(topologyKey);
    const own = selector.matches(pod.metadata.labels) ? 1 : 0;
    const entry = new DomainCounts(constraint, domains, own, new Int32Array(domains.size).fill(absent));
    const matching = tallies.counts(selector);
    const found: number[] = [];
    for (const info of nodes) {
      const domain = domains.of(info);
      if (domain < 0 || !isIncluded(constraint, pod, info, required)) continue;
      if (entry.add(domain, matching.at(info))) found.push(domain);
    }
    for (const domain of found) entry.least.update(domain, entry.counts[domain]!);
    return entry;
  }

  /** Says whether the domain is a new one. */
  private add(domain: number, count: number): boolean {
    if (domain >= this.counts.length) this.grow();
    if (this.counts[domain] !== absent) {
      this.counts[domain]! += count;
      return false;
    }
    this.counts[domain] = count;
    this.domainCount++;
    return true;
  }

  /** Domains may come to light while their nodes are counted. */
  private grow(): void {
    const counts = new Int32Array(Math.max(this.domains.size, 2 * this.counts.length)).fill(absent);
    counts.set(this.counts);
    this.counts = counts;
  }

  /** A what-if changes one domain. */
  change(domain: number, delta: number): void {
    this.add(domain, delta);
    this.least.update(domain, this.counts[domain]!);
  }

  /** Whether the domain would be too far above the least one with the pod in it. */
  isTooSkewed(domain: number): boolean {
    const { minDomains, maxSkew } = this.constraint;
    const count = this.counts[domain] ?? absent;
    const least = this.domainCount < minDomains ? 0 : this.least.count;
    return (count === absent ? 0 : count) + this.own - least > maxSkew;
  }

  clone(): DomainCounts {
    const copy = new DomainCounts(this.constraint, this.domains, this.own, this.counts.slice());
    copy.domainCount = this.domainCount;
    copy.least = this.least.clone();
    return copy;
  }
}

/** All hard constraints of the pod of this cycle. */
export class HardSpread implements StateValue {
  private readonly entries: readonly DomainCounts[];
  private readonly required: NodeTest;

  private constructor(entries: readonly DomainCounts[], required: NodeTest) {
    this.entries = entries;
    this.required = required;
  }

  /**
   * Counts the pods that are there.
   *
   * @param nodes all of them.
   * @param required the pod's required node affinity.
   */
  static of(
    constraints: readonly SpreadConstraint[],
    pod: Pod,
    nodes: readonly NodeInfo[],
    tallies: NodeTallies,
    required: NodeTest,
  ): HardSpread {
    const domains = constraints.map(({ topologyKey }) => tallies.domains(topologyKey));
    // Of a single key each node is asked for its domain anyway.
    const eligible = domains.length === 1 ? nodes : nodes.filter((info) => isInAll(domains, info));
    const entries = constraints.map((constraint) => DomainCounts.of(constraint, pod, eligible, tallies, required));
    return new HardSpread(entries, required);
  }

  /** Why the node cannot take the pod; the first constraint that says no. */
  verdict(info: NodeInfo): Status | undefined {
    for (const entry of this.entries) {
      const domain = entry.domains.of(info);
      if (domain < 0) return lacksKey;
      if (entry.isTooSkewed(domain)) return tooSkewed;
    }
    return undefined;
  }

  /**
   * A what-if puts a pod on a node or takes it off. Upstream counts pods that are being deleted here.
   *
   * @param pod the pod of this cycle.
   * @param delta 1 or -1.
   */
  update(pod: Pod, { metadata: changed }: Pod, info: NodeInfo, delta: 1 | -1): void {
    if (changed.namespace !== pod.metadata.namespace) return;
    for (const { domains } of this.entries) if (domains.of(info) < 0) return;
    for (const entry of this.entries) {
      const { constraint, domains } = entry;
      if (!constraint.selector.matches(changed.labels) || !isIncluded(constraint, pod, info, this.required)) continue;
      entry.change(domains.of(info), delta);
    }
  }

  clone(): HardSpread {
    const entries = this.entries.map((entry) => entry.clone());
    return new HardSpread(entries, this.required);
  }
}
