import { SECOND } from '../engine/time.ts';
import type { Table } from '../record/table.ts';
import { counted, formatClock } from './format.ts';
import { groupBy, numberOf, readTable, textOf } from './read-table.ts';
import type { StoryItem } from './report-input.ts';

/** Fewer restarts of a container than this are no loop. */
const LOOP_RESTARTS_MIN = 3;

/** The longest back-off, and how long a container runs until its kubelet begins anew: what ends less often is no loop. */
const LOOP_GAP_MAX_US = (300 + 600) * SECOND;

/** What a kubelet says of a container that was gone when its node came back: the node ended it. */
const lostReason = 'ContainerStatusUnknown';

const columns = [
  ...(['namespace', 'kind', 'workload', 'container', 'reason', 'exit_code', 'restarts'] as const),
  ...(['first_t_s', 'last_t_s', 'most_of_pod'] as const),
];

/** Containers that ended by themselves again and again, one item for each workload and container. */
export function crashLoopItems(tables: ReadonlyMap<string, Table>): StoryItem[] {
  const rows = readTable(tables, 'restarts', columns).filter(
    (row) => row.exit_code !== undefined && row.reason !== lostReason,
  );
  const groups = groupBy(rows, (row) => [row.namespace, row.kind, row.workload, row.container].join('\u0000'));
  return [...groups.values()].flatMap((group): StoryItem[] => {
    const restarts = group.reduce((sum, row) => sum + numberOf(row.restarts), 0);
    if (restarts < LOOP_RESTARTS_MIN) return [];
    const [first] = group;
    // Many pods that end once, by one fault, are no loop.
    const perPod = group.reduce((sum, row) => sum + numberOf(row.most_of_pod), 0);
    if (perPod < LOOP_RESTARTS_MIN) return [];
    const t = group.reduce((least, row) => Math.min(least, numberOf(row.first_t_s)), Infinity);
    const last = group.reduce((most, row) => Math.max(most, numberOf(row.last_t_s)), 0);
    const ends = group.map((row) => `exit code ${textOf(row.exit_code)} (${textOf(row.reason) || 'Error'})`).join(', ');
    const isLoop = last - t < (perPod - 1) * LOOP_GAP_MAX_US;
    const verb = isLoop ? 'crash-looped' : 'was restarted now and then';
    const what = `${textOf(first!.namespace)}/${textOf(first!.workload)} ${verb} (container ${textOf(first!.container)})`;
    return [{ t, what, detail: `${counted(restarts, 'restart')} · ${ends} · the last at ${formatClock(last)}` }];
  });
}
