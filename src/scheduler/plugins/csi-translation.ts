/**
 * Volumes of the plugins that once were part of Kubernetes, as the CSI drivers see them that took their place
 * (`k8s.io/csi-translation-lib`). Only what decisions need: the driver, the handle, the node affinity.
 */
import { isRawObject } from '../../api/decode/field-reader.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, Volume } from '../../api/core-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import type { PersistentVolume } from '../../api/persistent-volumes.ts';
import { regionLabel, zoneLabel } from '../../api/node-conditions.ts';

/** A volume of a CSI driver. */
export interface CsiVolume {
  readonly driver: string;
  readonly handle: string;
}

interface InTreePlugin {
  /** Key of the source in manifests. */
  readonly source: string;
  /** Also the provisioner of its classes. */
  readonly name: string;
  readonly driver: string;
  /** Label of nodes that stands for the zone; undefined = zones are left as they are. */
  readonly topologyKey: string | undefined;
  /** Whether the scheduler takes its volumes for the driver's; the others have no handle here. */
  readonly isMigrated: boolean;
  /** `labels`: those of the PersistentVolume; undefined for a volume in a pod. A problem is upstream's text. */
  readonly handleOf: (raw: Raw, labels: Labels | undefined) => string | TranslationProblem;
}

type Raw = Readonly<Record<string, unknown>>;

/** Why a volume cannot be translated. */
export interface TranslationProblem {
  readonly problem: string;
}

const betaZoneLabel = 'failure-domain.beta.kubernetes.io/zone';
const betaRegionLabel = 'failure-domain.beta.kubernetes.io/region';

const inTreePlugins: readonly InTreePlugin[] = [
  {
    source: 'gcePersistentDisk',
    name: 'kubernetes.io/gce-pd',
    driver: 'pd.csi.storage.gke.io',
    topologyKey: 'topology.gke.io/zone',
    isMigrated: true,
    handleOf: googleHandle,
  },
  {
    source: 'awsElasticBlockStore',
    name: 'kubernetes.io/aws-ebs',
    driver: 'ebs.csi.aws.com',
    topologyKey: 'topology.ebs.csi.aws.com/zone',
    isMigrated: true,
    handleOf: amazonHandle,
  },
  {
    source: 'cinder',
    name: 'kubernetes.io/cinder',
    driver: 'cinder.csi.openstack.org',
    topologyKey: 'topology.cinder.csi.openstack.org/zone',
    isMigrated: true,
    handleOf: (raw) => textOf(raw, 'volumeID'),
  },
  {
    source: 'azureDisk',
    name: 'kubernetes.io/azure-disk',
    driver: 'disk.csi.azure.com',
    topologyKey: undefined,
    isMigrated: true,
    handleOf: azureHandle,
  },
  {
    source: 'portworxVolume',
    name: 'kubernetes.io/portworx-volume',
    driver: 'pxd.portworx.com',
    topologyKey: undefined,
    isMigrated: true,
    handleOf: (raw) => textOf(raw, 'volumeID'),
  },
  {
    source: 'azureFile',
    name: 'kubernetes.io/azure-file',
    driver: 'file.csi.azure.com',
    topologyKey: undefined,
    isMigrated: false,
    handleOf: () => '',
  },
  {
    source: 'vsphereVolume',
    name: 'kubernetes.io/vsphere-volume',
    driver: 'csi.vsphere.vmware.com',
    topologyKey: undefined,
    isMigrated: false,
    handleOf: () => '',
  },
];

const bySource: ReadonlyMap<string, InTreePlugin> = new Map(inTreePlugins.map((plugin) => [plugin.source, plugin]));
const byName: ReadonlyMap<string, InTreePlugin> = new Map(inTreePlugins.map((plugin) => [plugin.name, plugin]));

function textOf(raw: Raw, name: string): string {
  const value = raw[name];
  return typeof value === 'string' ? value : '';
}

const unspecified = 'UNSPECIFIED';

function googleHandle(raw: Raw, labels: Labels | undefined): string | TranslationProblem {
  const zonesText = (labels && (labelValue(labels, betaZoneLabel) || labelValue(labels, zoneLabel))) ?? '';
  const zones = zonesText.split('__');
  const disk = textOf(raw, 'pdName');
  if (zones.length === 1) return `projects/${unspecified}/zones/${zones[0] || unspecified}/disks/${disk}`;
  const regions = new Set(zones.map((zone) => zone.split('-').slice(0, 2).join('-')));
  const odd = zones.find((zone) => zone.split('-').length !== 3);
  if (odd !== undefined || regions.size !== 1) {
    return { problem: `failed to get region from zones: ${zones.join(' ')}` };
  }
  return `projects/${unspecified}/regions/${[...regions][0]}/disks/${disk}`;
}

/** `vol-1`, or `aws://zone/vol-1`. */
function amazonHandle(raw: Raw): string | TranslationProblem {
  const id = textOf(raw, 'volumeID');
  if (!id.startsWith('aws://')) return id;
  const [, ...path] = id.slice('aws://'.length).split('/');
  const parts = path.filter((part) => part !== '');
  if (parts.length === 1 && parts[0]!.startsWith('vol-')) return parts[0]!;
  return { problem: `failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (${id})` };
}

function azureHandle(raw: Raw): string | TranslationProblem {
  const kind = textOf(raw, 'kind');
  const isManaged = kind === '' || kind.toLowerCase() === 'managed';
  return isManaged ? textOf(raw, 'diskURI') : { problem: `kind(${kind}) is not supported in csi migration` };
}

/** Whether a volume of a pod belongs to a plugin that has a driver for successor. */
export function isMigratable({ source }: Volume): boolean {
  return bySource.has(source);
}

/** The driver's view of a volume in a pod; undefined = it is none of a driver. */
export function csiVolumeOfPod({ source, raw }: Volume): CsiVolume | TranslationProblem | undefined {
  return translated(source, raw, undefined);
}

/** The driver's view of a PersistentVolume, also of one that was made for the driver; undefined = it is none of a driver. */
export function csiVolumeOf({ spec, metadata }: PersistentVolume): CsiVolume | TranslationProblem | undefined {
  if (spec.csi !== undefined) return { driver: spec.csi.driver, handle: spec.csi.volumeHandle };
  return translated(spec.source, spec.raw, metadata.labels);
}

/** Whether a volume is a driver's only on nodes that have a CSINode. */
export function isOfInTreePlugin({ spec }: PersistentVolume): boolean {
  return bySource.has(spec.source);
}

function translated(
  source: string,
  raw: unknown,
  labels: Labels | undefined,
): CsiVolume | TranslationProblem | undefined {
  const plugin = bySource.get(source);
  if (plugin === undefined) return undefined;
  const handle = plugin.handleOf(isRawObject(raw) ? raw : {}, labels);
  return typeof handle === 'string' ? { driver: plugin.driver, handle } : handle;
}

/** The driver that makes volumes for a provisioner; undefined = an old plugin that no driver counts for. */
export function driverOfProvisioner(provisioner: string, hasCsiNode: boolean): string | undefined {
  const plugin = byName.get(provisioner);
  if (plugin === undefined) return provisioner;
  return plugin.isMigrated && hasCsiNode ? plugin.driver : undefined;
}

/** Name of the plugin whose volumes nodes must have handed over before `translatedAffinity` counts; undefined = none. */
export function migratedPluginOf({ spec }: PersistentVolume): string | undefined {
  const plugin = bySource.get(spec.source);
  return plugin?.isMigrated === true ? plugin.name : undefined;
}

/** Node affinity of a volume in the driver's own labels (`translateTopologyFromInTreeToCSI`). */
export function translatedAffinity(volume: PersistentVolume): readonly NodeSelectorTerm[] | undefined {
  const key = bySource.get(volume.spec.source)?.topologyKey;
  const terms = volume.spec.nodeAffinity;
  if (key === undefined) return terms;
  const { labels } = volume.metadata;
  const isBeta = hasBetaTopology(terms ?? [], labels);
  const zone = isBeta ? betaZoneLabel : zoneLabel;
  const isNamed = valuesOf(terms ?? [], zone).length > 0;
  const inZones = isNamed ? renamed(terms!, zone, key) : withZones(terms, key, labelValue(labels, zone));
  const hasRegion = isBeta && inZones !== undefined && valuesOf(inZones, betaRegionLabel).length > 0;
  return hasRegion ? renamed(inZones, betaRegionLabel, regionLabel) : inZones;
}

function hasBetaTopology(terms: readonly NodeSelectorTerm[], labels: Labels): boolean {
  const isNamed = (key: string): boolean =>
    terms.some(({ matchExpressions }) => matchExpressions.some((entry) => entry.key === key));
  if (isNamed(zoneLabel)) return false;
  if (isNamed(betaZoneLabel)) return true;
  return !Object.hasOwn(labels, zoneLabel) && Object.hasOwn(labels, betaZoneLabel);
}

function valuesOf(terms: readonly NodeSelectorTerm[], key: string): readonly string[] {
  return terms.flatMap(({ matchExpressions }) =>
    matchExpressions.flatMap((entry) => (entry.key === key ? entry.values : [])),
  );
}

function renamed(terms: readonly NodeSelectorTerm[], from: string, to: string): readonly NodeSelectorTerm[] {
  return terms.map((term) => ({
    ...term,
    matchExpressions: term.matchExpressions.map((entry) => (entry.key === from ? { ...entry, key: to } : entry)),
  }));
}

/** Adds the zones of the volume's label to every term. */
function withZones(
  terms: readonly NodeSelectorTerm[] | undefined,
  key: string,
  label: string | undefined,
): readonly NodeSelectorTerm[] | undefined {
  const zones = (label ?? '').split('__').map((zone) => zone.trim());
  const values = [...new Set(zones.filter((zone) => zone !== ''))];
  if (values.length === 0) return terms;
  const inZones: NodeSelectorRequirement = { key, operator: 'In', values };
  const known = terms === undefined || terms.length === 0 ? [{ matchExpressions: [], matchFields: [] }] : terms;
  return known.map((term) => ({ ...term, matchExpressions: [...term.matchExpressions, inZones] }));
}
