/** Decoders of storage.k8s.io/v1. */
import { dnsSubdomainProblem } from '../names.ts';
import type {
  CSIDriver,
  CSINode,
  CSINodeDriver,
  CSIStorageCapacity,
  StorageClass,
  TopologySelectorTerm,
  VolumeAttachment,
} from '../storage-v1.ts';
import type { FieldReader } from './field-reader.ts';
import { csiDriverSpecFields, csiStorageCapacityFields, objectFields, storageClassFields } from './known-fields.ts';
import { decodeLabelSelector, decodeMetadata } from './metadata.ts';
import { decodeOptionalQuantity } from './resource-list.ts';

/** A StorageClass. */
export function decodeStorageClass(root: FieldReader): StorageClass {
  root.warnUnknown(storageClassFields);
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: decodeMetadata(root, 'cluster', dnsSubdomainProblem),
    provisioner: root.requiredText('provisioner'),
    parameters: root.textMap('parameters'),
    reclaimPolicy: root.choice('reclaimPolicy', ['Delete', 'Retain'], 'Delete'),
    allowVolumeExpansion: root.boolean('allowVolumeExpansion'),
    volumeBindingMode: root.choice('volumeBindingMode', ['Immediate', 'WaitForFirstConsumer'], 'Immediate'),
    allowedTopologies: root.objects('allowedTopologies').map(decodeTopologyTerm),
  };
}

function decodeTopologyTerm(reader: FieldReader): TopologySelectorTerm {
  const expressions = reader.objects('matchLabelExpressions').map((entry) => {
    const values = entry.texts('values');
    if (values.length === 0) entry.at.field('values').required();
    return { key: entry.requiredText('key'), values };
  });
  return { matchLabelExpressions: expressions };
}

/** A CSINode. */
export function decodeCSINode(root: FieldReader): CSINode {
  root.warnUnknown(objectFields);
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: decodeMetadata(root, 'cluster', dnsSubdomainProblem),
    spec: { drivers: root.object('spec')?.objects('drivers').map(decodeDriverOfNode) ?? [] },
  };
}

function decodeDriverOfNode(reader: FieldReader): CSINodeDriver {
  return {
    name: reader.requiredText('name'),
    nodeID: reader.requiredText('nodeID'),
    topologyKeys: reader.texts('topologyKeys'),
    allocatableCount: reader.object('allocatable')?.optionalInteger('count'),
  };
}

/** A CSIDriver. */
export function decodeCSIDriver(root: FieldReader): CSIDriver {
  root.warnUnknown(objectFields);
  const spec = root.object('spec');
  spec?.warnUnknown(csiDriverSpecFields);
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: decodeMetadata(root, 'cluster', dnsSubdomainProblem),
    spec: {
      attachRequired: spec?.boolean('attachRequired', true) ?? true,
      storageCapacity: spec?.boolean('storageCapacity') ?? false,
      preventPodSchedulingIfMissing: spec?.boolean('preventPodSchedulingIfMissing') ?? false,
    },
  };
}

/** A CSIStorageCapacity. */
export function decodeCSIStorageCapacity(root: FieldReader): CSIStorageCapacity {
  root.warnUnknown(csiStorageCapacityFields);
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    nodeTopology: decodeLabelSelector(root, 'nodeTopology'),
    storageClassName: root.requiredText('storageClassName'),
    capacity: decodeOptionalQuantity(root, 'capacity'),
    maximumVolumeSize: decodeOptionalQuantity(root, 'maximumVolumeSize'),
  };
}

/** A VolumeAttachment. */
export function decodeVolumeAttachment(root: FieldReader): VolumeAttachment {
  root.warnUnknown(objectFields);
  const spec = root.object('spec');
  const source = spec?.object('source');
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: decodeMetadata(root, 'cluster', dnsSubdomainProblem),
    spec: {
      attacher: spec?.requiredText('attacher') ?? '',
      nodeName: spec?.requiredText('nodeName') ?? '',
      persistentVolumeName:
        source?.has('persistentVolumeName') === true ? source.text('persistentVolumeName') : undefined,
    },
    status: { attached: root.object('status')?.boolean('attached') ?? false },
  };
}
