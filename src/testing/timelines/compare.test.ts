import { expect, test } from 'vitest';
import { compareTimeline } from './compare.ts';
import type { Row, TimelineCase } from './timeline-case.ts';

const said = { reason: 'SuccessfulCreate', type: 'Normal', source: 'statefulset-controller' } as const;
const run = { run: 1, clockAtZero: '00:00:00.000', end: 10, opTimes: [] };

/** A case of which only the events of the StatefulSet db are judged. */
function caseWith(count: number, ...messages: string[]): TimelineCase {
  const events = [{ kind: 'StatefulSet', of: 'db', ...said, count, messages }];
  return {
    ...{ id: 'x', kind: 'statefulset', nodes: [], ops: [], actions: [], runs: [run] },
    expect: { sequences: [], moments: [], counts: {}, events },
  };
}

function event(t: number, message: string): Row {
  return { t, kind: 'Event', name: 'StatefulSet/db', event: 'event', ...said, message };
}

test('a claim is told of in the same words for a new pod and for one whose name was seen before', () => {
  const rows = [
    event(1, 'Create Claim data-db-1 Pod db-1 in StatefulSet db success'),
    event(2, 'Create Claim data-db-1 Pod db/pod-2 in StatefulSet db success'),
  ];
  const recorded = caseWith(2, 'Create Claim data-db/pod-* Pod db/pod-* in StatefulSet db success');
  expect(compareTimeline(recorded, run, rows).exactMisses).toEqual([]);
});
