import { expect, it } from 'vitest';
import { SchedulerFixture, verdictText } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';

it('posts a Binding with the uid of the pod and tells what came of it', () => {
  const fixture = new SchedulerFixture();
  const pod = fixture.pod();
  const outcomes: string[] = [];
  const bind = (): void =>
    fixture.plugin('DefaultBinder').bind!(new CycleState(), pod, 'n1', (status) => outcomes.push(verdictText(status)));
  bind();
  fixture.respond = () => ({ code: 'Conflict', object: undefined, message: 'is already assigned' });
  bind();
  expect(outcomes).toEqual(['ok', 'Error: is already assigned']);
  expect(fixture.sent[0]).toMatchObject({
    verb: 'bind',
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    nodeName: 'n1',
  });
});
