import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { preemptionsMetric } from './preemptions.ts';

test('a preemption with victims is a row; one that finds none is an attempt all the same', () => {
  const script = new FactScript();
  const metric = script.start(preemptionsMetric);
  const preemptor = script.pod('urgent');
  const victims = [script.pod('a'), script.pod('b')];
  const none = { preemptor, nodeName: '', candidates: 0, victims: [], violations: 0, profile: 'default-scheduler' };
  script.at(1).recorder.preemptionAttempt(none);
  script.at(2).recorder.preemptionAttempt({ ...none, nodeName: 'n', candidates: 5, victims, violations: 1 });
  metric.finish(3 * SECOND);
  expect(recordsOf(metric.tables()[0])).toEqual([
    {
      ...{ t_s: 2 * SECOND, namespace: 'default', pod: 'urgent', uid: '1', node: 'n' },
      ...{ candidates: 5, victims: 2, pdb_violations: 1 },
    },
  ]);
  expect([...metric.figures!()]).toEqual([
    ['preemption.attempts', 2],
    ['preemption.victims', 2],
  ]);
});
