import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { restartsMetric } from './restarts.ts';

test('restarts are counted by workload and by how the container had ended', () => {
  const script = new FactScript();
  const metric = script.start(restartsMetric);
  const set = script.replicaSet('web-1', 2, script.deployment('web', 2));
  const [a, b] = ['a', 'b'].map((name) => script.pod(name, {}, set));
  const { recorder } = script;
  const restart = (seconds: number, pod: typeof a, count: number, exitCode: number, reason: string): void => {
    script.at(seconds).recorder.containerExited(pod!, 0, exitCode, reason);
    script.at(seconds + 1).recorder.containerStarted(pod!, 0, count);
  };
  recorder.containerStarted(a!, 0, 0);
  restart(10, a, 1, 1, 'Error');
  restart(15, b, 1, 1, 'Error');
  restart(20, b, 2, 1, 'Error');
  restart(30, a, 2, 137, 'OOMKilled');
  recorder.containerStarted(script.pod('bare'), 0, 1);
  recorder.containerStarted(a!, 0, 3);
  metric.finish(40 * SECOND);
  const web = { namespace: 'default', kind: 'Deployment', workload: 'web', container: 'c', most_of_pod: 1 };
  expect(recordsOf(metric.tables()[0])).toEqual([
    {
      ...web,
      reason: 'Error',
      exit_code: 1,
      restarts: 3,
      first_t_s: 11 * SECOND,
      last_t_s: 21 * SECOND,
      most_of_pod: 2,
    },
    { ...web, reason: 'OOMKilled', exit_code: 137, restarts: 1, first_t_s: 31 * SECOND, last_t_s: 31 * SECOND },
    {
      ...{ ...web, kind: 'Pod', workload: 'bare', reason: undefined, exit_code: undefined, restarts: 1 },
      ...{ first_t_s: 31 * SECOND, last_t_s: 31 * SECOND },
    },
    {
      ...{ ...web, reason: undefined, exit_code: undefined, restarts: 1 },
      ...{ first_t_s: 31 * SECOND, last_t_s: 31 * SECOND },
    },
  ]);
  expect(metric.figures!().get('restarts.total')).toBe(6);
});
