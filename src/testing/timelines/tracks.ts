/** From rows to the states that objects went through, and the settling that recordings are compared after. */
import type { Row, State } from './timeline-case.ts';

/** A state and when it began, seconds. */
export interface Stay {
  readonly t: number;
  readonly state: State;
}

interface Fields {
  [field: string]: unknown;
}

/** Fields of rows that become fields of states as they are. */
const plainFields = [
  'spec.replicas',
  'spec.suspend',
  'suspend',
  'image',
  'claim',
  'volumeName',
  'hard',
  'used',
  'total',
  'ready',
  'serving',
  'terminating',
];

/** Everything that one object went through, unsettled; the state is that of the whole object. */
export function staysOf(rows: readonly Row[], kind: string, name: string, aspect: string | undefined): readonly Stay[] {
  const own = rows.filter((row) => row.kind === kind && row.name === name);
  const stays: Stay[] = [];
  let fields: Fields = {};
  for (const row of own) {
    if (row.event === 'created' && row.kind !== 'Node') fields = {};
    fields = apply(fields, row);
    stays.push({ t: row.t, state: aspectOf(fields, kind, aspect) });
  }
  return merged(stays);
}

/** States that lasted less than `settle` seconds are dropped, of those before the case the last one stays; equal neighbours become one. */
export function settled(stays: readonly Stay[], settle: number, end: number): readonly Stay[] {
  const lasting = stays.filter(({ t }, at) => {
    const next = stays[at + 1]?.t ?? end;
    return next >= 0 && (next - t >= settle || at === stays.length - 1);
  });
  return merged(lasting);
}

function merged(stays: readonly Stay[]): readonly Stay[] {
  return stays.filter(({ state }, at) => at === 0 || stateKey(state) !== stateKey(stays[at - 1]!.state));
}

/** A text that is the same for equal states. */
export function stateKey(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function apply(fields: Fields, row: Row): Fields {
  if (row.event === 'removed') return { removed: true };
  const next: Fields = { ...fields };
  if (row.event === 'deletionTimestamp') next['terminating'] = true;
  if (row.event === 'bound') next['bound'] = true;
  for (const field of plainFields) if (row[field] !== undefined) next[field] = row[field];
  if (row['unschedulable'] !== undefined) next['unschedulable'] = String(row['unschedulable']) === 'true';
  if (row.phase !== undefined) next['phase'] = row.phase;
  if (row.nominatedNodeName !== undefined)
    next['nominated'] = row.nominatedNodeName !== '' && row.nominatedNodeName !== 'none';
  if (row.status !== undefined && row.kind !== 'Pod') next['status'] = counters(row.status);
  if (row.conditions !== undefined) next['conditions'] = conditionsAfter(fields, row);
  if (row.taints !== undefined) next['taints'] = [...row.taints];
  if (row.taintsAdded !== undefined || row.taintsRemoved !== undefined) next['taints'] = taintsAfter(fields, row);
  return next;
}

function counters(status: Readonly<Record<string, unknown>>): Fields | undefined {
  const entries = Object.entries(status).filter(
    ([name, value]) =>
      (typeof value === 'number' && value !== 0 && !name.endsWith('Time')) ||
      (typeof value === 'string' && value !== ''),
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function conditionsAfter(fields: Fields, { conditions }: Row): Fields {
  const next: Fields = { ...(fields['conditions'] as Fields | undefined) };
  for (const { type, status, reason } of conditions!)
    next[type] = reason === undefined ? status : `${status} ${reason}`;
  return next;
}

function taintsAfter(fields: Fields, row: Row): readonly string[] {
  const before = (fields['taints'] as readonly string[] | undefined) ?? [];
  const kept = before.filter((taint) => !row.taintsRemoved?.includes(taint));
  return [...kept, ...(row.taintsAdded ?? [])];
}

function aspectOf(fields: Fields, kind: string, aspect: string | undefined): State {
  if (kind === 'Node') return nodeAspect(fields, aspect);
  switch (aspect) {
    case undefined:
      return fields;
    case 'status':
    case 'conditions':
      return fields[aspect] ?? {};
    case 'spec':
      return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'status' && name !== 'conditions'));
    default:
      return fields[aspect];
  }
}

function nodeAspect(fields: Fields, aspect: string | undefined): State {
  const isGone = fields['removed'] === true;
  const taints = (fields['taints'] as readonly string[] | undefined) ?? [];
  switch (aspect) {
    case 'Ready':
      return isGone ? 'none' : ((fields['conditions'] as Fields | undefined)?.['Ready'] ?? 'none');
    case 'exists':
      return !isGone;
    case 'unschedulable':
      return fields['unschedulable'] ?? false;
    case 'taints NoSchedule':
    case 'taints NoExecute':
      return isGone
        ? []
        : taints.filter((taint) => taint.endsWith(aspect.slice('taints'.length + 1))).sort((a, b) => (a < b ? -1 : 1));
    default:
      return fields;
  }
}
