import { NodeColumn } from './node-column.ts';
import { matchingPodCounter } from './pod-selector.ts';
import type { PodSelector } from './pod-selector.ts';
import { TopologyDomains } from './topology-domains.ts';

/** Counts of nodes, over all selectors: at 12 bytes each 48 MB. */
const defaultCountsMax = 4_000_000;

/**
 * What spreading asks of every node, kept from cycle to cycle: its domain for each topology key, and how many pods on it a
 * selector matches. Between two cycles few nodes change, and pods of few templates wait.
 */
export class NodeTallies {
  private readonly domainsByKey = new Map<string, TopologyDomains>();
  /** In order of use, the longest unused first. */
  private readonly countsByKey = new Map<string, NodeColumn>();
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
    const { key } = selector;
    let counts = this.countsByKey.get(key);
    if (counts === undefined) {
      counts = new NodeColumn(matchingPodCounter(selector));
      this.makeRoom();
    } else {
      this.countsByKey.delete(key);
    }
    this.countsByKey.set(key, counts);
    return counts;
  }

  /** For one more selector; all columns are about as long. */
  private makeRoom(): void {
    for (const [key, { length }] of this.countsByKey) {
      if (length * (this.countsByKey.size + 1) <= this.countsMax) return;
      this.countsByKey.delete(key);
    }
  }
}
