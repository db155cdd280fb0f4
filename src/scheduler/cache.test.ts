import { describe, expect, it } from 'vitest';
import { SchedulerFixture, nodeFrom } from '../testing/scheduler-fixture.ts';
import { NodeTree } from './node-tree.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { statusWith } from '../api/pod-status.ts';

const zoned = (name: string, zone: string): ReturnType<typeof nodeFrom> =>
  nodeFrom({ metadata: { name, labels: zone === '' ? {} : { 'topology.kubernetes.io/zone': zone } } });

describe('the node tree', () => {
  it('lets zones take turns, in the order of their first node', () => {
    const tree = new NodeTree();
    for (const [name, zone] of [
      ['b1', 'b'],
      ['a1', 'a'],
      ['b2', 'b'],
      ['x', ''],
      ['b3', 'b'],
    ] as const) {
      tree.add(zoned(name, zone));
    }
    expect(tree.list()).toEqual(['b1', 'a1', 'x', 'b2', 'b3']);
  });

  it('moves a node to the end of its new zone, and an empty zone leaves and comes back at the end', () => {
    const tree = new NodeTree();
    for (const [name, zone] of [
      ['a1', 'a'],
      ['b1', 'b'],
    ] as const)
      tree.add(zoned(name, zone));
    tree.update(zoned('a1', 'a'), zoned('a1', 'b'));
    expect(tree.list()).toEqual(['b1', 'a1']);
    tree.add(zoned('a2', 'a'));
    expect(tree.list()).toEqual(['b1', 'a2', 'a1']);
  });
});

describe('the cache', () => {
  const used = (fixture: SchedulerFixture, name = 'n'): number =>
    fixture.nodes.find((n) => n.name === name)!.requestedMilliCpu;

  it('counts an assumed pod at once, and once only when it is confirmed', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    const pod = fixture.podWithRequests({ cpu: '1' }, { nodeName: 'n' });
    fixture.cache.assumePod(fixture.podInfos.podInfo(pod));
    expect([used(fixture), fixture.cache.isAssumed(pod.metadata.uid)]).toEqual([1000, true]);
    fixture.cache.addPod(pod);
    expect([used(fixture), fixture.cache.isAssumed(pod.metadata.uid)]).toEqual([1000, false]);
    // Too late to forget: it is bound.
    fixture.cache.forgetPod(pod.metadata.uid);
    expect(used(fixture)).toBe(1000);
  });

  it('takes the newest version of a pod into the account that it has, and knows no other pod', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    const pod = fixture.podWithRequests({ cpu: '1' }, { nodeName: 'n' });
    fixture.cache.addPod(pod);
    const newer = podWith(pod, { status: statusWith(pod.status, { phase: 'Running' }) });
    fixture.cache.replacePod(newer);
    fixture.cache.replacePod(fixture.podWithRequests({ cpu: '1' }, { nodeName: 'n' }));
    const node = fixture.nodes.find(({ name }) => name === 'n')!;
    expect([node.pods.map((podInfo) => podInfo.pod), used(fixture)]).toEqual([[newer], 1000]);
    fixture.cache.removePod(newer);
    expect([node.pods, used(fixture)]).toEqual([[], 0]);
  });

  it('forgets an assumed pod, and moves one that was bound elsewhere', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    fixture.node('m');
    const pod = fixture.podWithRequests({ cpu: '1' }, { nodeName: 'n' });
    fixture.cache.assumePod(fixture.podInfos.podInfo(pod));
    fixture.cache.forgetPod(pod.metadata.uid);
    expect(used(fixture)).toBe(0);
    fixture.cache.assumePod(fixture.podInfos.podInfo(pod));
    fixture.bind(pod, 'm');
    expect([used(fixture, 'n'), used(fixture, 'm')]).toEqual([0, 1000]);
  });

  it('keeps the pods of a node that is gone or not there yet, outside of the snapshot', () => {
    const fixture = new SchedulerFixture();
    const node = fixture.node('n');
    fixture.bind(fixture.podWithRequests({ cpu: '1' }), 'n');
    fixture.bind(fixture.podWithRequests({ cpu: '2' }), 'later');
    fixture.cache.removeNode(node);
    expect(fixture.nodes).toEqual([]);
    expect(fixture.cache.get('n')).toBeUndefined();
    fixture.cache.addNode(node);
    fixture.node('later');
    expect([used(fixture, 'n'), used(fixture, 'later')]).toEqual([1000, 2000]);
  });

  it('keeps the order of the list until a node comes or goes, also where a zone changes', () => {
    const fixture = new SchedulerFixture();
    const order = (): string => fixture.nodes.map(({ name }) => name).join('');
    for (const [name, zone] of [
      ['1', 'a'],
      ['2', 'a'],
      ['3', 'b'],
    ] as const)
      fixture.cache.addNode(zoned(name, zone));
    expect(order()).toBe('132');
    fixture.cache.updateNode(zoned('1', 'a'), zoned('1', 'b'));
    expect(order()).toBe('132');
    fixture.cache.addNode(zoned('4', 'c'));
    expect(order()).toBe('2341');
  });

  it('takes the last pod of a node into the place of a removed one', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    const pods = [1, 2, 3].map(() => fixture.bind(fixture.pod(), 'n'));
    fixture.cache.removePod(pods[0]!);
    expect(fixture.nodes[0]!.pods.map(({ pod }) => pod.metadata.uid)).toEqual([3, 2]);
  });

  it('moves a pod that changes to the end of its node, as if it were removed and added', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    const pods = [1, 2, 3, 4].map(() => fixture.bind(fixture.pod(), 'n'));
    // Recorded of 1.37.2: four like pods turn Running one after the other; the second and the fourth are preempted.
    for (const pod of pods)
      fixture.cache.replacePod(podWith(pod, { status: statusWith(pod.status, { phase: 'Running' }) }));
    expect(fixture.nodes[0]!.pods.map(({ pod }) => pod.metadata.uid)).toEqual([3, 1, 2, 4]);
  });

  it('freezes how common an image is until the node itself changes', () => {
    const fixture = new SchedulerFixture();
    const images = { status: { images: [{ names: ['app:1'], sizeBytes: 5 }] } };
    fixture.node('n1', images);
    const count = (): number => fixture.cache.image('app:1')!.nodeCounts[fixture.nodes[0]!.index]!;
    expect(count()).toBe(1);
    fixture.node('n2', images);
    expect(count()).toBe(1);
    fixture.bind(fixture.pod(), 'n1');
    expect(count()).toBe(2);
  });

  it('forgets an image with the last node that has it, whatever other names the node gives it', () => {
    const fixture = new SchedulerFixture();
    const images = (...names: string[]): object => ({ images: [{ names, sizeBytes: 5 }] });
    const first = fixture.node('n1', { status: { ...images('app:1', 'app:1', 'alias:1') } });
    const second = fixture.node('n2', { status: { ...images('app:1') } });
    fixture.cache.removeNode(first);
    expect(fixture.cache.image('alias:1')).toBeUndefined();
    // The next node gets the index of the removed one, and none of its images.
    fixture.node('n3');
    const { nodeCounts } = fixture.cache.image('app:1')!;
    expect(fixture.nodes.map(({ index }) => nodeCounts[index])).toEqual([1, undefined]);
    fixture.cache.removeNode(second);
    expect(fixture.cache.image('app:1')).toBeUndefined();
  });
});
