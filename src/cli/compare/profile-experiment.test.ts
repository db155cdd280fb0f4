import { expect, test } from 'vitest';
import { profileExperiment } from './profile-experiment.ts';

test('a plugin file is the profile in which it scores alone, beside names and configuration files', () => {
  const scenario = { name: 's', file: 's.yaml', description: '', tables: [] };
  const [axis] = profileExperiment(scenario, ['best-fit', 'mine/my-policy.ts', 'mine/other.yaml']).axes;
  const levels = axis!.levels.map(({ label, overrides }) => [
    label,
    ...overrides.map(({ path, value }) => [path, value]),
  ]);
  expect(levels).toEqual([
    ['best-fit', ['spec.scheduler.profile', 'best-fit']],
    ['my-policy', ['spec.scheduler.plugins', ['mine/my-policy.ts']], ['spec.scheduler.profile', 'my-policy']],
    ['other', ['spec.scheduler.config', 'mine/other.yaml']],
  ]);
});
