import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';

const noDisk = 'Unschedulable: node(s) had no available disk';
const inUse =
  'Unschedulable: node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by ' +
  'another pod';
const rbd = (monitors: readonly string[], image: string, readOnly = false): object => ({
  rbd: { monitors, pool: 'p', image, readOnly },
});
const gce = (pdName: string, readOnly = false): object => ({ gcePersistentDisk: { pdName, readOnly } });
const ebs = (volumeID: string, readOnly = false): object => ({ awsElasticBlockStore: { volumeID, readOnly } });
const iscsi = (iqn: string, readOnly = false): object => ({ iscsi: { iqn, readOnly } });
const spec = (...volumes: readonly object[]): Record<string, unknown> => ({
  volumes: volumes.map((source, at) => ({ name: `v${at}`, ...source })),
});
const useClaim = (claimName: string): object => ({ persistentVolumeClaim: { claimName } });

function claim(name: string, mode: string, namespace = 'default'): object {
  const accessModes = [mode];
  const resources = { requests: { storage: '1Gi' } };
  const metadata = { name, namespace };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { accessModes, resources } };
}

describe('VolumeRestrictions', () => {
  it.each([
    ['one disk that both only read', gce('a', true), gce('a', true), 'ok'],
    ['one disk that one of them writes', gce('a', true), gce('a'), noDisk],
    ['two disks', gce('a'), gce('b'), 'ok'],
    ['one EBS volume, even if both only read', ebs('a', true), ebs('a', true), noDisk],
    ['one iSCSI target', iscsi('a'), iscsi('a', true), noDisk],
    ['one image over a common monitor', rbd(['m1', 'm2'], 'i'), rbd(['m2', 'm3'], 'i'), noDisk],
    ['one image over monitors of different clusters', rbd(['m1'], 'i'), rbd(['m2'], 'i'), 'ok'],
    ['two images', rbd(['m1'], 'i'), rbd(['m1'], 'j'), 'ok'],
    ['disks of two kinds with one name', gce('a'), ebs('a'), 'ok'],
  ])('judges pods with %s', (_, own, other, verdict) => {
    const fixture = new SchedulerFixture();
    fixture.node('n1');
    fixture.node('n2');
    fixture.bind(fixture.pod(spec(other)), 'n1');
    const verdicts = fixture.verdicts('VolumeRestrictions', fixture.pod(spec(own)));
    expect([verdicts.get('n1'), verdicts.get('n2')]).toEqual([verdict, 'ok']);
  });

  it('refuses all nodes while somebody uses a ReadWriteOncePod claim, and none for other modes', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n1');
    fixture.node('n2');
    fixture.cluster.install(claim('alone', 'ReadWriteOncePod'));
    fixture.cluster.install(claim('shared', 'ReadWriteOnce'));
    fixture.bind(fixture.pod(spec(useClaim('alone'), useClaim('shared'))), 'n1');
    const alone = fixture.verdicts('VolumeRestrictions', fixture.pod(spec(useClaim('alone'))));
    expect([...alone.values()]).toEqual([inUse, inUse]);
    const shared = fixture.pod(spec(useClaim('shared')));
    expect(fixture.plugin('VolumeRestrictions').preFilter!(new CycleState(), shared, fixture.nodes)).toMatchObject({
      code: 5,
    });
  });

  it('passes nodes again in a what-if without the pod that uses the claim', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n1');
    fixture.cluster.install(claim('alone', 'ReadWriteOncePod'));
    const user = fixture.bind(fixture.pod(spec(useClaim('alone'))), 'n1');
    const plugin = fixture.plugin('VolumeRestrictions');
    const pod = fixture.pod(spec(useClaim('alone')));
    const state = new CycleState();
    const [node] = fixture.nodes;
    plugin.preFilter!(state, pod, fixture.nodes);
    plugin.removePod!(state, pod, fixture.podInfos.podInfo(user), node!);
    expect(plugin.filter!(state, pod, node!)).toBeUndefined();
    plugin.addPod!(state, pod, fixture.podInfos.podInfo(user), node!);
    expect(plugin.filter!(state, pod, node!)?.message).toContain('ReadWriteOncePod');
  });

  it('is the first to notice that a claim is not there, in the namespace of the pod', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n1');
    fixture.cluster.install(claim('c', 'ReadWriteOnce', 'other'));
    const verdicts = fixture.verdicts('VolumeRestrictions', fixture.pod(spec(useClaim('c'))));
    expect(verdicts.get('n1')).toBe('UnschedulableAndUnresolvable: persistentvolumeclaim "c" not found');
  });
});
