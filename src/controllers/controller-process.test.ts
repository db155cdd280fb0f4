import { expect, test } from 'vitest';
import { defaultLatency } from '../apiserver/latency.ts';
import { createRequest } from '../apiserver/requests.ts';
import { SECOND } from '../engine/time.ts';
import { makeApi, makeNamespace } from '../testing/api-harness.ts';
import { FakeHeartbeats } from '../testing/control-plane.ts';
import type { ControllerContext, ControllerDefinition } from './controller.ts';
import { synced } from './controller.ts';
import { ControllerProcess } from './controller-process.ts';

/** Two controllers that note when they hear of the namespaces that are made. */
function run() {
  const api = makeApi({ latency: defaultLatency });
  const { server, engine } = api;
  const heard: string[] = [];
  const made: string[] = [];
  const watching = (name: string): ControllerDefinition => ({
    name,
    description: '',
    workers: 1,
    create: (context: ControllerContext) => ({
      watch: () =>
        context.informer('Namespace').onChange(
          (_, after) => void heard.push(`${name} ${after!.metadata.name} ${engine.now}`),
          (_, after) => made.includes(after!.metadata.name),
        ),
      *reconcile() {
        return synced;
      },
    }),
  });
  const definitions = [watching('b'), watching('a')];
  const begin = (): ControllerProcess =>
    new ControllerProcess(definitions, server, { heartbeats: new FakeHeartbeats() });
  const create = (name: string): void => {
    made.push(name);
    server.execute(createRequest('Namespace', makeNamespace(name)));
  };
  return { engine, heard, begin, create };
}

test('controllers of one process hear of a change at the same instant, in the order in which they are given', () => {
  const { engine, heard, begin, create } = run();
  begin().start();
  for (const name of ['one', 'two']) create(name);
  engine.run({ until: SECOND });
  const [time] = heard[0]!.split(' ').slice(2);
  expect(Number(time)).toBeGreaterThan(0);
  expect(heard.slice(0, 2)).toEqual([`b one ${time}`, `a one ${time}`]);
  const [later] = heard[2]!.split(' ').slice(2);
  expect(heard.slice(2)).toEqual([`b two ${later}`, `a two ${later}`]);
});

test('a process that ends hears no more, and the next one is told once of what is there', () => {
  const { engine, heard, begin, create } = run();
  const first = begin();
  first.start();
  first.stop();
  create('one');
  engine.run({ until: SECOND });
  expect(heard).toEqual([]);
  begin().start();
  engine.run({ until: 2 * SECOND });
  expect(heard).toEqual(['b one 0', 'a one 0']);
});
