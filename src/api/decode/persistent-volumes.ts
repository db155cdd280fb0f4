/** Decoders of PersistentVolume and PersistentVolumeClaim. */
import type { ResourceList } from '../core-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import type {
  AccessMode,
  ClaimReference,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  VolumeMode,
} from '../persistent-volumes.ts';
import { goneClaim } from '../persistent-volumes.ts';
import { FieldReader } from './field-reader.ts';
import { claimSpecFields, objectFields, volumeSpecFields, persistentVolumeSources } from './known-fields.ts';
import { decodeLabelSelector, decodeMetadata } from './metadata.ts';
import { decodeResourceList } from './resource-list.ts';
import { decodeNodeSelector } from './scheduling-fields.ts';

/** A PersistentVolume. The uid in a claimRef is that of another cluster: see `goneClaim`. */
export function decodePersistentVolume(root: FieldReader): PersistentVolume {
  root.warnUnknown(objectFields);
  const status = root.object('status');
  const phase = status?.choice('phase', ['Pending', 'Available', 'Bound', 'Released', 'Failed'], 'Pending');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: decodeMetadata(root, 'cluster', dnsSubdomainProblem),
    spec: decodeVolumeSpec(specOf(root)),
    status: { phase: phase ?? 'Pending' },
  };
}

function specOf(root: FieldReader): FieldReader {
  return root.object('spec') ?? new FieldReader({}, root.at.field('spec'));
}

function decodeVolumeSpec(reader: FieldReader): PersistentVolumeSpec {
  reader.warnUnknown(volumeSpecFields);
  const capacity = decodeResourceList(reader, 'capacity');
  checkCapacity(reader, capacity);
  return {
    capacity,
    accessModes: decodeAccessModes(reader, ''),
    claimRef: decodeClaimReference(reader.object('claimRef')),
    persistentVolumeReclaimPolicy: reader.choice(
      'persistentVolumeReclaimPolicy',
      ['Delete', 'Recycle', 'Retain'],
      'Retain',
    ),
    storageClassName: classNameOf(reader) ?? '',
    volumeMode: decodeVolumeMode(reader),
    volumeAttributesClassName: reader.text('volumeAttributesClassName'),
    nodeAffinity: decodeNodeSelector(reader.object('nodeAffinity')?.object('required')),
    ...decodeSource(reader),
  };
}

function decodeSource(reader: FieldReader): Pick<PersistentVolumeSpec, 'source' | 'csi' | 'raw'> {
  const sources = [...persistentVolumeSources].filter((source) => reader.has(source));
  for (const extra of sources.slice(1)) reader.at.field(extra).forbidden('may not specify more than 1 volume type');
  const source = sources[0];
  if (source === undefined) reader.at.required('must specify a volume type');
  if (source === 'local' && !reader.has('nodeAffinity'))
    reader.at.field('nodeAffinity').required('Local volume requires node affinity');
  if (source === 'hostPath') checkHostPath(reader);
  const csi = source === 'csi' ? reader.object('csi') : undefined;
  return {
    source: source ?? '',
    csi: csi && { driver: csi.requiredText('driver'), volumeHandle: csi.requiredText('volumeHandle') },
    raw: source === undefined ? undefined : reader.value(source),
  };
}

function checkHostPath(reader: FieldReader): void {
  const path = reader.object('hostPath')?.requiredText('path') ?? '';
  if (path.split('/').includes('..')) reader.at.field('hostPath').field('path').invalid(path, "must not contain '..'");
  if (path === '/' && reader.text('persistentVolumeReclaimPolicy') === 'Recycle')
    reader.at.field('persistentVolumeReclaimPolicy').forbidden("may not be 'recycle' for a hostPath mount of '/'");
}

function decodeClaimReference(reader: FieldReader | undefined): ClaimReference | undefined {
  if (reader === undefined) return undefined;
  const uid = reader.text('uid') === '' ? 0 : goneClaim;
  return { namespace: reader.text('namespace'), name: reader.text('name'), uid };
}

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'] as const;

function decodeAccessModes(reader: FieldReader, ifNone: string): readonly AccessMode[] {
  const at = reader.at.field('accessModes');
  const modes: AccessMode[] = [];
  const texts = reader.texts('accessModes');
  if (texts.length === 0) at.required(ifNone);
  for (const text of texts) {
    const mode = accessModes.find((known) => known === text);
    if (mode === undefined) at.notSupported(text, accessModes);
    else modes.push(mode);
  }
  const isMixed = modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod');
  if (isMixed) at.forbidden('may not use ReadWriteOncePod with other access modes');
  return modes;
}

function decodeVolumeMode(reader: FieldReader): VolumeMode {
  return reader.choice('volumeMode', ['Block', 'Filesystem'], 'Filesystem');
}

/** A volume has storage and nothing else. */
function checkCapacity(reader: FieldReader, capacity: ResourceList): void {
  const written = reader.value('capacity');
  const at = reader.at.field('capacity');
  const names = reader.entries('capacity').map(([name]) => name);
  if (names.length === 0) at.required();
  else if (names.length > 1 || names[0] !== 'storage') at.notSupported(written, ['storage']);
  checkStorage(reader, 'capacity', capacity);
}

function checkStorage(reader: FieldReader, field: string, amounts: ResourceList): void {
  const amount = amounts.get('storage');
  if (amount === 0) reader.at.field(field).key('storage').invalid(String(amount), 'must be greater than zero');
}

function classNameOf(reader: FieldReader): string | undefined {
  if (!reader.has('storageClassName')) return undefined;
  const name = reader.text('storageClassName');
  const problem = name === '' ? undefined : dnsSubdomainProblem(name);
  if (problem !== undefined) reader.at.field('storageClassName').invalid(name, problem);
  return name;
}

/** A PersistentVolumeClaim. */
export function decodePersistentVolumeClaim(root: FieldReader): PersistentVolumeClaim {
  root.warnUnknown(objectFields);
  const status = root.object('status');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: decodeClaimSpec(root),
    status: {
      phase: status?.choice('phase', ['Pending', 'Bound', 'Lost'], 'Pending') ?? 'Pending',
      accessModes: status?.has('accessModes') === true ? decodeAccessModes(status, '') : [],
      capacity: status === undefined ? new Map() : decodeResourceList(status, 'capacity'),
    },
  };
}

/** The spec of a claim, or of the claims of a StatefulSet. */
export function decodeClaimSpec(owner: FieldReader): PersistentVolumeClaimSpec {
  const reader = specOf(owner);
  reader.warnUnknown(claimSpecFields);
  const resources = reader.object('resources') ?? new FieldReader({}, reader.at.field('resources'));
  const requests = decodeResourceList(resources, 'requests');
  if (!requests.has('storage')) reader.at.field('resources').key('storage').required();
  checkStorage(reader, 'resources', requests);
  return {
    accessModes: decodeAccessModes(reader, 'at least 1 access mode is required'),
    selector: decodeLabelSelector(reader, 'selector'),
    requests,
    limits: decodeResourceList(resources, 'limits'),
    volumeName: reader.text('volumeName'),
    storageClassName: classNameOf(reader),
    volumeMode: decodeVolumeMode(reader),
    volumeAttributesClassName: reader.text('volumeAttributesClassName'),
  };
}
