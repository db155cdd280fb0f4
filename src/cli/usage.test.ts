import { expect, test } from 'vitest';
import { capturedIo } from '../testing/captured-io.ts';
import { runCli } from './run-cli.ts';

async function cli(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo('/');
  const code = await runCli(argv, io);
  return { code, out: io.out(), err: io.err() };
}

test('help lists every command and the exit codes, within 80 columns', async () => {
  const { code, out } = await cli('--help');
  expect(code).toBe(0);
  for (const name of ['run', 'validate', 'list', 'diff', 'explain', 'init', 'schema', 'completion', 'explain-code'])
    expect(out).toContain(`orrery ${name}`);
  expect(out).toContain('130/143');
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('help may be asked for in front, as with kubectl', async () => {
  expect(await cli('help')).toEqual(await cli('--help'));
  expect(await cli('help', 'explain', 'pod')).toEqual(await cli('explain', 'pod', '--help'));
  expect((await cli('help', 'sweep')).out).toMatch(/^orrery sweep\n/);
});

test('a mistyped command is met with the nearest one, on stderr, and exit code 2', async () => {
  const { code, out, err } = await cli('validte', '-f', 'x.yaml');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe('orrery: unknown command "validte"; did you mean "validate"?\nTry: orrery --help\n');
});

test('a mistyped option is met with the nearest one of that command', async () => {
  expect(await cli('run', '-f', 'x.yaml', '--utnil', '3h')).toEqual({
    code: 2,
    out: '',
    err: 'orrery: unknown option --utnil; did you mean "--until"?\nTry: orrery run --help\n',
  });
  expect((await cli('run', '-f', 'x.yaml', '--no-chrts')).err).toContain('--no-chrts; did you mean "--no-charts"?');
  expect((await cli('run', '-f', 'x.yaml', '--check-determinsm')).err).toContain(
    'unknown option --check-determinsm; did you mean "--check-determinism"?',
  );
});

test.each([
  [['list'], 'missing: <what>', 'list'],
  [['diff'], 'missing: <a> <b>', 'diff'],
  [['diff', 'results/x'], 'missing: <b>', 'diff'],
  [['explain', 'pod', '--decision'], 'missing: <pod>', 'explain pod'],
  [['run'], 'missing: --file', 'run'],
])('%j says what is missing', async (argv, message, name) => {
  expect((await cli(...argv)).err).toBe(`orrery: ${message}\nTry: orrery ${name} --help\n`);
});

test('an option under the name that other programs have for it is met with ours', async () => {
  expect((await cli('compare', '--confidence', '1.5')).err).toBe(
    'orrery: unknown option --confidence; did you mean "--level"?\nTry: orrery compare --help\n',
  );
  // `run` has no level.
  expect((await cli('run', '-f', 'x.yaml', '--confidence', '1.5')).err).toContain('unknown option --confidence\n');
});

test.each([
  [['compare', '--seed', 'a', '--seed', 'b'], '--seed is given twice: a, b'],
  [['compare', '--baseline', 'a', '--baseline', 'b', '--baseline', 'c'], '--baseline is given 3 times: a, b, c'],
  [['compare', '-f', 'a.yaml', '-f', 'b.yaml'], '--file is given twice: a.yaml, b.yaml'],
  [['compare', '-n', '3', '--replications', '4'], '--replications is given twice: 3, 4'],
  [['explain', 'pod', 'x', '--run', 'a', '--run', 'b'], '--run is given twice: a, b'],
  [['run', '-f', 'x.yaml', '--seed', ''], '--seed is empty'],
  [['explain', 'pod', '', '--run', 'a'], 'pod is empty'],
  [['compare', '-f', '', '--profile', 'default'], '--file is empty'],
])('%j: an option that is no list is given once, and has a value', async (argv, message) => {
  const { code, out, err } = await cli(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.split('\n')[0]).toBe(`orrery: ${message}`);
});

test('options that are lists, and switches, may be repeated', async () => {
  const { err } = await cli('run', '-f', 'x.yaml', '-f', 'y.yaml', '--set', 'a=1', '--set', 'b=2', '-q', '-q');
  expect(err).not.toContain('given');
  expect(err).toContain('no file "x.yaml"');
});

test('a value that is none of the choices is met with the nearest one and all of them', async () => {
  const { code, err } = await cli('list', 'fualts');
  expect(code).toBe(2);
  expect(err).toContain('"fualts"; did you mean "faults"?');
  expect(err).toContain('scenarios');
});

test.each([
  [['run'], 'missing: --file'],
  [['run', '-f'], '-f wants a value'],
  [['run', '-f', 'x', 'y'], 'unexpected argument "y"'],
  [['run', '-f', 'x', '--replication', '-1'], '--replication "-1" is not a whole number'],
  [['run', '-f', 'x', '--until', '5'], '--until "5" is not a duration'],
  [['run', '-f', 'x', '--until', '0s'], '--until is not more than zero'],
  [['diff', 'a', 'b', '--around', 'many'], '--around "many"'],
  [['explain-code', 'E01'], 'there is no code "E01"'],
  [[], 'a command is missing'],
])('%j ends with exit code 2 and says why', async (argv, message) => {
  const { code, out, err } = await cli(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
  expect(err).not.toContain('    at ');
});

test('a scenario that is not there is a diagnostic, not a failed system call', async () => {
  const { code, err } = await cli('run', '-f', 'nowhere.yaml');
  expect(code).toBe(2);
  expect(err).toMatch(/nowhere\.yaml:1:1 error E001: .*no file "nowhere\.yaml"/);
});

test('explain-code opens a code in any case and wraps its text', async () => {
  const { code, out } = await cli('explain-code', 'w007');
  expect(code).toBe(0);
  expect(out).toMatch(/^warning W007: /);
  expect((await cli('explain-code')).out).toContain('E014  unknown field');
});

test('the schema is printed as JSON', async () => {
  const { out } = await cli('schema');
  expect(JSON.parse(out)).toMatchObject({ title: 'kube-orrery scenario' });
});

test('faults are listed with their parameters, as text, names and JSON', async () => {
  const { out } = await cli('list', 'faults');
  expect(out).toContain('nodeCrash');
  expect(out).toContain('zone <string> (required)');
  expect(out).toContain('lanl05-weibull');
  expect(out).toContain('source: Javadi');
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect((await cli('list', 'faults', '-o', 'name')).out.split('\n')).toContain('zoneOutage');
  expect((await cli('list', 'presets', '-o', 'name')).out.split('\n')).toContain('aws-spot-5');
  const json = JSON.parse((await cli('list', 'faults', '-o', 'json')).out) as { name: string; details: unknown[] }[];
  expect(json.find(({ name }) => name === 'nodeCrash')?.details.length).toBeGreaterThan(3);
});

test('the completion script names the command', async () => {
  expect((await cli('completion')).out).toContain('orrery --get-yargs-completions');
});
