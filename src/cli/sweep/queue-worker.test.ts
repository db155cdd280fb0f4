import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { capturedIo } from '../../testing/captured-io.ts';
import type { CapturedIo } from '../../testing/captured-io.ts';
import { CommandFolder } from '../../testing/command-folder.ts';
import { exitCodes } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';

vi.setConfig({ testTimeout: 120_000 });

const hasServer = spawnSync('redis-server', ['--version']).status === 0;
if (!hasServer) console.warn('SKIPPED: sweeps over a real queue: there is no redis-server here');

const scenario = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
spec:
  horizon: 2m
  cluster: { nodePools: [{ name: general, count: 2, capacity: { cpu: '4', memory: 8Gi, pods: '20' } }] }
  workload: [{ manifests: [pod.yaml] }]
`;
const pod = `
apiVersion: v1
kind: Pod
metadata: { name: one, namespace: default }
spec: { containers: [{ name: one, image: 'one:1' }] }
`;
const experiment = `
apiVersion: orrery.dev/v1alpha1
kind: Experiment
metadata: { name: e }
spec:
  scenario: tiny.yaml
  axes: [{ name: nodes, path: 'spec.cluster.nodePools[name=general].count', values: [2, 3] }]
  seeds: 1-4
  outputs: { tables: [pods] }
`;

/** Contents of all files below a folder, by path. */
function filesBelow(top: string): Map<string, string> {
  const entries = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort((a, b) => (a < b ? -1 : 1))
      .map((path) => [path.slice(top.length), readFileSync(path, 'latin1')]),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when somebody listens at the port. */
async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.destroy();
}

describe.skipIf(!hasServer)('a sweep over a queue', () => {
  let folder: CommandFolder;
  let server: ChildProcess;
  let address = '';
  beforeAll(async () => {
    folder = new CommandFolder({ 'tiny.yaml': scenario, 'pod.yaml': pod, 'e.yaml': experiment });
    const port = await freePort();
    address = `redis://127.0.0.1:${port}`;
    server = spawn('redis-server', ['--port', String(port), '--save', ''], { cwd: folder.root, stdio: 'ignore' });
    await vi.waitFor(() => answers(port), { timeout: 20_000 });
  });
  afterAll(() => {
    server.kill();
    folder.remove();
  });

  test('gives the bytes that one without gives, and a worker that is stopped gives its cells back', async () => {
    await folder.orrery('sweep', '-f', 'e.yaml', '--workers', '0', '--out', 'plain');
    const ios: CapturedIo[] = [capturedIo(folder.root), capturedIo(folder.root)];
    const start = (io: CapturedIo) => runCli(['worker', address, '--workers', '0'], io);
    const first = start(ios[0]!);
    const swept = folder.orrery('sweep', '-f', 'e.yaml', '--queue', address);
    await vi.waitFor(() => expect(ios[0]!.err()).toContain('finished'), 60_000);
    ios[0]!.interruption.signal = 'SIGTERM';
    expect(await first).toBe(exitCodes.terminated);
    const second = start(ios[1]!);
    const { code, out } = await swept;
    expect({ code, out }).toMatchObject({
      code: exitCodes.ok,
      out: expect.stringContaining('8 ran, 0 kept') as unknown,
    });
    ios[1]!.interruption.signal = 'SIGINT';
    expect(await second).toBe(exitCodes.interrupted);
    expect(filesBelow(folder.path('results'))).toEqual(filesBelow(folder.path('plain')));
  });
});

test('options of those who run cells themselves are refused beside --queue', async () => {
  const folder = new CommandFolder({ 'tiny.yaml': scenario, 'pod.yaml': pod, 'e.yaml': experiment });
  const refused = async (...more: string[]) => folder.orrery('sweep', '-f', 'e.yaml', '--queue', 'redis://q', ...more);
  expect(await refused('--workers', '2')).toMatchObject({
    code: exitCodes.usage,
    err: expect.stringContaining('--queue does not go with --workers') as unknown,
  });
  folder.remove();
});
