/** Containers with the defaults of the API server (`pkg/apis/core/v1/defaults.go`). */
import type {
  Container,
  ContainerPort,
  ContainerRestartRule,
  LifecycleHandler,
  Probe,
  RestartPolicy,
} from '../core-v1.ts';
import { dnsLabelProblem } from '../names.ts';
import { checkEnvironment, decodeEnvironmentSources } from './environment.ts';
import type { FieldReader } from './field-reader.ts';
import { checkHandler } from './handlers.ts';
import { containerFields, containerPortFields, probeFields } from './known-fields.ts';
import { checkMounts, checkPortNames } from './pod-checks.ts';
import { checkClaimNames } from './resource-claims.ts';
import { decodeResources } from './resource-requirements.ts';

/** Where a container stands in its pod. */
export interface ContainerContext {
  readonly isInit: boolean;
  /** Of a workload's template, not of a pod. */
  readonly isTemplate: boolean;
  /** Ports of a pod in the host's network take the same port of the host. */
  readonly hostNetwork: boolean;
  /** Pods that never restart a container cannot restart it for a resize either. */
  readonly podNeverRestarts: boolean;
  /** The pod's terminationGracePeriodSeconds, which the sleep of a hook may not exceed. */
  readonly graceSeconds: number;
  /** Names of the volumes that may be mounted. */
  readonly volumes: ReadonlySet<string>;
  /** Names of the pod's claims of devices. */
  readonly claims: readonly string[];
}

/** A container, an init container or a sidecar. */
export function decodeContainer(reader: FieldReader, context: ContainerContext): Container {
  reader.warnUnknown(containerFields);
  const image = reader.requiredText('image');
  if (image !== image.trim()) reader.at.field('image').invalid(image, 'must not have leading or trailing whitespace');
  const restartPolicy = restartPolicyOf(reader);
  const container: Container = {
    name: nameOf(reader),
    image,
    imagePullPolicy: reader.choice('imagePullPolicy', ['Always', 'IfNotPresent', 'Never'], defaultPullPolicy(image)),
    resources: decodeResources(reader, context.isTemplate),
    ports: reader.objects('ports').map((port) => decodePort(port, context)),
    restartPolicy,
    startupProbe: decodeProbe(reader, 'startupProbe'),
    readinessProbe: decodeProbe(reader, 'readinessProbe'),
    livenessProbe: decodeProbe(reader, 'livenessProbe'),
    ...rareFields(reader, context),
  };
  checkPortNames(reader);
  checkMounts(reader, context.volumes);
  checkEnvironment(reader);
  checkCommand(reader);
  checkResizePolicy(reader, context);
  const resources = reader.object('resources');
  if (resources !== undefined) checkClaimNames(resources, context.claims);
  if (context.isInit && restartPolicy !== 'Always') forbidSidecarFields(reader);
  return container;
}

/** What a process is begun with is text: `args: [8080]` is refused. */
function checkCommand(reader: FieldReader): void {
  for (const field of ['command', 'args']) reader.texts(field);
  reader.text('workingDir');
}

/** What a resize of each resource does, said once for each (`validateResizePolicy`). */
function checkResizePolicy(reader: FieldReader, { isInit, podNeverRestarts }: ContainerContext): void {
  const list = reader.at.field('resizePolicy');
  const isPlainInit = isInit && reader.value('restartPolicy') !== 'Always';
  const seen = new Set<string>();
  for (const [index, entry] of reader.objects('resizePolicy').entries()) {
    const resource = entry.text('resourceName');
    if (seen.has(resource)) list.index(index).duplicate(resource);
    seen.add(resource);
    if (resource === '') list.required();
    else if (!resizable.includes(resource)) list.notSupported(resource, resizable);
    const policy = entry.text('restartPolicy');
    if (policy === '') list.required();
    else if (!resizePolicies.includes(policy)) list.notSupported(policy, resizePolicies);
    if (policy !== 'RestartContainer') continue;
    if (podNeverRestarts) list.invalid(policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
    const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    if (isPlainInit) list.index(index).field('restartPolicy').invalid(policy, detail);
  }
}

const resizable: readonly string[] = ['cpu', 'memory'];
const resizePolicies: readonly string[] = ['NotRequired', 'RestartContainer'];

function nameOf(reader: FieldReader): string {
  const name = reader.requiredText('name');
  const problem = name === '' ? undefined : dnsLabelProblem(name);
  if (problem !== undefined) reader.at.field('name').invalid(name, problem);
  return name;
}

function restartPolicyOf(reader: FieldReader): RestartPolicy | undefined {
  if (reader.text('restartPolicy') === '') return undefined;
  return reader.choice<RestartPolicy>('restartPolicy', ['Always', 'Never', 'OnFailure'], 'Always');
}

type RareFields = Pick<
  Container,
  'restartPolicyRules' | 'postStart' | 'preStop' | 'volumeMounts' | 'environmentSources'
>;

/** Fields of few containers: absent where the manifest says nothing. */
function rareFields(reader: FieldReader, { graceSeconds }: ContainerContext): RareFields {
  const restartPolicyRules = reader.objects('restartPolicyRules').map(decodeRestartRule);
  if (restartPolicyRules.length > 0 && !reader.has('restartPolicy'))
    reader.at.field('restartPolicy').required('must specify restartPolicy when restart rules are used');
  const lifecycle = reader.object('lifecycle');
  const postStart = lifecycle?.object('postStart');
  const preStop = lifecycle?.object('preStop');
  for (const hook of [postStart, preStop]) if (hook !== undefined) checkHandler(hook, graceSeconds);
  const volumeMounts = reader.objects('volumeMounts').map((mount) => mount.text('name'));
  const environmentSources = decodeEnvironmentSources(reader);
  return {
    ...(restartPolicyRules.length > 0 && { restartPolicyRules }),
    ...(postStart !== undefined && { postStart: decodeHook(postStart) }),
    ...(preStop !== undefined && { preStop: decodeHook(preStop) }),
    ...(volumeMounts.length > 0 && { volumeMounts }),
    ...(environmentSources.length > 0 && { environmentSources }),
  };
}

function decodeRestartRule(reader: FieldReader): ContainerRestartRule {
  const exitCodes = reader.object('exitCodes');
  if (exitCodes === undefined) reader.at.field('exitCodes').required('must be specified');
  const values = exitCodes?.list('values') ?? [];
  return {
    action: reader.choice('action', ['Restart', 'RestartAllContainers'], 'Restart'),
    operator: exitCodes?.choice('operator', ['In', 'NotIn'], 'In') ?? 'In',
    exitCodes: values.filter((code): code is number => typeof code === 'number'),
  };
}

function decodeHook(reader: FieldReader): LifecycleHandler {
  const sleep = reader.object('sleep')?.value('seconds') ?? 0;
  const sleepSeconds = reader.has('sleep') && typeof sleep === 'number' ? sleep : -1;
  return { command: commandOf(reader), sleepSeconds };
}

/** The first word of `exec.command`; empty for other handlers. */
function commandOf(reader: FieldReader): string {
  const [first] = reader.object('exec')?.list('command') ?? [];
  return typeof first === 'string' ? first : '';
}

function forbidSidecarFields(reader: FieldReader): void {
  for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
    const detail = 'may not be set for init containers without restartPolicy=Always';
    if (reader.has(name)) reader.at.field(name).forbidden(detail);
  }
}

/** Images without a tag or with `latest` are pulled each time; a digest counts as a tag of its own. */
function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const digestAt = image.indexOf('@');
  const named = digestAt < 0 ? image : image.slice(0, digestAt);
  const colon = named.lastIndexOf(':');
  const tag = colon > named.lastIndexOf('/') ? named.slice(colon + 1) : '';
  const isLatest = tag === 'latest' || (tag === '' && digestAt < 0);
  return isLatest ? 'Always' : 'IfNotPresent';
}

function decodePort(reader: FieldReader, context: ContainerContext): ContainerPort {
  reader.warnUnknown(containerPortFields);
  const containerPort = portNumber(reader, 'containerPort');
  if (containerPort === 0) reader.at.field('containerPort').required();
  const hostPort = portNumber(reader, 'hostPort');
  if (context.hostNetwork && hostPort !== 0 && hostPort !== containerPort) {
    reader.at.field('hostPort').invalid(hostPort, 'must match `containerPort` when `hostNetwork` is true');
  }
  return {
    name: reader.text('name'),
    containerPort,
    hostPort: context.hostNetwork && hostPort === 0 ? containerPort : hostPort,
    hostIP: reader.text('hostIP'),
    protocol: reader.choice('protocol', ['SCTP', 'TCP', 'UDP'], 'TCP'),
  };
}

/** A port, 0 when absent: the API cannot tell these apart in a container. */
export function portNumber(reader: FieldReader, name: string): number {
  const port = reader.optionalInteger(name, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  const isAbsent = port === 0 && (name === 'hostPort' || name === 'containerPort');
  const isOutside = port !== undefined && (port < 1 || port > 65535) && !isAbsent;
  if (isOutside) reader.at.field(name).invalid(port, 'must be between 1 and 65535, inclusive');
  return port ?? 0;
}

function decodeProbe(container: FieldReader, name: string): Probe | undefined {
  const reader = container.object(name);
  if (reader === undefined) return undefined;
  reader.warnUnknown(probeFields);
  checkHandler(reader, undefined);
  const successThreshold = orDefault(reader.integer('successThreshold', 1), 1);
  if (name !== 'readinessProbe' && successThreshold !== 1) {
    reader.at.field('successThreshold').invalid(successThreshold, 'must be 1');
  }
  return {
    initialDelaySeconds: reader.integer('initialDelaySeconds', 0),
    periodSeconds: orDefault(reader.integer('periodSeconds', 10), 10),
    timeoutSeconds: orDefault(reader.integer('timeoutSeconds', 1), 1),
    successThreshold,
    failureThreshold: orDefault(reader.integer('failureThreshold', 3), 3),
    ...probeExtras(reader, name),
  };
}

function probeExtras(reader: FieldReader, name: string): Pick<Probe, 'terminationGracePeriodSeconds' | 'command'> {
  const grace = reader.optionalInteger('terminationGracePeriodSeconds', { min: Number.MIN_SAFE_INTEGER });
  if (grace !== undefined && grace < 1)
    reader.at.field('terminationGracePeriodSeconds').invalid(grace, 'must be greater than 0');
  if (grace !== undefined && name === 'readinessProbe')
    reader.at.field('terminationGracePeriodSeconds').invalid(grace, 'must not be set for readinessProbes');
  const command = commandOf(reader);
  return {
    ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
    ...(command !== '' && { command }),
  };
}

/** The API cannot tell 0 from absent in these fields. */
function orDefault(value: number, fallback: number): number {
  return value === 0 ? fallback : value;
}
