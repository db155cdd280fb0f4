/** How well each node spreads the pod of one cycle (`pl/podtopologyspread/scoring.go`). */
import type { Pod } from '../../api/core-v1.ts';
import type { StateValue } from '../framework/cycle-state.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { SnapshotLister } from '../framework/handle.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { NodeColumn } from './node-column.ts';
import type { NodeTallies } from './node-tallies.ts';
import type { NodeTest, SpreadConstraint } from './spread-constraint.ts';
import { isIncluded } from './spread-constraint.ts';
import type { TopologyDomains } from './topology-domains.ts';
import { isInAll } from './topology-domains.ts';

const hostnameKey = 'kubernetes.io/hostname';

/** A constraint in one cycle. */
interface ConstraintScore {
  readonly constraint: SpreadConstraint;
  readonly domains: TopologyDomains;
  /** The matching pods of each node. */
  readonly matching: NodeColumn;
  /** Matching pods by domain; undefined where each node is a domain of its own. */
  readonly byDomain: readonly number[] | undefined;
  /** ln(domains of feasible nodes + 2): what one pod more in the domain costs. */
  readonly weight: number;
}

/** Nodes of one cycle. */
interface RankedNodes {
  readonly snapshot: SnapshotLister;
  /** Those of the snapshot that take part. */
  readonly all: readonly NodeInfo[];
  readonly feasible: readonly NodeInfo[];
}

/** All soft constraints of the pod of this cycle. */
export class SoftSpread implements StateValue {
  private readonly entries: readonly ConstraintScore[];
  private readonly needsAllKeys: boolean;

  private constructor(entries: readonly ConstraintScore[], needsAllKeys: boolean) {
    this.entries = entries;
    this.needsAllKeys = needsAllKeys;
  }

  /**
   * Finds the domains of the feasible nodes and counts the pods that are there.
   *
   * @param feasible nodes of the snapshot.
   * @param required the pod's required node affinity.
   * @param needsAllKeys nodes without one of the keys take no part; else a missing label is a domain of its own.
   */
  static of(
    constraints: readonly SpreadConstraint[],
    pod: Pod,
    snapshot: SnapshotLister,
    feasible: readonly NodeInfo[],
    tallies: NodeTallies,
    required: NodeTest,
    needsAllKeys: boolean,
  ): SoftSpread {
    const domains = constraints.map(({ topologyKey }) => tallies.domains(topologyKey));
    const complete = (infos: readonly NodeInfo[]): readonly NodeInfo[] =>
      infos.filter((info) => isInAll(domains, info));
    const ranked = needsAllKeys
      ? { snapshot, all: complete(snapshot.nodes), feasible: complete(feasible) }
      : { snapshot, all: snapshot.nodes, feasible };
    const entries = constraints.map((constraint) => scoreOf(constraint, pod, ranked, tallies, required));
    return new SoftSpread(entries, needsAllKeys);
  }

  /** The fewer pods in its domains, the lower; an integer. */
  score(info: NodeInfo): number {
    let score = 0;
    for (const { constraint, domains, matching, byDomain, weight } of this.entries) {
      const domain = domains.of(info);
      if (domain < 0) {
        if (this.needsAllKeys) return 0;
        continue;
      }
      const count = byDomain === undefined ? matching.at(info) : byDomain[domain]!;
      score += count * weight + (constraint.maxSkew - 1);
    }
    return Math.round(score);
  }

  /** Turns raw scores around: the lowest gets most. */
  normalize(scores: Float64Array, nodes: readonly NodeInfo[]): void {
    let min = Infinity;
    let max = 0;
    for (let at = 0; at < nodes.length; at++) {
      if (this.isIgnored(nodes[at]!)) continue;
      min = Math.min(min, scores[at]!);
      max = Math.max(max, scores[at]!);
    }
    for (let at = 0; at < nodes.length; at++) {
      if (this.isIgnored(nodes[at]!)) scores[at] = 0;
      else if (max === 0) scores[at] = nodeScoreMax;
      else scores[at] = Math.trunc((nodeScoreMax * (max + min - scores[at]!)) / max);
    }
  }

  /** Whether the node lacks a key that it needs. */
  private isIgnored(info: NodeInfo): boolean {
    if (!this.needsAllKeys) return false;
    for (const { domains } of this.entries) if (domains.of(info) < 0) return true;
    return false;
  }

  /** Nothing changes after PreScore. */
  clone(): SoftSpread {
    return this;
  }
}

function scoreOf(
  constraint: SpreadConstraint,
  pod: Pod,
  nodes: RankedNodes,
  tallies: NodeTallies,
  required: NodeTest,
): ConstraintScore {
  const { feasible } = nodes;
  const { topologyKey, selector } = constraint;
  const domains = tallies.domains(topologyKey);
  const matching = tallies.counts(selector);
  if (topologyKey === hostnameKey) {
    return { constraint, domains, matching, byDomain: undefined, weight: Math.log(feasible.length + 2) };
  }
  const byDomain = countsByDomain(constraint, pod, nodes, tallies, required);
  return { constraint, domains, matching, byDomain, weight: Math.log(domainsOf(feasible, domains) + 2) };
}

/** The matching pods of the nodes that are included. A missing label is read as an empty one here, as upstream. */
function countsByDomain(
  constraint: SpreadConstraint,
  pod: Pod,
  { snapshot, all }: RankedNodes,
  tallies: NodeTallies,
  required: NodeTest,
): readonly number[] {
  const { topologyKey, selector } = constraint;
  const areAllIncluded = !constraint.honorsTaints && (!constraint.honorsAffinity || required === undefined);
  if (areAllIncluded && all.length === snapshot.nodes.length) return tallies.totals(selector, topologyKey).of(snapshot);
  const domains = tallies.domains(topologyKey);
  const matching = tallies.counts(selector);
  const counts: number[] = [];
  for (const info of all) {
    const domain = domains.orEmpty(info);
    counts[domain] ??= 0;
    if (areAllIncluded || isIncluded(constraint, pod, info, required)) counts[domain] += matching.at(info);
  }
  return counts;
}

/** How many domains these nodes are in. The domains of all nodes are known by now. */
function domainsOf(nodes: readonly NodeInfo[], domains: TopologyDomains): number {
  const isMet = new Uint8Array(domains.size);
  let count = 0;
  for (let at = 0; at < nodes.length && count < isMet.length; at++) {
    const domain = domains.orEmpty(nodes[at]!);
    if (isMet[domain] === 1) continue;
    isMet[domain] = 1;
    count++;
  }
  return count;
}
