/** Pod specs and templates with the defaults of the API server (`pkg/apis/core/v1/defaults.go`). */
import type { Container, PodSpec, PodTemplateSpec, ResourceList, Volume } from '../core-v1.ts';
import { noLabels } from '../meta-v1.ts';
import { dnsSubdomainProblem, labelKeyProblem } from '../names.ts';
import { decodeContainer } from './container.ts';
import { checkDownwardVolume } from './environment.ts';
import { FieldReader, isRawObject } from './field-reader.ts';
import { podSpecFields, podTemplateFields, volumeSources } from './known-fields.ts';
import { decodeLabels, decodeTemplateMetadata } from './metadata.ts';
import { checkPodIdentity } from './pod-identity.ts';
import { checkHostPorts, checkVolumeNames } from './pod-checks.ts';
import { decodePodLevelResources } from './pod-level-resources.ts';
import { decodeResourceList, readQuantity } from './resource-list.ts';
import { checkOverhead } from './resource-requirements.ts';
import { checkSpreadRepeats, decodeAffinity, decodeToleration, decodeTopologySpread } from './scheduling-fields.ts';

/** The template of a workload; an absent one is reported. */
export function decodePodTemplate(owner: FieldReader): PodTemplateSpec {
  const at = owner.at.field('template');
  if (!owner.has('template')) at.required();
  const reader = owner.object('template') ?? new FieldReader({ spec: { containers: [] } }, at);
  reader.warnUnknown(podTemplateFields);
  // Volumes that a StatefulSet adds for its claims may be mounted too.
  const claims = owner.value('volumeClaimTemplates');
  const added = Array.isArray(claims) ? claims.map(nameOfClaim) : [];
  return { ...decodeTemplateMetadata(reader), spec: decodePodSpec(reader, added) };
}

function nameOfClaim(claim: unknown): string {
  const metadata = isRawObject(claim) ? claim['metadata'] : undefined;
  const name = isRawObject(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** The spec of a pod or of a template. `added`: of a template, the volumes that its pods get beside those of the spec. */
export function decodePodSpec(owner: FieldReader, added?: readonly string[]): PodSpec {
  const reader = owner.object('spec') ?? new FieldReader({}, owner.at.field('spec'));
  reader.warnUnknown(podSpecFields);
  checkPodIdentity(reader);
  const spec: PodSpec = {
    ...decodeContainers(reader, added),
    ...decodePlacement(reader),
    restartPolicy: reader.choice('restartPolicy', ['Always', 'OnFailure', 'Never'], 'Always'),
    terminationGracePeriodSeconds: gracePeriodOf(reader),
    activeDeadlineSeconds: activeDeadlineOf(reader),
    priorityClassName: reader.text('priorityClassName'),
    priority: reader.integer('priority', 0, { min: -2147483648 }),
    preemptionPolicy: reader.choice('preemptionPolicy', ['PreemptLowerPriority', 'Never'], 'PreemptLowerPriority'),
    overhead: overheadOf(reader),
    resources: undefined,
    volumes: reader.objects('volumes').map(decodeVolume),
    hostNetwork: reader.boolean('hostNetwork'),
    readinessGates: decodeReadinessGates(reader),
    resourceClaims: reader.objects('resourceClaims').map((claim) => claim.requiredText('name')),
    runtimeClassName: reader.text('runtimeClassName'),
    ...(reader.has('hostUsers') && { hostUsers: reader.boolean('hostUsers') }),
    ...rareSpecFields(reader),
  };
  return { ...spec, resources: decodePodLevelResources(reader, spec, added !== undefined) };
}

/** Fields of few pods: absent where the manifest says nothing. */
function rareSpecFields(reader: FieldReader): Pick<PodSpec, 'osName' | 'sysctls'> {
  const osName = reader.object('os')?.text('name') ?? '';
  const sysctls = reader.object('securityContext')?.objects('sysctls') ?? [];
  return {
    ...(osName !== '' && { osName }),
    ...(sysctls.length > 0 && { sysctls: sysctls.map((sysctl) => sysctl.text('name')) }),
  };
}

function overheadOf(reader: FieldReader): ResourceList {
  const overhead = decodeResourceList(reader, 'overhead');
  checkOverhead(reader.at.field('overhead'), overhead);
  return overhead;
}

function activeDeadlineOf(reader: FieldReader): number | undefined {
  const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  const seconds = reader.optionalInteger('activeDeadlineSeconds', bounds);
  if (seconds === undefined || (seconds >= 1 && seconds <= int32Max)) return seconds;
  reader.at.field('activeDeadlineSeconds').invalid(seconds, `must be between 1 and ${int32Max}, inclusive`);
  return undefined;
}

const int32Max = 2147483647;

function decodeContainers(
  reader: FieldReader,
  added: readonly string[] | undefined,
): Pick<PodSpec, 'containers' | 'initContainers'> {
  const hostNetwork = reader.value('hostNetwork') === true;
  const podNeverRestarts = reader.value('restartPolicy') === 'Never';
  const grace = reader.value('terminationGracePeriodSeconds');
  const graceSeconds = typeof grace === 'number' ? Math.max(1, grace) : 30;
  const isTemplate = added !== undefined;
  const volumes = new Set([...checkVolumeNames(reader), ...(added ?? [])]);
  const claims = reader.objects('resourceClaims').map((claim) => claim.text('name'));
  const read = (name: string, isInit: boolean): Container[] =>
    reader.objects(name).map((container) =>
      decodeContainer(container, {
        isInit,
        isTemplate,
        hostNetwork,
        podNeverRestarts,
        graceSeconds,
        volumes,
        claims,
      }),
    );
  const containers = read('containers', false);
  const initContainers = read('initContainers', true);
  if (reader.list('containers').length === 0) reader.at.field('containers').required();
  const names = new Set<string>();
  checkNames(reader, 'containers', containers, names);
  checkNames(reader, 'initContainers', initContainers, names);
  checkHostPorts(reader.at.field('containers'), containers);
  return { containers, initContainers };
}

function checkNames(reader: FieldReader, list: string, containers: readonly Container[], names: Set<string>): void {
  for (const [index, { name }] of containers.entries()) {
    if (name !== '' && names.has(name)) reader.at.field(list).index(index).field('name').duplicate(name);
    names.add(name);
  }
}

type Placement = Pick<
  PodSpec,
  | 'nodeName'
  | 'nodeSelector'
  | 'affinity'
  | 'tolerations'
  | 'topologySpreadConstraints'
  | 'schedulerName'
  | 'schedulingGates'
>;

function decodePlacement(reader: FieldReader): Placement {
  const topologySpreadConstraints = reader.objects('topologySpreadConstraints').map(decodeTopologySpread);
  checkSpreadRepeats(reader, topologySpreadConstraints);
  return {
    nodeName: nodeNameOf(reader),
    nodeSelector: reader.has('nodeSelector') ? decodeLabels(reader, 'nodeSelector') : noLabels,
    affinity: decodeAffinity(reader),
    tolerations: reader.objects('tolerations').map(decodeToleration),
    topologySpreadConstraints,
    schedulerName: reader.text('schedulerName') || 'default-scheduler',
    schedulingGates: decodeSchedulingGates(reader),
  };
}

function nodeNameOf(reader: FieldReader): string {
  const name = reader.text('nodeName');
  const problem = name === '' ? undefined : dnsSubdomainProblem(name);
  if (problem !== undefined) reader.at.field('nodeName').invalid(name, problem);
  return name;
}

/** Names of gates, each legal and once (`validateSchedulingGates`). */
function decodeSchedulingGates(reader: FieldReader): readonly string[] {
  const list = reader.at.field('schedulingGates');
  const names = reader.objects('schedulingGates').map((gate) => gate.text('name'));
  for (const [index, name] of names.entries()) {
    const problem = labelKeyProblem(name);
    if (problem !== undefined) list.index(index).invalid(name, problem);
    if (names.indexOf(name) < index) list.index(index).duplicate(name);
  }
  return names;
}

function decodeReadinessGates(reader: FieldReader): readonly string[] {
  return reader.objects('readinessGates').map((gate) => {
    const type = gate.text('conditionType');
    const problem = labelKeyProblem(type);
    if (problem !== undefined) gate.at.field('conditionType').invalid(type, problem);
    return type;
  });
}

/** Seconds; 30 unless told. The API server turns a negative one into 1. */
function gracePeriodOf(reader: FieldReader): number {
  const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  const seconds = reader.integer('terminationGracePeriodSeconds', 30, bounds);
  return seconds < 0 ? 1 : seconds;
}

function decodeVolume(reader: FieldReader): Volume {
  reader.warnUnknown(volumeFields);
  const name = reader.requiredText('name');
  const sources = [...volumeSources].filter((source) => reader.has(source));
  for (const extra of sources.slice(1)) reader.at.field(extra).forbidden('may not specify more than 1 volume type');
  const source = sources[0] ?? 'emptyDir';
  const claimName = source === 'persistentVolumeClaim' ? reader.object(source)?.requiredText('claimName') : undefined;
  if (source === 'emptyDir') checkSizeLimit(reader.object(source));
  for (const shown of downwardSources(reader)) checkDownwardVolume(shown);
  return { name, source, claimName, raw: reader.value(source) };
}

/** What a volume shows of its pod, by itself or among other sources. */
function downwardSources(volume: FieldReader): readonly FieldReader[] {
  const projected = volume.object('projected')?.objects('sources') ?? [];
  return [volume, ...projected].flatMap((owner) => owner.object('downwardAPI') ?? []);
}

/** A size is not below zero; upstream says so in these words (`validateEmptyDirVolumeSource`). */
function checkSizeLimit(emptyDir: FieldReader | undefined): void {
  if (emptyDir?.has('sizeLimit') !== true) return;
  const at = emptyDir.at.field('sizeLimit');
  const amount = readQuantity(at, 'storage', emptyDir.value('sizeLimit'));
  if (amount !== undefined && amount < 0) at.forbidden('SizeLimit field must be a valid resource quantity');
}

const volumeFields: ReadonlySet<string> = new Set(['name', ...volumeSources]);
