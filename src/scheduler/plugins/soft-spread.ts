/** How well each node spreads the pod of one cycle (`pl/podtopologyspread/scoring.go`). */
import type { Pod } from '../../api/core-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { StateValue } from '../framework/cycle-state.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { countMatchingPods } from './pod-selector.ts';
import type { NodeTest, SpreadConstraint } from './spread-constraint.ts';
import { hasAllKeys, isIncluded } from './spread-constraint.ts';

const hostnameKey = 'kubernetes.io/hostname';

/** A constraint in one cycle. */
interface ConstraintScore {
  readonly constraint: SpreadConstraint;
  /** Matching pods by domain, for the domains of feasible nodes; undefined where each node is its own domain. */
  readonly byDomain: Map<string, number> | undefined;
  /** ln(domains + 2): what one pod more in the domain costs. */
  readonly weight: number;
}

/** All soft constraints of the pod of this cycle. */
export class SoftSpread implements StateValue {
  private readonly scores: readonly ConstraintScore[];
  /** Feasible nodes that lack a key which they need. */
  private readonly ignored: ReadonlySet<NodeInfo>;

  private constructor(scores: readonly ConstraintScore[], ignored: ReadonlySet<NodeInfo>) {
    this.scores = scores;
    this.ignored = ignored;
  }

  /**
   * Finds the domains of the feasible nodes and counts the pods that are there.
   *
   * @param required the pod's required node affinity.
   * @param needsAllKeys nodes without one of the keys take no part; else a missing label is a domain of its own.
   */
  static of(
    constraints: readonly SpreadConstraint[],
    pod: Pod,
    nodes: { readonly all: readonly NodeInfo[]; readonly feasible: readonly NodeInfo[] },
    required: NodeTest,
    needsAllKeys: boolean,
  ): SoftSpread {
    const takesPart = ({ node }: NodeInfo): boolean => !needsAllKeys || hasAllKeys(node!, constraints);
    const ranked = nodes.feasible.filter(takesPart);
    const isIgnored = ranked.length < nodes.feasible.length;
    const ignored = new Set(isIgnored ? nodes.feasible.filter((info) => !takesPart(info)) : []);
    const scores = constraints.map((constraint) => constraintScore(constraint, ranked));
    for (const info of nodes.all) {
      if (!takesPart(info)) continue;
      for (const { constraint, byDomain } of scores) {
        if (byDomain === undefined) continue;
        const domain = domainOf(info, constraint) ?? '';
        const known = byDomain.get(domain);
        if (known === undefined || !isIncluded(constraint, pod, info, required)) continue;
        byDomain.set(domain, known + countMatchingPods(constraint.selector, info));
      }
    }
    return new SoftSpread(scores, ignored);
  }

  /** The fewer pods in its domains, the lower; an integer. */
  score(info: NodeInfo): number {
    if (this.ignored.has(info)) return 0;
    let score = 0;
    for (const { constraint, byDomain, weight } of this.scores) {
      const domain = domainOf(info, constraint);
      if (domain === undefined) continue;
      const count = byDomain === undefined ? countMatchingPods(constraint.selector, info) : (byDomain.get(domain) ?? 0);
      score += count * weight + (constraint.maxSkew - 1);
    }
    return Math.round(score);
  }

  /** Turns raw scores around: the lowest gets most. */
  normalize(scores: Float64Array, nodes: readonly NodeInfo[]): void {
    let min = Infinity;
    let max = 0;
    for (let at = 0; at < nodes.length; at++) {
      if (this.ignored.has(nodes[at]!)) continue;
      min = Math.min(min, scores[at]!);
      max = Math.max(max, scores[at]!);
    }
    for (let at = 0; at < nodes.length; at++) {
      if (this.ignored.has(nodes[at]!)) scores[at] = 0;
      else if (max === 0) scores[at] = nodeScoreMax;
      else scores[at] = Math.trunc((nodeScoreMax * (max + min - scores[at]!)) / max);
    }
  }

  /** Nothing changes after PreScore. */
  clone(): SoftSpread {
    return this;
  }
}

function constraintScore(constraint: SpreadConstraint, ranked: readonly NodeInfo[]): ConstraintScore {
  if (constraint.topologyKey === hostnameKey) {
    return { constraint, byDomain: undefined, weight: Math.log(ranked.length + 2) };
  }
  const byDomain = new Map<string, number>();
  for (const info of ranked) byDomain.set(domainOf(info, constraint) ?? '', 0);
  return { constraint, byDomain, weight: Math.log(byDomain.size + 2) };
}

function domainOf({ node }: NodeInfo, { topologyKey }: SpreadConstraint): string | undefined {
  return labelValue(node!.metadata.labels, topologyKey);
}
