/** What hard spreading knows in one cycle (`pl/podtopologyspread/filtering.go`). */
import type { Node, Pod } from '../../api/core-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { StateValue } from '../framework/cycle-state.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { countMatchingPods } from './pod-selector.ts';
import type { NodeTest, SpreadConstraint } from './spread-constraint.ts';
import { hasAllKeys, isIncluded } from './spread-constraint.ts';

const reason = "node(s) didn't match pod topology spread constraints";
const isTooSkewed = Object.freeze(unschedulable(reason));
const lacksKey = Object.freeze(unresolvable(`${reason} (missing required label)`));

/** Larger than every count (upstream `math.MaxInt32`). */
const countMax = 2147483647;

/** A constraint in one cycle. What-ifs change the counts. */
class ConstraintCounts {
  readonly constraint: SpreadConstraint;
  /** Whether the pod itself will count in the domain that it goes to. */
  readonly matchesItself: boolean;
  /** Matching pods by domain; a domain without any is there with 0. */
  readonly byDomain: Map<string, number>;
  readonly least: LeastCounts;

  constructor(
    constraint: SpreadConstraint,
    matchesItself: boolean,
    byDomain: Map<string, number>,
    least = new LeastCounts(),
  ) {
    this.constraint = constraint;
    this.matchesItself = matchesItself;
    this.byDomain = byDomain;
    this.least = least;
  }

  add(domain: string, count: number): number {
    const sum = (this.byDomain.get(domain) ?? 0) + count;
    this.byDomain.set(domain, sum);
    return sum;
  }

  /** How far the domain would be above the least one with the pod in it. */
  skewIn(domain: string): number {
    const least = this.byDomain.size < this.constraint.minDomains ? 0 : this.least.count;
    return (this.byDomain.get(domain) ?? 0) + (this.matchesItself ? 1 : 0) - least;
  }

  clone(): ConstraintCounts {
    return new ConstraintCounts(this.constraint, this.matchesItself, new Map(this.byDomain), this.least.clone());
  }
}

/**
 * The least count over the domains, and one more: enough for what-ifs on one node (upstream `criticalPaths`, after the
 * changes of a few domains as inexact as there).
 */
class LeastCounts {
  count = countMax;
  private domain = '';
  private secondCount = countMax;
  private secondDomain = '';

  update(domain: string, count: number): void {
    if (domain === this.domain) {
      this.count = count;
      this.order();
    } else if (domain === this.secondDomain) {
      this.secondCount = count;
      this.order();
    } else if (count < this.count) {
      this.secondDomain = this.domain;
      this.secondCount = this.count;
      this.domain = domain;
      this.count = count;
    } else if (count < this.secondCount) {
      this.secondDomain = domain;
      this.secondCount = count;
    }
  }

  private order(): void {
    if (this.count <= this.secondCount) return;
    const { count, domain } = this;
    this.count = this.secondCount;
    this.domain = this.secondDomain;
    this.secondCount = count;
    this.secondDomain = domain;
  }

  clone(): LeastCounts {
    const copy = new LeastCounts();
    copy.count = this.count;
    copy.domain = this.domain;
    copy.secondCount = this.secondCount;
    copy.secondDomain = this.secondDomain;
    return copy;
  }
}

/** All hard constraints of the pod of this cycle. */
export class HardSpread implements StateValue {
  private readonly constraints: readonly SpreadConstraint[];
  private readonly counts: readonly ConstraintCounts[];
  private readonly required: NodeTest;

  private constructor(
    constraints: readonly SpreadConstraint[],
    counts: readonly ConstraintCounts[],
    required: NodeTest,
  ) {
    this.constraints = constraints;
    this.counts = counts;
    this.required = required;
  }

  /**
   * Counts the pods that are there.
   *
   * @param required the pod's required node affinity.
   */
  static of(
    constraints: readonly SpreadConstraint[],
    pod: Pod,
    nodes: readonly NodeInfo[],
    required: NodeTest,
  ): HardSpread {
    const counts = constraints.map(
      (constraint) => new ConstraintCounts(constraint, constraint.selector.matches(pod.metadata.labels), new Map()),
    );
    for (const info of nodes) {
      if (!hasAllKeys(info.node!, constraints)) continue;
      for (const entry of counts) {
        const { constraint } = entry;
        if (!isIncluded(constraint, pod, info, required)) continue;
        entry.add(domainOf(info.node!, constraint)!, countMatchingPods(constraint.selector, info));
      }
    }
    for (const { byDomain, least } of counts) for (const [domain, count] of byDomain) least.update(domain, count);
    return new HardSpread(constraints, counts, required);
  }

  /** Why the node cannot take the pod; the first constraint that says no. */
  verdict(node: Node): Status | undefined {
    for (const entry of this.counts) {
      const domain = domainOf(node, entry.constraint);
      if (domain === undefined) return lacksKey;
      if (entry.skewIn(domain) > entry.constraint.maxSkew) return isTooSkewed;
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
    if (changed.namespace !== pod.metadata.namespace || !hasAllKeys(info.node!, this.constraints)) return;
    for (const entry of this.counts) {
      const { constraint } = entry;
      if (!constraint.selector.matches(changed.labels) || !isIncluded(constraint, pod, info, this.required)) continue;
      const domain = domainOf(info.node!, constraint)!;
      entry.least.update(domain, entry.add(domain, delta));
    }
  }

  clone(): HardSpread {
    const counts = this.counts.map((entry) => entry.clone());
    return new HardSpread(this.constraints, counts, this.required);
  }
}

function domainOf({ metadata }: Node, { topologyKey }: SpreadConstraint): string | undefined {
  return labelValue(metadata.labels, topologyKey);
}
