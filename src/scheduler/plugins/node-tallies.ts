import { DomainTotals } from './domain-totals.ts';
import { NodeColumn } from './node-column.ts';
import { matchingPodCounter } from './pod-selector.ts';
import type { PodSelector } from './pod-selector.ts';
import { TopologyDomains } from './topology-domains.ts';

/** Counts of nodes, over all selectors: at 12 bytes each 48 MB, and 32 more for each topology key whose totals are kept. */
const defaultCountsMax = 4_000_000;

/** What is kept of a selector. */
interface SelectorCounts {
  readonly counts: NodeColumn;
  readonly totalsByKey: Map<string, DomainTotals>;
}

/**
 * What spreading asks of every node, kept from cycle to cycle: its domain for each topology key, and how many pods on it a
 * selector matches. Between two cycles few nodes change, and pods of few templates wait.
 */
export class NodeTallies {
  private readonly domainsByKey = new Map<string, TopologyDomains>();
  /** In order of use, the longest unused first. */
  private readonly countsByKey = new Map<string, SelectorCounts>();
  private readonly countsMax: number;

  /** @param countsMax about how many counts are kept. */
  constructor(countsMax: number = defaultCountsMax) {
    this.countsMax = countsMax;
  }

  domains(topologyKey: string): TopologyDomains {
    let domains = this.domainsByKey.get(topologyKey);
    if (domains === undefined) this.domainsByKey.set(topologyKey, (domains = new TopologyDomains(topologyKey)));
    return domains;
  }

  /** The pods of each node that the selector matches, see `matchingPodCounter`. */
  counts(selector: PodSelector): NodeColumn {
    return this.kept(selector).counts;
  }

  /** The same, added up over the domains of a topology key. */
  totals(selector: PodSelector, topologyKey: string): DomainTotals {
    const { counts, totalsByKey } = this.kept(selector);
    let totals = totalsByKey.get(topologyKey);
    if (totals === undefined)
      totalsByKey.set(topologyKey, (totals = new DomainTotals(this.domains(topologyKey), counts)));
    return totals;
  }

  private kept(selector: PodSelector): SelectorCounts {
    const { key } = selector;
    let kept = this.countsByKey.get(key);
    if (kept === undefined) {
      kept = { counts: new NodeColumn(matchingPodCounter(selector)), totalsByKey: new Map() };
      this.makeRoom();
    } else {
      this.countsByKey.delete(key);
    }
    this.countsByKey.set(key, kept);
    return kept;
  }

  /** For one more selector; all columns are about as long. */
  private makeRoom(): void {
    for (const [key, { counts }] of this.countsByKey) {
      if (counts.length * (this.countsByKey.size + 1) <= this.countsMax) return;
      this.countsByKey.delete(key);
    }
  }
}
