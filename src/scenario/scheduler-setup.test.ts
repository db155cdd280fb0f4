import { expect, test } from 'vitest';
import { definePlugin } from '../scheduler/framework/define-plugin.ts';
import { messagesOf, soundScenario } from '../testing/load-from-memory.ts';
import { readSchedulerSetup } from './scheduler-setup.ts';

const spec = 'scheduler: { config: kube-scheduler.yaml }\n';
const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

const own = definePlugin({ name: 'CheapestNode', create: () => ({ name: 'CheapestNode' }) });

test('without a file the default profile runs', () => {
  const { setup, errors } = readSchedulerSetup(soundScenario(''), []);
  expect(errors).toEqual([]);
  expect(setup!.configuration.profiles.map(({ schedulerName }) => schedulerName)).toEqual(['default-scheduler']);
});

test('a profile by name needs no file, and a name that nothing has is shown where it stands', () => {
  const { setup } = readSchedulerSetup(soundScenario('scheduler: { profile: most-allocated }\n'), []);
  expect(setup!.configuration.profiles[0]!.args.get('NodeResourcesFit')).toMatchObject({
    scoringStrategy: { type: 'MostAllocated' },
  });
  const { errors } = readSchedulerSetup(soundScenario('scheduler: { profile: most-alocated }\n'), []);
  expect(errors).toMatchObject([{ code: 'E028' }]);
  expect(errors[0]!.message).toContain('most-allocated');
});

test('a profile that is called otherwise than the plugin of the modules is told the name of that', () => {
  const plugin = definePlugin({
    name: 'TightFit',
    description: '',
    create: () => ({ name: 'TightFit', score: () => 1 }),
  });
  const errorsOf = (profile: string) =>
    readSchedulerSetup(soundScenario(`scheduler: { profile: ${profile} }\n`), [plugin]).errors.map(
      ({ message }) => message,
    );
  expect(errorsOf('tight-fit')).toEqual([]);
  expect(errorsOf('my-policy')).toEqual([
    'there is no profile "my-policy": the modules hold TightFit, so that it is called "tight-fit"; a module as --profile has that name too: tight-fit.ts',
  ]);
  expect(errorsOf('most-alocated')[0]).toContain('did you mean "most-allocated"?');
});

test('a trace whose pods share GPUs needs a plugin that gives them', () => {
  const devices = { count: 1, milli: 500, models: [] };
  const trace = { replay: 'inOrder', pods: [{ devices }, { devices: undefined }] } as never;
  const asked = (text: string, files = {}) => ({ ...soundScenario(text, files), trace });
  expect(readSchedulerSetup(asked('scheduler: { profile: best-fit }\n'), []).errors).toEqual([]);
  const file = (name: string) => `${head}profiles:\n  - plugins: { multiPoint: { enabled: [{ name: ${name} }] } }\n`;
  const errorsOf = (name: string) =>
    readSchedulerSetup(asked(spec, { 'kube-scheduler.yaml': file(name) }), []).errors.map(({ message }) => message);
  expect(errorsOf('GpuShare')).toEqual([]);
  expect(errorsOf('BestFit')).toEqual([expect.stringContaining('no plugin gives them: enable GpuShare')]);
});

test("a plugin of the user's own is known by its name", () => {
  const text = `${head}profiles:\n  - plugins: { multiPoint: { enabled: [{ name: CheapestNode }] } }\n`;
  const scenario = soundScenario(spec, { 'kube-scheduler.yaml': text });
  expect(readSchedulerSetup(scenario, [own]).errors).toEqual([]);
  expect(messagesOf({ ...readSchedulerSetup(scenario, []), warnings: [] })).toEqual([
    expect.stringMatching(/^kube-scheduler\.yaml:4:\d+ error E034: .*CheapestNode/),
  ]);
});

test('an unknown plugin is shown where it stands, with the name that is near', () => {
  const text = `${head}profiles:\n  - plugins:\n      score:\n        enabled:\n          - name: NodeResourceFit\n`;
  const { setup, errors } = readSchedulerSetup(soundScenario(spec, { 'kube-scheduler.yaml': text }), []);
  expect(setup).toBeUndefined();
  expect(errors).toMatchObject([{ code: 'E034', file: '/s/kube-scheduler.yaml', line: 7 }]);
  expect(errors[0]!.message).toContain('NodeResourcesFit');
});

test('an unknown field is shown at its key', () => {
  const text = `${head}percentageOfNodeToScore: 5\n`;
  const { errors } = readSchedulerSetup(soundScenario(spec, { 'kube-scheduler.yaml': text }), []);
  expect(errors).toMatchObject([{ code: 'E034', line: 3, column: 1, endColumn: 24 }]);
});

test('the file of another kind is refused', () => {
  const { errors } = readSchedulerSetup(
    soundScenario(spec, { 'kube-scheduler.yaml': 'apiVersion: v1\nkind: Pod\n' }),
    [],
  );
  expect(errors[0]).toMatchObject({ code: 'E034' });
});

test.each([
  ['filter: { enabled: [{ name: ImageLocality }] }', 'plugin "ImageLocality" does not extend FilterPlugin plugin'],
  [
    'bind: { disabled: [{ name: DefaultBinder }] }',
    'at least one bind plugin is needed for profile with scheduler name "p"',
  ],
  [
    'score: { enabled: [{ name: ImageLocality }, { name: ImageLocality, weight: 3 }] }',
    'plugin "ImageLocality" already registered as "ScorePlugin"',
  ],
  [
    'queueSort: { disabled: [{ name: "*" }] }',
    'only one queue sort plugin required for profile with scheduler name "p", but got 0',
  ],
])('a profile whose plugins cannot work together is shown where it begins: %s', (plugins, problem) => {
  const text = `${head}profiles:\n  - schedulerName: p\n    plugins: { ${plugins} }\n`;
  const { errors } = readSchedulerSetup(soundScenario(spec, { 'kube-scheduler.yaml': text }), []);
  expect(errors).toMatchObject([{ code: 'E034', line: 4 }]);
  expect(errors[0]!.message).toContain(`creating profile for scheduler name p: ${problem}`);
});
