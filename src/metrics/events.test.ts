import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import type { KubeEvent } from '../record/facts.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { eventsMetric, eventsMetricOf } from './events.ts';

const failed: KubeEvent = {
  ...{ type: 'Warning', reason: 'FailedScheduling', source: 'default-scheduler' },
  ...{ message: '0/3', involvedKind: 'Pod', namespace: 'shop', name: 'a' },
};

describe('table events', () => {
  test('equal causes at one object are one row with first, last and count', () => {
    const script = new FactScript();
    const metric = script.start(eventsMetric);
    script.at(1).recorder.kubeEvent(failed);
    script.at(2).recorder.kubeEvent({ ...failed, reason: 'Scheduled', type: 'Normal', message: '' });
    script.at(3).recorder.kubeEvent({ ...failed, message: '0/4' });
    script.at(4).recorder.kubeEvent({ ...failed, namespace: 'other' });
    script.at(5).recorder.kubeEvent({ ...failed, involvedKind: 'Node', namespace: '' });
    metric.finish(9 * SECOND);
    const rows = recordsOf(metric.tables()[0]);
    expect(rows[0]).toEqual({
      ...{ first_t_s: SECOND, last_t_s: 3 * SECOND, count: 2, type: 'Warning', reason: 'FailedScheduling' },
      ...{ namespace: 'shop', kind: 'Pod', name: 'a', source: 'default-scheduler', message: '0/3' },
    });
    const keys = rows.map((row) => [row['reason'], row['namespace'], row['kind'], row['count'], row['message']]);
    expect(keys.slice(1)).toEqual([
      ['Scheduled', 'shop', 'Pod', 1, undefined],
      ['FailedScheduling', 'other', 'Pod', 1, '0/3'],
      ['FailedScheduling', undefined, 'Node', 1, '0/3'],
    ]);
    expect(metric.figures!().get('events.warnings')).toBe(4);
  });

  test('beyond the limit further objects share a row; known ones keep theirs', () => {
    const script = new FactScript();
    const metric = script.start(eventsMetricOf(1));
    for (const name of ['a', 'b', 'c', 'a']) script.recorder.kubeEvent({ ...failed, name });
    metric.finish(SECOND);
    expect(recordsOf(metric.tables()[0]).map((row) => [row['name'], row['namespace'], row['count']])).toEqual([
      ['a', 'shop', 2],
      [undefined, undefined, 2],
    ]);
  });
});
