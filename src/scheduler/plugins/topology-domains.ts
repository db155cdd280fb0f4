import { labelValue } from '../../api/meta-v1.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { NodeColumn } from './node-column.ts';

/** Whether the node has the labels of all these keys. */
export function isInAll(domains: readonly TopologyDomains[], info: NodeInfo): boolean {
  for (const entry of domains) if (entry.of(info) < 0) return false;
  return true;
}

/** The domains of one topology key: which node is in which. A domain is a small integer, 0-based, in order of appearance. */
export class TopologyDomains {
  private readonly ids = new Map<string, number>();
  private readonly column: NodeColumn;

  constructor(topologyKey: string) {
    this.column = new NodeColumn(({ node }) => {
      const value = labelValue(node!.metadata.labels, topologyKey);
      return value === undefined ? -1 : this.idOf(value);
    });
  }

  /** Greater than every domain that has been given out. */
  get size(): number {
    return this.ids.size;
  }

  /** The domain of a node; -1 = the node lacks the label. */
  of(info: NodeInfo): number {
    return this.column.at(info);
  }

  /** The domain of a node; a missing label is read as an empty one. */
  orEmpty(info: NodeInfo): number {
    const domain = this.column.at(info);
    return domain < 0 ? this.idOf('') : domain;
  }

  /** The domain of a value of the label. */
  idOf(value: string): number {
    let id = this.ids.get(value);
    if (id === undefined) this.ids.set(value, (id = this.ids.size));
    return id;
  }
}
