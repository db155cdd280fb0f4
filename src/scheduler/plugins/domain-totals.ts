import type { NodeChanges, SnapshotLister } from '../framework/handle.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { NodeColumn } from './node-column.ts';
import type { TopologyDomains } from './topology-domains.ts';

const outside = -1;

/**
 * A count of nodes, added up over the domains of a topology key. It is kept from cycle to cycle: only nodes that have changed
 * since are counted again, where the snapshot tells which they are.
 */
export class DomainTotals {
  private readonly domains: TopologyDomains;
  private readonly counts: NodeColumn;
  private totals: number[] = [];
  /** What each node has been counted with, by its index; `outside` for one that is not in the snapshot. */
  private domainOf = new Int32Array(0);
  private countOf = new Int32Array(0);
  private nodes: readonly NodeInfo[] | undefined;
  private seen = 0;

  constructor(domains: TopologyDomains, counts: NodeColumn) {
    this.domains = domains;
    this.counts = counts;
  }

  /** By domain, over all nodes of the snapshot as they are now; a node without the label is in the domain of the empty one. */
  of({ nodes, revision, changes }: SnapshotLister): readonly number[] {
    if (changes === undefined || nodes !== this.nodes) this.countAll(nodes);
    else this.recountSince(changes);
    this.nodes = nodes;
    this.seen = revision ?? 0;
    return this.totals.slice();
  }

  private recountSince(changes: NodeChanges): void {
    let node = changes.newest;
    for (; node !== undefined && node.generation > this.seen; node = changes.before(node)) this.recount(node);
  }

  private countAll(nodes: readonly NodeInfo[]): void {
    let length = 0;
    for (const { index } of nodes) length = Math.max(length, index + 1);
    this.totals = [];
    this.domainOf = new Int32Array(length).fill(outside);
    this.countOf = new Int32Array(length);
    for (const info of nodes) this.add(info);
  }

  private recount(info: NodeInfo): void {
    const { index } = info;
    const domain = this.domainOf[index] ?? outside;
    if (domain === outside) return;
    this.totals[domain]! -= this.countOf[index]!;
    this.add(info);
  }

  private add(info: NodeInfo): void {
    const domain = this.domains.orEmpty(info);
    const count = this.counts.at(info);
    this.totals[domain] = (this.totals[domain] ?? 0) + count;
    this.domainOf[info.index] = domain;
    this.countOf[info.index] = count;
  }
}
