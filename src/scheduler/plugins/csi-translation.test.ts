import { describe, expect, it } from 'vitest';
import type { NodeSelectorTerm } from '../../api/core-v1.ts';
import type { PersistentVolume } from '../../api/persistent-volumes.ts';
import { decodedAs } from '../../testing/decode.ts';
import { csiVolumeOf, driverOfProvisioner, migratedPluginOf, translatedAffinity } from './csi-translation.ts';

const zone = 'topology.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';
const betaZone = 'failure-domain.beta.kubernetes.io/zone';
const betaRegion = 'failure-domain.beta.kubernetes.io/region';

function volume(source: object, labels: object = {}, terms: readonly object[] = []): PersistentVolume {
  return decodedAs('PersistentVolume', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v', labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      ...(terms.length > 0 && { nodeAffinity: { required: { nodeSelectorTerms: terms } } }),
      ...source,
    },
  });
}

const gce = { gcePersistentDisk: { pdName: 'd' } };
const ebs = { awsElasticBlockStore: { volumeID: 'vol-1' } };
const term = (...entries: readonly (readonly [string, readonly string[]])[]): object => ({
  matchExpressions: entries.map(([key, values]) => ({ key, operator: 'In', values })),
});
const shown = (terms: readonly NodeSelectorTerm[] | undefined): unknown =>
  terms?.map(({ matchExpressions }) => matchExpressions.map(({ key, values }) => `${key}=${values.join()}`));

describe('volumes of the old plugins', () => {
  it.each([
    [gce, {}, 'pd.csi.storage.gke.io', 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d'],
    [gce, { [zone]: 'us-east1-a' }, 'pd.csi.storage.gke.io', 'projects/UNSPECIFIED/zones/us-east1-a/disks/d'],
    [
      gce,
      { [betaZone]: 'us-east1-a__us-east1-b' },
      'pd.csi.storage.gke.io',
      'projects/UNSPECIFIED/regions/us-east1/disks/d',
    ],
    [ebs, {}, 'ebs.csi.aws.com', 'vol-1'],
    [{ awsElasticBlockStore: { volumeID: 'aws://us-east-1a/vol-2' } }, {}, 'ebs.csi.aws.com', 'vol-2'],
    [{ cinder: { volumeID: 'x' } }, {}, 'cinder.csi.openstack.org', 'x'],
    [{ azureDisk: { diskURI: '/disks/x' } }, {}, 'disk.csi.azure.com', '/disks/x'],
    [{ portworxVolume: { volumeID: 'x' } }, {}, 'pxd.portworx.com', 'x'],
    [{ csi: { driver: 'd', volumeHandle: 'h' } }, {}, 'd', 'h'],
  ])('%j with labels %j belong to %s as %s', (source, labels, driver, handle) => {
    expect(csiVolumeOf(volume(source, labels))).toEqual({ driver, handle });
  });

  it('of no driver are none, and unreadable ones say why', () => {
    expect(csiVolumeOf(volume({ hostPath: { path: '/' } }))).toBeUndefined();
    expect(csiVolumeOf(volume({ awsElasticBlockStore: { volumeID: 'aws://zone/disk' } }))).toHaveProperty('problem');
    expect(csiVolumeOf(volume({ azureDisk: { diskURI: 'x', kind: 'Dedicated' } }))).toEqual({
      problem: 'kind(Dedicated) is not supported in csi migration',
    });
  });

  it('are made by the driver of their provisioner where the node runs drivers', () => {
    expect(driverOfProvisioner('example.com/p', false)).toBe('example.com/p');
    expect(driverOfProvisioner('kubernetes.io/aws-ebs', true)).toBe('ebs.csi.aws.com');
    expect(driverOfProvisioner('kubernetes.io/aws-ebs', false)).toBeUndefined();
    expect(driverOfProvisioner('kubernetes.io/vsphere-volume', true)).toBeUndefined();
    expect(migratedPluginOf(volume(ebs))).toBe('kubernetes.io/aws-ebs');
    expect(migratedPluginOf(volume({ vsphereVolume: { volumePath: 'x' } }))).toBeUndefined();
  });
});

describe('the node affinity of such a volume', () => {
  const key = 'topology.ebs.csi.aws.com/zone';

  it.each([
    ['has its zones under the driver’s label', {}, [term([zone, ['a']])], [[`${key}=a`]]],
    ['keeps what is not about zones', {}, [term([zone, ['a']], ['x', ['y']])], [[`${key}=a`, 'x=y']]],
    [
      'has the old region label replaced',
      {},
      [term([betaZone, ['a']], [betaRegion, ['r']])],
      [[`${key}=a`, `${region}=r`]],
    ],
    [
      'gets the zones of the volume’s label, in every term',
      { [zone]: 'a__b' },
      [term(['x', ['y']])],
      [['x=y', `${key}=a,b`]],
    ],
    ['is made of the label if there is none', { [betaZone]: 'a' }, [], [[`${key}=a`]]],
    ['is none without any of these', {}, [], undefined],
  ])('%s', (_, labels, terms, expected) => {
    expect(shown(translatedAffinity(volume(ebs, labels, terms)))).toEqual(expected);
  });

  it('stays as it is for drivers without a label of their own', () => {
    const terms = [term([zone, ['a']])];
    expect(shown(translatedAffinity(volume({ azureDisk: { diskURI: 'x' } }, {}, terms)))).toEqual([[`${zone}=a`]]);
  });
});
