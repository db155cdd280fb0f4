/** Columns on devices that the tables `pods` and `nodes` have in runs with devices only: others stay as they are. */
import type { Node, Pod } from '../api/core-v1.ts';
import type { Cell, Column } from '../record/table.ts';
import type { DeviceKind } from '../scheduler/devices/device-kind.ts';
import { deviceKinds } from '../scheduler/devices/registry.ts';
import { column, textCell } from './metric.ts';

/** What the columns say of one kind of device. */
interface Part<Key, Subject> {
  readonly columns: readonly Column[];
  /** Undefined = the subject has nothing to do with this kind. */
  readonly read: (subject: Subject) => readonly Cell[] | undefined;
  readonly cells: Map<Key, readonly Cell[]>;
}

/** Cells by row, for each kind of device that any row has. */
class DeviceColumns<Key, Subject> {
  private readonly parts: readonly Part<Key, Subject>[];

  constructor(parts: readonly Omit<Part<Key, Subject>, 'cells'>[]) {
    this.parts = parts.map((part) => ({ ...part, cells: new Map() }));
  }

  /** The subject of a row as it is now. */
  note(row: Key, subject: Subject): void {
    for (const { read, cells } of this.parts) {
      const found = read(subject);
      if (found !== undefined) cells.set(row, found);
    }
  }

  /** To be appended to the columns of the table. */
  headers(): readonly Column[] {
    return this.present().flatMap(({ columns }) => columns);
  }

  /** To be appended to the cells of a row. */
  of(row: Key): readonly Cell[] {
    return this.present().flatMap(({ columns, cells }) => cells.get(row) ?? columns.map(() => undefined));
  }

  private present(): readonly Part<Key, Subject>[] {
    return this.parts.filter(({ cells }) => cells.size > 0);
  }
}

/** What pods ask for of each kind of device, and which they have; by row. */
export function podDeviceColumns(kinds: readonly DeviceKind[] = deviceKinds): DeviceColumns<number, Pod> {
  return new DeviceColumns(
    kinds.map((kind) => ({
      columns: [
        column(`${kind.name}_count`, 'integer', `Devices of kind ${kind.name} that the pod asks for.`),
        column(`${kind.name}_milli`, 'integer', 'Thousandths of each of them.'),
        column(`${kind.name}s`, 'string', 'Numbers of those that it has on its node, such as 0-1.'),
      ],
      read: (pod: Pod) => {
        const demand = kind.demandOf(pod.metadata.annotations);
        if (demand === undefined || 'problem' in demand) return undefined;
        return [demand.count, demand.milli, textCell(kind.indicesOf(pod).join('-'))];
      },
    })),
  );
}

/** What nodes have of each kind of device; by name. */
export function nodeDeviceColumns(kinds: readonly DeviceKind[] = deviceKinds): DeviceColumns<string, Node> {
  return new DeviceColumns(
    kinds.map((kind) => ({
      columns: [
        column(`${kind.name}s`, 'integer', `Devices of kind ${kind.name} of the node.`),
        column(`${kind.name}_model`, 'string', 'Their model.'),
      ],
      read: (node: Node) => {
        const stock = kind.stockOf(node);
        return stock === undefined ? undefined : [stock.count, textCell(stock.model)];
      },
    })),
  );
}
