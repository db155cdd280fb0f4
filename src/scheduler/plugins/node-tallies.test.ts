import { beforeEach, expect, test } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { NodeColumn } from './node-column.ts';
import { NodeTallies } from './node-tallies.ts';
import { podSelector } from './pod-selector.ts';

let fixture: SchedulerFixture;

beforeEach(() => {
  fixture = new SchedulerFixture();
  for (const name of ['a', 'b', 'c']) fixture.node(name, { labels: { zone: name === 'c' ? 'two' : 'one' } });
});

const matching = (app: string): ReturnType<typeof podSelector> =>
  podSelector({ matchLabels: { app }, matchExpressions: [] }, 'default');

test('a number is worked out anew when its node has changed, and only then', () => {
  const asked: string[] = [];
  const column = new NodeColumn(({ name, podCount }) => {
    asked.push(name);
    return podCount;
  });
  const all = (): number[] => fixture.nodes.map((info) => column.at(info));
  expect([all(), all()]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  const pod = fixture.bind(fixture.pod(), 'b');
  expect(all()).toEqual([0, 1, 0]);
  fixture.cache.removePod(pod);
  expect(all()).toEqual([0, 0, 0]);
  expect(asked).toEqual(['a', 'b', 'c', 'b', 'b']);
});

test('a node that takes the place of another one is a new one', () => {
  const column = new NodeColumn(({ podCount }) => podCount);
  const [, b] = fixture.nodes as [NodeInfo, NodeInfo, NodeInfo];
  fixture.bind(fixture.pod(), 'b');
  expect(column.at(b)).toBe(1);
  fixture.cache.removePod(b.pods[0]!.pod);
  fixture.cache.removeNode(b.node!);
  fixture.node('d');
  const d = fixture.nodes.find(({ name }) => name === 'd')!;
  expect(d.index).toBe(b.index);
  expect(column.at(d)).toBe(0);
});

test('nodes of one value are in one domain, and follow their label', () => {
  const domains = new NodeTallies().domains('zone');
  const all = (): number[] => fixture.nodes.map((info) => domains.of(info));
  expect(all()).toEqual([0, 0, 1]);
  const b = fixture.cache.get('b')!.node!;
  fixture.cache.updateNode(b, { ...b, metadata: fixture.cache.get('c')!.node!.metadata });
  fixture.cache.updateNode(b, { ...b, metadata: { ...b.metadata, labels: {} } });
  expect(all()).toEqual([0, -1, 1]);
});

test('equal selectors share their counts, others do not', () => {
  const tallies = new NodeTallies();
  expect(tallies.counts(matching('web'))).toBe(tallies.counts(matching('web')));
  expect(tallies.counts(matching('web'))).not.toBe(tallies.counts(matching('db')));
  const elsewhere = podSelector({ matchLabels: { app: 'web' }, matchExpressions: [] }, 'other');
  expect(tallies.counts(matching('web'))).not.toBe(tallies.counts(elsewhere));
});

test('the counts of selectors that nobody asks for make room', () => {
  const small = new NodeTallies(5);
  const web = small.counts(matching('web'));
  for (const info of fixture.nodes) web.at(info);
  const db = small.counts(matching('db'));
  for (const info of fixture.nodes) db.at(info);
  expect(small.counts(matching('db'))).toBe(db);
  expect(small.counts(matching('web'))).not.toBe(web);
});
