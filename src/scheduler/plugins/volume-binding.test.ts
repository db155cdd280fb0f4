import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { Code, codeOf } from '../framework/status.ts';

const storage = 'storage.k8s.io/v1';
const accessModes = ['ReadWriteOnce'];
const unresolvable = 'UnschedulableAndUnresolvable: ';
const noVolume = `${unresolvable}node(s) didn't find available persistent volumes to bind`;
const noRoom = `${unresolvable}node(s) did not have enough free storage`;
const outOfReach = `${unresolvable}node(s) didn't match PersistentVolume's node affinity`;
const noProvisioner = 'kubernetes.io/no-provisioner';
const bindCompleted = { 'pv.kubernetes.io/bind-completed': 'yes' };

interface ClaimParts {
  readonly annotations?: object;
  readonly spec?: object;
  readonly phase?: string;
  readonly ownerReferences?: readonly object[];
}

/** Nodes a and b, each with its name as a label; a class `local` without provisioner. */
class Storage extends SchedulerFixture {
  constructor(config?: unknown) {
    super(config);
    for (const name of ['a', 'b']) this.node(name, { labels: { host: name } });
    this.storageClass('local', noProvisioner);
  }

  storageClass(name: string, provisioner: string, more: object = {}): this {
    const object = { apiVersion: storage, kind: 'StorageClass', metadata: { name }, provisioner };
    this.cluster.install({ ...object, volumeBindingMode: 'WaitForFirstConsumer', ...more });
    return this;
  }

  claim(name: string, amount: string, storageClassName = 'local', parts: ClaimParts = {}): this {
    const { annotations = {}, ownerReferences = [] } = parts;
    const metadata = { name, namespace: 'default', uid: `uid of ${name}`, annotations, ownerReferences };
    const resources = { requests: { storage: amount } };
    const spec = { accessModes, resources, storageClassName, ...parts.spec };
    const status = { phase: parts.phase ?? 'Pending' };
    this.cluster.install({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec, status });
    return this;
  }

  volume(name: string, amount: string, host = '', more: object = {}, labels: object = {}): this {
    const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'host', operator: 'In', values: [host] }] }] };
    const spec = {
      accessModes,
      capacity: { storage: amount },
      local: { path: '/' },
      storageClassName: 'local',
      ...(host !== '' && { nodeAffinity: { required } }),
      ...more,
    };
    const status = { phase: 'Available' };
    this.cluster.install({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, labels }, spec, status });
    return this;
  }

  capacity(name: string, storageClassName: string, host: string, parts: object): this {
    const object = { apiVersion: storage, kind: 'CSIStorageCapacity', metadata: { name, namespace: 'kube-system' } };
    this.cluster.install({ ...object, storageClassName, nodeTopology: { matchLabels: { host } }, ...parts });
    return this;
  }

  driver(name: string, storageCapacity: boolean): this {
    const metadata = { name };
    this.cluster.install({ apiVersion: storage, kind: 'CSIDriver', metadata, spec: { storageCapacity } });
    return this;
  }

  /** Verdicts on nodes a and b. */
  judge(...claimNames: readonly string[]): readonly string[] {
    return [...this.verdicts('VolumeBinding', this.pod(podSpec(...claimNames))).values()];
  }

  /** Reserves on a node and says which volumes got which claim since. */
  reserve(nodeName: string, ...claimNames: readonly string[]): this {
    const { state, pod } = this.filtered(...claimNames);
    expect(this.plugin('VolumeBinding').reserve!(state, pod, nodeName)).toBeUndefined();
    return this;
  }

  /** Scores of nodes a and b. */
  score(...claimNames: readonly string[]): readonly number[] {
    const { state, pod } = this.filtered(...claimNames);
    return this.nodes.map((node) => this.plugin('VolumeBinding').score!(state, pod, node) as number);
  }

  private filtered(...claimNames: readonly string[]): { state: CycleState; pod: ReturnType<SchedulerFixture['pod']> } {
    const plugin = this.plugin('VolumeBinding');
    const pod = this.pod(podSpec(...claimNames));
    const state = new CycleState();
    plugin.preFilter!(state, pod, this.nodes);
    for (const node of this.nodes) plugin.filter!(state, pod, node);
    return { state, pod };
  }
}

function podSpec(...claimNames: readonly string[]): Record<string, unknown> {
  return { volumes: claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) };
}

describe('VolumeBinding finds volumes that are there', () => {
  it('only where a volume of the class is large enough, in reach, and as the claim wants it', () => {
    const world = new Storage().claim('c', '5Gi').volume('small', '4Gi', 'a').volume('large', '6Gi', 'b');
    expect(world.judge('c')).toEqual([noVolume, 'ok']);
    world.volume('block', '6Gi', 'a', { volumeMode: 'Block' });
    world.volume('many', '6Gi', 'a', { accessModes: ['ReadOnlyMany'] });
    world.volume('other', '6Gi', 'a', { storageClassName: 'other' });
    expect(world.judge('c')).toEqual([noVolume, 'ok']);
  });

  it('the smallest that will do: the next claim gets what is left', () => {
    const world = new Storage().claim('c', '5Gi').claim('d', '5Gi').claim('e', '5Gi');
    world.volume('large', '9Gi', 'a').volume('fit', '5Gi', 'a').volume('other', '9Gi', 'b');
    world.reserve('a', 'c');
    // The score tells which one is meant: 5 of 9 GiB are 55 %, and the emptier the better.
    expect(world.score('d')).toEqual([45, 45]);
    expect(world.reserve('a', 'd').judge('e')).toEqual([noVolume, 'ok']);
  });

  it('the smaller claim of a pod first, whatever their order', () => {
    const world = new Storage().claim('big', '5Gi').claim('small', '1Gi');
    world.volume('one', '2Gi', 'a').volume('two', '5Gi', 'a');
    expect(world.judge('big', 'small')).toEqual(['ok', noVolume]);
    // The small one takes the only volume that the selector of the big one would have let it have.
    world.claim('picky', '2Gi', 'local', { spec: { selector: { matchLabels: { disk: 'ssd' } } } });
    world.volume('ssd', '2Gi', 'b', {}, { disk: 'ssd' }).volume('hdd', '5Gi', 'b');
    expect(world.judge('picky')).toEqual([noVolume, 'ok']);
    expect(world.judge('picky', 'small')).toEqual([noVolume, noVolume]);
  });

  it('the one that is promised to the claim, and only on its nodes, unless it is too small', () => {
    const claimRef = { namespace: 'default', name: 'c' };
    const world = new Storage().claim('c', '5Gi').claim('d', '5Gi');
    world.volume('promised', '9Gi', 'a', { claimRef }).volume('free', '5Gi', 'b');
    expect(world.judge('c')).toEqual(['ok', noVolume]);
    expect(world.judge('d')).toEqual([noVolume, 'ok']);
    const other = new Storage()
      .claim('c', '5Gi')
      .volume('promised', '1Gi', 'a', { claimRef })
      .volume('free', '5Gi', 'b');
    expect(other.judge('c')).toEqual([noVolume, 'ok']);
  });
});

describe('VolumeBinding has volumes made', () => {
  it('where the class allows it', () => {
    const terms = [{ matchLabelExpressions: [{ key: 'host', values: ['b', 'c'] }] }];
    const world = new Storage().claim('c', '1Gi', 'made').storageClass('made', 'p', { allowedTopologies: terms });
    expect(world.judge('c')).toEqual([noVolume, 'ok']);
  });

  it('where the driver’s account has room, if it keeps one', () => {
    const world = new Storage().claim('c', '5Gi', 'made').storageClass('made', 'p').driver('p', false);
    world.capacity('of-a', 'made', 'a', { capacity: '4Gi' });
    world.capacity('of-b', 'made', 'b', { capacity: '4Gi', maximumVolumeSize: '5Gi' });
    expect(world.judge('c')).toEqual(['ok', 'ok']);
    world.driver('p', true);
    expect(world.judge('c')).toEqual([noRoom, 'ok']);
  });

  it('only on the node that was chosen before', () => {
    const annotations = { 'volume.kubernetes.io/selected-node': 'b' };
    const world = new Storage().claim('c', '1Gi', 'made', { annotations }).storageClass('made', 'p');
    expect(world.judge('c')).toEqual([noVolume, 'ok']);
  });
});

describe('VolumeBinding refuses', () => {
  it('nodes that the volumes of bound claims are not for, and says all that is wrong', () => {
    const parts = { annotations: bindCompleted, spec: { volumeName: 'v' } };
    const world = new Storage().claim('bound', '1Gi', 'local', parts).claim('free', '1Gi').volume('v', '1Gi', 'a');
    expect(world.judge('bound')).toEqual(['ok', outOfReach]);
    const both = `${outOfReach}, node(s) didn't find available persistent volumes to bind`;
    world.volume('v', '1Gi', 'a', { claimRef: { namespace: 'default', name: 'bound' } });
    expect(world.judge('bound', 'free')).toEqual([noVolume, both]);
  });

  it('all nodes when the volume of a bound claim is gone', () => {
    const parts = { annotations: bindCompleted, spec: { volumeName: 'gone' } };
    const text = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
    expect(new Storage().claim('c', '1Gi', 'local', parts).judge('c')[0]).toBe(unresolvable + text);
  });

  it.each([
    ['is not there', new Storage(), 'persistentvolumeclaim "c" not found'],
    [
      'has lost its volume',
      new Storage().claim('c', '1Gi', 'local', { phase: 'Lost', spec: { volumeName: 'v' } }),
      'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"',
    ],
    [
      'should be bound at once',
      new Storage().claim('c', '1Gi', 'now').storageClass('now', 'p', { volumeBindingMode: 'Immediate' }),
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    // A class that is not there counts as one that binds at once.
    ['has no class', new Storage().claim('c', '1Gi', 'none'), 'pod has unbound immediate PersistentVolumeClaims'],
    [
      'names its volume without being bound',
      new Storage().claim('c', '1Gi', 'local', { spec: { volumeName: 'v' } }),
      'pod has unbound immediate PersistentVolumeClaims',
    ],
  ])('pods whose claim %s', (_, world, message) => {
    expect(world.judge('c')).toEqual([unresolvable + message, unresolvable + message]);
  });

  it('pods whose ephemeral volume has no claim yet, or the claim of another', () => {
    const world = new Storage().volume('v', '1Gi');
    const pod = world.pod({ volumes: [{ name: 'tmp', ephemeral: {} }] }, { metadata: { name: 'p' } });
    const verdict = (): string => world.verdicts('VolumeBinding', pod).get('a')!;
    const text = 'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-tmp"';
    expect(verdict()).toBe(unresolvable + text);
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'another', controller: true };
    world.claim('p-tmp', '1Gi', 'local', { ownerReferences: [owner] });
    expect(verdict()).toBe(`${unresolvable}PVC default/p-tmp was not created for pod default/p (pod is not owner)`);
  });
});

describe('the score of VolumeBinding', () => {
  it('is that of the emptier storage, per class, rounded', () => {
    const world = new Storage().storageClass('other', noProvisioner);
    world.claim('c', '1Gi').claim('d', '1Gi', 'other');
    world.volume('of-a', '4Gi', 'a').volume('of-b', '8Gi', 'b');
    // 25 % and 12 % (12.5 truncated) used.
    expect(world.score('c')).toEqual([75, 88]);
    world
      .volume('also-a', '3Gi', 'a', { storageClassName: 'other' })
      .volume('also-b', '1Gi', 'b', { storageClassName: 'other' });
    // (75 + 67) / 2 = 71; (88 + 0) / 2 = 44.
    expect(world.score('c', 'd')).toEqual([71, 44]);
  });

  it('looks at accounts of room for volumes to be made, each class once', () => {
    const world = new Storage()
      .storageClass('made', 'p')
      .driver('p', true)
      .claim('c', '1Gi', 'made')
      .claim('d', '2Gi', 'made');
    world.capacity('of-a', 'made', 'a', { capacity: '10Gi' }).capacity('of-b', 'made', 'b', { capacity: '4Gi' });
    // 3 of 10 GiB, 3 of 4 GiB.
    expect(world.score('c', 'd')).toEqual([70, 25]);
    expect(world.driver('p', false).score('c')).toEqual([0, 0]);
  });

  it('follows the shape of the args', () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    const profiles = [{ pluginConfig: [{ name: 'VolumeBinding', args: { shape } }] }];
    const config = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', profiles };
    const world = new Storage(config).claim('c', '1Gi').volume('v', '4Gi', 'a');
    expect(world.score('c')).toEqual([25, 0]);
  });

  it('is 0, and not left out, for pods without claims', () => {
    expect(new Storage().scores('VolumeBinding', new Storage().pod())).toMatchObject({ code: Code.error });
    const world = new Storage();
    const state = new CycleState();
    const plugin = world.plugin('VolumeBinding');
    expect(codeOf(plugin.preFilter!(state, world.pod(), world.nodes) as never)).toBe(Code.skip);
    expect(plugin.preScore!(state, world.pod(), world.nodes)).toBeUndefined();
    expect(plugin.score!(state, world.pod(), world.nodes[0]!)).toBe(0);
  });
});

describe('args of VolumeBinding', () => {
  const problems = (args: object): readonly string[] => {
    const profiles = [{ pluginConfig: [{ name: 'VolumeBinding', args }] }];
    const config = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', profiles };
    return new SchedulerFixture(config).problems.map(({ message }) => message);
  };

  it('are refused in upstream’s words', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ bindTimeoutSeconds: 0, shape: [] })).toEqual([]);
    const negative = problems({ bindTimeoutSeconds: -1 });
    expect(negative.join()).toContain('invalid BindTimeoutSeconds, should not be a negative value');
    const shape = [
      { utilization: 50, score: 11 },
      { utilization: 50, score: 0 },
      { utilization: 40, score: 0 },
    ];
    const found = problems({ shape }).join('\n');
    expect(found).toContain('Invalid value: 50: values must be sorted in increasing order');
    expect(found).toContain('Invalid value: 11: not in valid range [0, 10]');
    expect(found).not.toContain('Invalid value: 40');
  });
});
