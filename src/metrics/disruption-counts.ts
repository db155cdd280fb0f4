/** Ends of pods by workload and reason. */
import type { Table } from '../record/table.ts';
import { column, rowsOf, textCell } from './metric.ts';
import type { OwnerName } from './owners.ts';
import { endReasons } from './pod-end.ts';

interface Count {
  readonly workload: OwnerName;
  readonly reason: string;
  count: number;
  readonly firstAt: number;
  lastAt: number;
}

/** Reasons that upstream calls evictions: by taint, by pressure, by the eviction API. */
const evictions: ReadonlySet<string> = new Set([endReasons.taint, endReasons.pressure, endReasons.api]);

/** More rows than this nobody reads: pods that nothing controls have a row each. */
const rowsMax = 20_000;

/** Counts ends. */
export class DisruptionCounts {
  total = 0;
  evicted = 0;
  private readonly counts = new Map<string, Count>();

  /** One pod of a workload ended at `time`, microseconds. */
  add(workload: OwnerName, reason: string, time: number): void {
    this.total++;
    if (evictions.has(reason)) this.evicted++;
    const { namespace, kind, name } = workload;
    const key = `${namespace}\0${kind}\0${name}\0${reason}`;
    const known = this.counts.get(key);
    if (known !== undefined) {
      known.count++;
      known.lastAt = time;
    } else if (this.counts.size < rowsMax) {
      this.counts.set(key, { workload, reason, count: 1, firstAt: time, lastAt: time });
    }
  }

  table(): Table {
    const counts = [...this.counts.values()];
    return {
      name: 'disruptions',
      description:
        'One row per workload and reason for which pods of it ended without having done their work, in the order of first ' +
        `appearance; at most ${rowsMax} rows.`,
      columns,
      rows: rowsOf(counts.length, (index) => {
        const { workload, reason, count, firstAt, lastAt } = counts[index]!;
        return [workload.namespace, workload.kind, textCell(workload.name), reason, count, firstAt, lastAt];
      }),
    };
  }
}

const columns = [
  column('namespace', 'string', 'Namespace of the workload.'),
  column('kind', 'string', 'Kind of the workload; Pod for a pod that nothing controls.'),
  column('workload', 'string', 'Name of the workload.'),
  column(
    'reason',
    'string',
    'Why: taint eviction, node pressure, eviction API, preemption, deleted by user, rollout, scale down, job, owner removed, ' +
      'namespace removed, node gone, crash, OOM, refused by kubelet, deadline or other.',
  ),
  column('pods', 'integer', 'Number of pods.'),
  column('first_t_s', 'seconds', 'When the first of them was deleted or failed.'),
  column('last_t_s', 'seconds', 'When the last of them was.'),
];
