// Actions on workloads in whole runs: pause, resume and undo as `kubectl rollout` has them.
import { describe, expect, test } from 'vitest';
import type { UserAction } from '../record/facts.ts';
import { readSchedulerSetup } from '../scenario/scheduler-setup.ts';
import { Simulation } from '../simulation.ts';
import { deploymentText, soundScenario } from '../testing/load-from-memory.ts';
import { nodeSha256 } from '../testing/sha256.ts';

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

function textOf(kind: (typeof kinds)[number]): string {
  const text = deploymentText('web').replace('kind: Deployment', `kind: ${kind}`);
  return kind === 'DaemonSet' ? text.replace('  replicas: 2\n', '') : text;
}

function run(
  kind: (typeof kinds)[number],
  actions: string,
): { messages: readonly string[]; images: readonly string[] } {
  const spec = `
cluster:
  nodePools: [{ name: general, count: 2, capacity: { cpu: 8, memory: 32Gi, pods: 110 } }]
workload:
  - manifests: [web.yaml]
actions:
${actions}`;
  const scenario = soundScenario(spec, { 'web.yaml': textOf(kind) });
  const messages: string[] = [];
  const userAction = ({ verb, message }: UserAction): void => void messages.push(`${verb}: ${message}`);
  const { setup } = readSchedulerSetup(scenario, []);
  const options = { createHash: nodeSha256, scheduler: setup!, observers: [{ userAction }] };
  const simulation = new Simulation(scenario, options);
  while (simulation.advance(100_000).reason === 'paused');
  const pods = [...simulation.server.state.list('Pod')].filter(({ status }) => status.phase === 'Running');
  const images = new Set(pods.map(({ spec: { containers } }) => containers[0]!.image));
  return { messages: messages.slice(1), images: [...images] };
}

describe.each(kinds)('a %s', (kind) => {
  const image = (at: string, name: string): string =>
    `  - { at: ${at}, setImage: { kind: ${kind}, name: web, image: "${name}" } }\n`;
  const undo = (more = ''): string => `  - { at: 20m, undo: { kind: ${kind}, name: web${more} } }\n`;

  test('goes back to the template before', () => {
    const { messages, images } = run(kind, image('5m', 'b:1') + image('10m', 'c:1') + undo());
    expect(messages).toEqual(['setImage: ', 'setImage: ', 'undo: ']);
    expect(images).toEqual(['b:1']);
  });

  test('goes back to a revision, if there is one of that number', () => {
    const changes = image('5m', 'b:1') + image('10m', 'c:1');
    expect(run(kind, changes + undo(', toRevision: 1')).images).toEqual(['shop/web:1']);
    expect(run(kind, changes + undo(', toRevision: 9')).messages.at(-1)).toBe(
      'undo: unable to find specified revision 9 in history',
    );
  });

  test('that never had another has nothing to go back to', () => {
    expect(run(kind, undo()).messages).toEqual([
      kind === 'Deployment'
        ? 'undo: no rollout history found for deployments.apps "web"'
        : 'undo: no last revision to roll back to',
    ]);
  });

  test('is restarted: other pods of the same image', () => {
    const { messages, images } = run(kind, `  - { at: 5m, restart: { kind: ${kind}, name: web } }\n`);
    expect(messages).toEqual(['restart: ']);
    expect(images).toEqual(['shop/web:1']);
  });
});

test('a paused Deployment takes a change and does not roll it out; it neither restarts nor goes back', () => {
  const paused = `
  - { at: 5m, pause: { name: web } }
  - { at: 6m, pause: { name: web } }
  - { at: 7m, setImage: { name: web, image: "b:1" } }
  - { at: 8m, undo: { name: web } }
`;
  const { messages, images } = run('Deployment', paused);
  expect(images).toEqual(['shop/web:1']);
  expect(messages).toEqual([
    'pause: ',
    'pause: deployments.apps "web" is already paused',
    'setImage: ',
    "undo: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
  ]);
  const resumed = run('Deployment', `${paused}  - { at: 10m, resume: { name: web } }\n`);
  expect(resumed.images).toEqual(['b:1']);
});

test('a StatefulSet is scaled', () => {
  const { messages } = run('StatefulSet', '  - { at: 5m, scale: { kind: StatefulSet, name: web, replicas: 4 } }\n');
  expect(messages).toEqual(['scale: ']);
});
