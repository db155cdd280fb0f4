import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const zone = 'topology.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';
const betaZone = 'failure-domain.beta.kubernetes.io/zone';
const refused = 'UnschedulableAndUnresolvable: node(s) had no available volume zone';
const accessModes = ['ReadWriteOnce'];

type Labels = Record<string, string>;

function claim(spec: object): object {
  const resources = { requests: { storage: '1Gi' } };
  const metadata = { name: 'c', namespace: 'default' };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { accessModes, resources, ...spec } };
}

function volume(labels: Labels): object {
  const spec = { accessModes, capacity: { storage: '1Gi' }, hostPath: { path: '/' } };
  return { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v', labels }, spec };
}

/** What VolumeZone says about a node to a pod whose claim is as given. */
function verdict(nodeLabels: Labels, ...objects: readonly object[]): string {
  const fixture = new SchedulerFixture();
  fixture.node('n', { labels: nodeLabels });
  for (const object of objects) fixture.cluster.install(object);
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  return fixture.verdicts('VolumeZone', fixture.pod({ volumes })).get('n')!;
}

describe('VolumeZone', () => {
  const bound = claim({ volumeName: 'v' });

  it.each([
    [{ [zone]: 'a' }, { [zone]: 'a' }, 'ok'],
    [{ [zone]: 'a' }, { [zone]: 'b' }, refused],
    [{ [zone]: 'a', [region]: 'r' }, { [zone]: 'a', [region]: 's' }, refused],
    // Several zones in one label.
    [{ [zone]: 'b' }, { [zone]: 'a__b' }, 'ok'],
    [{ [zone]: 'c' }, { [zone]: 'a__b' }, refused],
    // A label with an empty zone is no label.
    [{ [zone]: 'c' }, { [zone]: 'a____b' }, 'Skip: '],
    // The old label of a volume is met by the new one of a node, not the other way round.
    [{ [zone]: 'a' }, { [betaZone]: 'a' }, 'ok'],
    [{ [betaZone]: 'a' }, { [zone]: 'a' }, refused],
    // A node that says nothing is in a cluster of one zone; one that says its region only is not.
    [{}, { [zone]: 'a' }, 'ok'],
    [{ [region]: 'r' }, { [zone]: 'a' }, refused],
  ])('on a node with %j to a volume with %j: %s', (nodeLabels, labels, expected) => {
    expect(verdict(nodeLabels, bound, volume(labels))).toBe(expected);
  });

  const storageClass = (volumeBindingMode: string): object => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 's' },
    provisioner: 'p',
    volumeBindingMode,
  });

  it.each([
    ['that is not there', [], 'persistentvolumeclaim "c" not found'],
    ['whose volume is not there', [bound], 'persistentvolume "v" not found'],
    ['without class', [claim({})], 'PersistentVolumeClaim had no pv name and storageClass name'],
    ['whose class is not there', [claim({ storageClassName: 's' })], 'storageclass.storage.k8s.io "s" not found'],
    [
      'to be bound at once',
      [claim({ storageClassName: 's' }), storageClass('Immediate')],
      'PersistentVolume had no name',
    ],
  ])('refuses all nodes to a claim %s', (_, objects, message) => {
    expect(verdict({ [zone]: 'a' }, ...objects)).toBe(`UnschedulableAndUnresolvable: ${message}`);
  });

  it('has no say about a claim that waits for its first pod', () => {
    const waits = verdict({ [zone]: 'a' }, claim({ storageClassName: 's' }), storageClass('WaitForFirstConsumer'));
    expect(waits).toBe('Skip: ');
  });
});
