import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { SnapshotLister } from '../framework/handle.ts';
import { NodeTallies } from './node-tallies.ts';
import { podSelector } from './pod-selector.ts';

const selector = podSelector({ matchLabels: { app: 'web' }, matchExpressions: [] }, 'default');

/** Web pods by zone, counted one by one. */
function naive({ nodes }: SnapshotLister): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { node, pods } of nodes) {
    const zone = labelValue(node!.metadata.labels, 'zone') ?? '';
    const webs = pods.filter(({ pod }) => labelValue(pod.metadata.labels, 'app') === 'web');
    counts[zone] = (counts[zone] ?? 0) + webs.length;
  }
  return counts;
}

function kept(tallies: NodeTallies, snapshot: SnapshotLister): Record<string, number> {
  const totals = tallies.totals(selector, 'zone').of(snapshot);
  const domains = tallies.domains('zone');
  const zones = new Set(snapshot.nodes.map(({ node }) => labelValue(node!.metadata.labels, 'zone') ?? ''));
  return Object.fromEntries([...zones].map((zone) => [zone, totals[domains.idOf(zone)]!]));
}

type Change = readonly [what: 'bind' | 'unbind' | 'move' | 'leave' | 'join' | 'look', which: number];

const changes = fc.array(
  fc.tuple(
    fc.constantFrom<Change[0][]>('bind', 'bind', 'bind', 'unbind', 'move', 'leave', 'join', 'look', 'look'),
    fc.nat({ max: 9 }),
  ),
  { maxLength: 60 },
);

class World {
  readonly fixture = new SchedulerFixture();
  private readonly bound: ReturnType<SchedulerFixture['bind']>[] = [];
  private pods = 0;

  constructor() {
    for (let at = 0; at < 4; at++) this.do(['join', at]);
  }

  do([what, which]: Change): void {
    const { fixture } = this;
    const { cache } = fixture;
    const name = `n${which}`;
    const known = cache.presentNodes().find((info) => info.name === name);
    if (what === 'join') {
      if (known === undefined) fixture.node(name, which === 0 ? {} : { labels: { zone: `z${which % 3}` } });
    } else if (what === 'unbind') {
      const [pod] = this.bound.splice(which, 1);
      if (pod !== undefined) cache.removePod(pod);
    } else if (known?.node === undefined) {
      return;
    } else if (what === 'bind') {
      const labels = { app: ++this.pods % 3 === 0 ? 'db' : 'web' };
      this.bound.push(fixture.bind(fixture.pod({}, { metadata: { labels } }), name));
    } else if (what === 'move') {
      const { metadata } = known.node;
      const labels = { zone: `z${this.pods % 3}` };
      cache.updateNode(known.node, { ...known.node, metadata: { ...metadata, labels } });
    } else if (what === 'leave') {
      cache.removeNode(known.node);
    }
  }
}

test('totals kept from look to look are those of counting anew, whatever has changed in between', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const world = new World();
      const tallies = new NodeTallies();
      for (const change of list) {
        world.do(change);
        if (change[0] !== 'look') continue;
        world.fixture.cache.updateSnapshot();
        expect(kept(tallies, world.fixture.cache)).toEqual(naive(world.fixture.cache));
      }
    }),
  );
});

test('they are counted anew when more has changed than is known one by one', () => {
  const world = new World();
  const { fixture } = world;
  const tallies = new NodeTallies();
  fixture.cache.updateSnapshot();
  expect(kept(tallies, fixture.cache)).toEqual({ '': 0, z0: 0, z1: 0, z2: 0 });
  world.do(['bind', 1]);
  const pod = fixture.bind(fixture.pod(), 'n2');
  for (let at = 0; at < 20_000; at++) fixture.cache.updatePod(pod);
  expect(kept(tallies, fixture.cache)).toEqual({ '': 0, z0: 0, z1: 1, z2: 0 });
});

test('a snapshot that does not tell its changes is counted each time', () => {
  const world = new World();
  const { cache } = world.fixture;
  const tallies = new NodeTallies();
  const look = (): Record<string, number> => {
    const { nodes } = cache;
    return kept(tallies, { ...untold, nodes });
  };
  cache.updateSnapshot();
  expect(look()).toEqual({ '': 0, z0: 0, z1: 0, z2: 0 });
  world.do(['bind', 2]);
  expect(look()).toEqual({ '': 0, z0: 0, z1: 0, z2: 1 });
});

const untold: SnapshotLister = {
  nodes: [],
  nodesWithAffinityPods: [],
  nodesWithRequiredAntiAffinityPods: [],
  get: () => undefined,
  image: () => undefined,
  isClaimUsed: () => false,
  assignDevices: () => undefined,
};
