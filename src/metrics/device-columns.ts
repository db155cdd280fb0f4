/** Columns on devices that the tables `pods` and `nodes` have in runs with devices only: others stay as they are. */
import type { Node, Pod } from '../api/core-v1.ts';
import type { Cell, Column } from '../record/table.ts';
import { sharedGpus } from '../scheduler/devices/shared-gpus.ts';
import { column, textCell } from './metric.ts';

const noColumns: readonly Column[] = [];
const noCells: readonly Cell[] = [];

/** Cells by row; nothing where no row has any. */
class LateColumns<Key> {
  private readonly columns: readonly Column[];
  private readonly cells = new Map<Key, readonly Cell[]>();

  constructor(columns: readonly Column[]) {
    this.columns = columns;
  }

  set(row: Key, cells: readonly Cell[]): void {
    this.cells.set(row, cells);
  }

  /** To be appended to the columns of the table. */
  headers(): readonly Column[] {
    return this.cells.size === 0 ? noColumns : this.columns;
  }

  /** To be appended to the cells of a row. */
  of(row: Key): readonly Cell[] {
    if (this.cells.size === 0) return noCells;
    return this.cells.get(row) ?? this.columns.map(() => undefined);
  }
}

/** What pods ask for of GPUs, and which they have. */
export class PodDeviceColumns extends LateColumns<number> {
  constructor() {
    super([
      column('gpu_count', 'integer', 'GPUs that the pod asks for.'),
      column('gpu_milli', 'integer', 'Thousandths of each of them.'),
      column('gpus', 'string', 'Numbers of its GPUs on the node, such as 0-1.'),
    ]);
  }

  /** A pod as it is created or bound. */
  note(row: number, pod: Pod): void {
    const demand = sharedGpus.demandOf(pod.metadata.annotations);
    if (demand === undefined || 'problem' in demand) return;
    this.set(row, [demand.count, demand.milli, textCell(sharedGpus.indicesOf(pod).join('-'))]);
  }
}

/** What nodes have of GPUs. */
export class NodeDeviceColumns extends LateColumns<string> {
  constructor() {
    super([column('gpus', 'integer', 'GPUs of the node.'), column('gpu_model', 'string', 'Their model.')]);
  }

  /** A node as it is. */
  note(node: Node): void {
    const stock = sharedGpus.stockOf(node);
    if (stock !== undefined) this.set(node.metadata.name, [stock.count, textCell(stock.model)]);
  }
}
