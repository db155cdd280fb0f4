import { describe, expect, it } from 'vitest';
import type { Kind, KindMap } from '../api/kinds.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { bindCompletedAnnotation, selectedNodeAnnotation, withAnnotation } from '../api/persistent-volumes.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { ApiServer } from '../apiserver/apiserver.ts';
import { instantLatency } from '../apiserver/latency.ts';
import { createRequest, deleteRequest, patchRequest } from '../apiserver/requests.ts';
import { Engine } from '../engine/engine.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import { Recorder } from '../record/recorder.ts';
import { decodedAs } from '../testing/decode.ts';
import { testRegistry } from '../testing/scheduler-fixture.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { readSchedulerConfiguration } from './configuration.ts';
import { Scheduler } from './scheduler.ts';

const storage = (amount: string): object => ({ storage: amount });
const apiVersion = 'storage.k8s.io/v1';

function object<K extends Kind>(kind: K, name: string, parts: object): KindMap[K] {
  return decodedAs(kind, { apiVersion: 'v1', kind, metadata: { name }, ...parts });
}

const node = (name: string): KindMap['Node'] =>
  object('Node', name, {
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
  });

const storageClass = (name: string, provisioner: string): KindMap['StorageClass'] =>
  object('StorageClass', name, { apiVersion, provisioner, volumeBindingMode: 'WaitForFirstConsumer' });

const claim = (name: string, storageClassName: string, amount = '1Gi'): PersistentVolumeClaim =>
  object('PersistentVolumeClaim', name, {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: storage(amount) }, storageClassName },
  });

const localVolume = (name: string, nodeName: string, amount: string): KindMap['PersistentVolume'] => {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }];
  return object('PersistentVolume', name, {
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: storage(amount),
      local: { path: '/disk' },
      storageClassName: 'local',
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
    status: { phase: 'Available' },
  });
};

const pod = (name: string, ...claimNames: readonly string[]): KindMap['Pod'] =>
  object('Pod', name, {
    spec: {
      containers: [{ name: 'c', image: 'app:1' }],
      volumes: claimNames.map((claimName, at) => ({ name: `v${at}`, persistentVolumeClaim: { claimName } })),
    },
  });

/** A scheduler without anybody who binds volumes: the test does that. */
class World {
  readonly engine = new Engine({ seed: 'volumes', createHash: nodeSha256 });
  readonly recorder = new Recorder();
  readonly server = new ApiServer({
    engine: this.engine,
    recorder: this.recorder,
    latency: instantLatency,
    admission: [],
  });
  readonly attempts: string[] = [];
  private readonly actions: (() => void)[] = [];
  private readonly act = this.engine.register({
    name: 'user',
    phase: EventPhase.input,
    handle: (at) => this.actions[at]!(),
  });

  constructor(objects: readonly KindMap[Kind][], args: object = {}) {
    for (const entry of objects) this.server.install(entry.kind as Kind, entry as never);
    this.recorder.observe({
      schedulingAttempt: ({ pod: { metadata }, result, nodeName, message }) =>
        this.attempts.push(`${this.engine.now / SECOND} ${metadata.name} ${result} ${nodeName}${message}`),
    });
    const registry = testRegistry();
    const profiles = [{ pluginConfig: [{ name: 'VolumeBinding', args }] }];
    const config = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', profiles };
    const { configuration, problems } = readSchedulerConfiguration(config, registry);
    expect(problems).toEqual([]);
    const cycleCost = { constant: 0, perNode: 0 };
    new Scheduler({ server: this.server, configuration, registry, tieBreak: 'lowest-name', cycleCost }).start();
  }

  at(time: number, action: () => void): this {
    this.engine.at(time, this.act, this.actions.push(action) - 1);
    return this;
  }

  run(until: number): this {
    this.engine.run({ until });
    return this;
  }

  create<K extends Kind>(kind: K, entry: KindMap[K]): void {
    this.server.execute(createRequest(kind, entry));
  }

  claim(name: string): PersistentVolumeClaim {
    return this.server.state.get('PersistentVolumeClaim', 'default', name)!;
  }

  claimOf(volume: string): string | undefined {
    return this.server.state.get('PersistentVolume', '', volume)!.spec.claimRef?.name;
  }

  /** What the controller of volumes does when a claim has got its volume. */
  completeClaim(name: string, volumeName: string): void {
    const complete = (current: PersistentVolumeClaim): PersistentVolumeClaim => ({
      ...current,
      metadata: metadataWith(current.metadata, {
        annotations: withAnnotation(current.metadata.annotations, bindCompletedAnnotation, 'yes'),
      }),
      spec: { ...current.spec, volumeName },
    });
    this.server.execute(patchRequest('PersistentVolumeClaim', 'default', name, complete));
  }

  /** What a provisioner does that cannot make a volume. */
  resetSelectedNode(name: string): void {
    const reset = (current: PersistentVolumeClaim): PersistentVolumeClaim => ({
      ...current,
      metadata: metadataWith(current.metadata, { annotations: {} }),
    });
    this.server.execute(patchRequest('PersistentVolumeClaim', 'default', name, reset));
  }
}

const locals = [
  node('n1'),
  node('n2'),
  storageClass('local', 'kubernetes.io/no-provisioner'),
  localVolume('small-1', 'n1', '2Gi'),
  localVolume('large-1', 'n1', '5Gi'),
];

describe('the binding of volumes before the pod', () => {
  it('writes the claim into the volume at once, and binds the pod at the first whole second after the claim is bound', () => {
    const world = new World([...locals, claim('data', 'local'), pod('db', 'data')]);
    world.at(3400 * MILLISECOND, () => world.completeClaim('data', 'small-1')).run(3 * SECOND);
    expect(world.claimOf('small-1')).toBe('data');
    expect(world.server.state.get('Pod', 'default', 'db')!.status.nominatedNodeName).toBe('n1');
    expect(world.attempts).toEqual([]);
    world.run(10 * SECOND);
    expect(world.attempts).toEqual(['4 db scheduled n1']);
  });

  it('gives the next pod another volume while the first is under way, and none when all are taken', () => {
    const claims = ['a', 'b', 'c'].map((name) => claim(name, 'local'));
    const world = new World([...locals, ...claims, pod('p1', 'a'), pod('p2', 'b'), pod('p3', 'c')]).run(SECOND / 2);
    expect([world.claimOf('small-1'), world.claimOf('large-1')]).toEqual(['a', 'b']);
    const message =
      "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. " +
      'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
    // Twice: what is written to the volumes of the others is an event that may help.
    const attempt = `0 p3 unschedulable ${message}`;
    expect(world.attempts).toEqual([attempt, attempt]);
    const late = localVolume('late', 'n2', '1Gi');
    world.at(20 * SECOND, () => void world.server.install('PersistentVolume', late)).run(21 * SECOND);
    expect(world.attempts).toHaveLength(2);
    expect(world.claimOf('late')).toBe('c');
  });

  it('names the node on a claim whose volume is to be made, and waits for it', () => {
    const world = new World([node('n1'), storageClass('fast', 'disks'), claim('data', 'fast'), pod('db', 'data')]);
    world.at(1500 * MILLISECOND, () => {
      world.server.install('PersistentVolume', localVolume('made', 'n1', '1Gi'));
      world.completeClaim('data', 'made');
    });
    world.run(SECOND);
    expect(world.claim('data').metadata.annotations[selectedNodeAnnotation]).toBe('n1');
    world.run(10 * SECOND);
    expect(world.attempts).toEqual(['2 db scheduled n1']);
  });

  it('fails when the provisioner takes its node away, and tries again', () => {
    const world = new World([node('n1'), storageClass('fast', 'disks'), claim('data', 'fast'), pod('db', 'data')]);
    world.at(2500 * MILLISECOND, () => world.resetSelectedNode('data')).run(3 * SECOND);
    const message = 'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "data"';
    expect(world.attempts).toEqual([`3 db error ${message}`]);
    world.run(5 * SECOND);
    expect(world.claim('data').metadata.annotations[selectedNodeAnnotation]).toBe('n1');
  });

  it('gives up after bindTimeoutSeconds; the volume stays with its claim', () => {
    const world = new World([...locals, claim('data', 'local'), pod('db', 'data')], { bindTimeoutSeconds: 5 });
    world.run(5 * SECOND);
    const message = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded';
    expect(world.attempts).toEqual([`5 db error ${message}`]);
    world.at(8 * SECOND, () => world.completeClaim('data', 'small-1')).run(20 * SECOND);
    expect(world.claimOf('small-1')).toBe('data');
    expect(world.attempts[1]).toMatch(/^\d+ db scheduled n1$/);
  });

  it('ends at the next whole second when the pod is deleted', () => {
    const world = new World([...locals, claim('data', 'local'), pod('db', 'data')]);
    const removal = deleteRequest('Pod', 'default', 'db', { gracePeriodSeconds: 0 });
    world.at(2200 * MILLISECOND, () => world.server.execute(removal)).run(10 * SECOND);
    const message = 'binding volumes: pod does not exist any more: pod "db" not found';
    expect(world.attempts).toEqual([`3 db error running PreBind plugin "VolumeBinding": ${message}`]);
  });

  it('does not wait for claims that are bound', () => {
    const bound = object('PersistentVolumeClaim', 'data', {
      metadata: { name: 'data', annotations: { [bindCompletedAnnotation]: 'yes' } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: storage('1Gi') },
        storageClassName: 'local',
        volumeName: 'small-1',
      },
    });
    const world = new World([...locals, bound, pod('db', 'data')]).run(SECOND);
    expect(world.attempts).toEqual(['0 db scheduled n1']);
  });

  it('wakes a pod whose claim comes late', () => {
    const world = new World([...locals, pod('db', 'data')]);
    world.at(30 * SECOND, () => world.create('PersistentVolumeClaim', claim('data', 'local'))).run(31 * SECOND);
    // The second "not found" is of DynamicResources, whose PreFilter was not reached.
    expect(world.attempts).toEqual([
      '0 db unschedulable 0/2 nodes are available: persistentvolumeclaim "data" not found. not found',
    ]);
    expect(world.claimOf('small-1')).toBe('data');
  });
});
