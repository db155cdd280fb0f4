import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const storage = 'storage.k8s.io/v1';
const accessModes = ['ReadWriteOnce'];
const tooMany = 'Unschedulable: node(s) exceed max volume count';

/** A node n1 where driver `d` takes two volumes, bound claims c1 to c3 of volumes h1 to h3, and a claim `new` of a class. */
function cluster(driver: object = { allocatable: { count: 2 } }): SchedulerFixture {
  const fixture = new SchedulerFixture();
  fixture.node('n1');
  const { cluster: objects } = fixture;
  const spec = { drivers: [{ name: 'd', nodeID: 'n', ...driver }] };
  objects.install({ apiVersion: storage, kind: 'CSINode', metadata: { name: 'n1' }, spec });
  for (const at of [1, 2, 3]) {
    const csi = { driver: 'd', volumeHandle: `h${at}` };
    const capacity = { storage: '1Gi' };
    const metadata = { name: `v${at}` };
    objects.install({ apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec: { accessModes, capacity, csi } });
    installClaim(fixture, `c${at}`, { volumeName: `v${at}` });
  }
  objects.install({ apiVersion: storage, kind: 'StorageClass', metadata: { name: 's' }, provisioner: 'd' });
  installClaim(fixture, 'new', { storageClassName: 's' });
  return fixture;
}

function installClaim(fixture: SchedulerFixture, name: string, spec: object): void {
  const resources = { requests: { storage: '1Gi' } };
  const metadata = { name, namespace: 'default' };
  const kind = 'PersistentVolumeClaim';
  fixture.cluster.install({ apiVersion: 'v1', kind, metadata, spec: { accessModes, resources, ...spec } });
}

function attach(fixture: SchedulerFixture, persistentVolumeName: string): void {
  const spec = { attacher: 'd', nodeName: 'n1', source: { persistentVolumeName } };
  const metadata = { name: `va-${persistentVolumeName}` };
  fixture.cluster.install({ apiVersion: storage, kind: 'VolumeAttachment', metadata, spec });
}

const claims = (...names: readonly string[]): Record<string, unknown> => ({
  volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
});

function verdict(fixture: SchedulerFixture, spec: Record<string, unknown>): string {
  return fixture.verdicts('NodeVolumeLimits', fixture.pod(spec)).get('n1')!;
}

describe('NodeVolumeLimits', () => {
  it('counts the volumes of the node and the new ones against the limit of the driver', () => {
    const fixture = cluster();
    expect(verdict(fixture, claims('c1', 'c2'))).toBe('ok');
    expect(verdict(fixture, claims('c1', 'c2', 'c3'))).toBe(tooMany);
    fixture.bind(fixture.pod(claims('c1')), 'n1');
    expect(verdict(fixture, claims('c2', 'c3'))).toBe(tooMany);
    // A volume that is on the node already is none more.
    expect(verdict(fixture, claims('c1', 'c2'))).toBe('ok');
  });

  it('counts a claim without volume for the driver of its class', () => {
    const fixture = cluster();
    fixture.bind(fixture.pod(claims('c1', 'c2')), 'n1');
    expect(verdict(fixture, claims('new'))).toBe(tooMany);
    installClaim(fixture, 'classless', {});
    expect(verdict(fixture, claims('classless'))).toBe('ok');
  });

  it('counts attachments that belong to no pod of the node, and once those that do', () => {
    const fixture = cluster();
    fixture.bind(fixture.pod(claims('c1')), 'n1');
    attach(fixture, 'v1');
    expect(verdict(fixture, claims('c2'))).toBe('ok');
    attach(fixture, 'v3');
    expect(verdict(fixture, claims('c2'))).toBe(tooMany);
  });

  it('knows no limit where the driver states none', () => {
    expect(verdict(cluster({}), claims('c1', 'c2', 'c3'))).toBe('ok');
  });

  it('refuses a node without the driver only if the driver wants that, before it counts', () => {
    const fixture = cluster({ name: 'other', allocatable: { count: 0 } });
    const driver = (preventPodSchedulingIfMissing: boolean): unknown =>
      fixture.cluster.install({
        apiVersion: storage,
        kind: 'CSIDriver',
        metadata: { name: 'd' },
        spec: { preventPodSchedulingIfMissing },
      });
    expect(verdict(fixture, claims('c1'))).toBe('ok');
    driver(false);
    expect(verdict(fixture, claims('c1'))).toBe('ok');
    driver(true);
    expect(verdict(fixture, claims('c1'))).toBe('Unschedulable: d CSI driver is not installed on the node');
  });

  it('counts disks named in the pod for the driver that took their plugin’s place', () => {
    const fixture = cluster({ name: 'pd.csi.storage.gke.io', allocatable: { count: 1 } });
    const disk = (pdName: string): object => ({ name: pdName, gcePersistentDisk: { pdName } });
    expect(verdict(fixture, { volumes: [disk('a')] })).toBe('ok');
    expect(verdict(fixture, { volumes: [disk('a'), disk('b')] })).toBe(tooMany);
    const other = { name: 'n', nfs: { server: 's', path: '/' } };
    expect(verdict(fixture, { volumes: [other] })).toBe('Skip: ');
  });

  it('refuses a pod for ever whose claim is not there', () => {
    const text = 'looking up PVC default/none: persistentvolumeclaim "none" not found';
    expect(verdict(cluster(), claims('none'))).toBe(`UnschedulableAndUnresolvable: ${text}`);
  });
});
