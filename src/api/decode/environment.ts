/** The environment of a container (`pkg/apis/core/validation` ValidateEnv, ValidateEnvFrom). */
import type { EnvironmentSource } from '../core-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import { formatQuantity, parseQuantity } from '../quantity.ts';
import { FieldPosition } from './field-position.ts';
import { FieldReader } from './field-reader.ts';
import { readQuantity } from './resource-list.ts';

/** What must exist for the environment; optional references and single keys of existing objects are passed over. */
export function decodeEnvironmentSources(container: FieldReader): readonly EnvironmentSource[] {
  const references: EnvironmentSource[] = [];
  const add = (kind: EnvironmentSource['kind'], reference: FieldReader | undefined): void => {
    if (reference === undefined || reference.value('optional') === true) return;
    references.push({ kind, name: reference.text('name') });
  };
  for (const source of container.objects('envFrom')) {
    add('configmap', source.object('configMapRef'));
    add('secret', source.object('secretRef'));
  }
  for (const variable of container.objects('env')) {
    const from = variable.object('valueFrom');
    add('configmap', from?.object('configMapKeyRef'));
    add('secret', from?.object('secretKeyRef'));
  }
  return references;
}

/** Reports variables without a legal name, with two values or with none that can be found. */
export function checkEnvironment(container: FieldReader): void {
  for (const variable of container.objects('env')) {
    checkVariableName(variable, 'name');
    if (variable.text('name') === '') variable.at.field('name').required();
    const value = variable.text('value');
    const from = variable.object('valueFrom');
    if (from !== undefined) checkValueFrom(from, value !== '');
  }
  for (const source of container.objects('envFrom')) {
    checkVariableName(source, 'prefix');
    const found = ['configMapRef', 'secretRef'].filter((name) => source.has(name));
    const at = container.at.field('envFrom');
    if (found.length === 0) at.invalid('', 'must specify one of: `configMapRef` or `secretRef`');
    if (found.length > 1) at.invalid('', tooManySources);
    for (const name of found) source.object(name)?.requiredText('name');
  }
}

const tooManySources = 'may not have more than one field specified at a time';

const variableNameRule =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

function checkVariableName(reader: FieldReader, field: string): void {
  const name = reader.text(field);
  const isLegal = [...name].every((letter) => letter >= ' ' && letter <= '~' && letter !== '=');
  if (!isLegal) reader.at.field(field).invalid(name, variableNameRule);
}

const sourceTypes = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

function checkValueFrom(from: FieldReader, hasValue: boolean): void {
  const found = sourceTypes.filter((type) => from.has(type));
  if (found.length === 0) {
    const types = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    from.at.invalid('', `must specify one of: ${types}`);
  } else if (hasValue) from.at.invalid('', 'may not be specified when `value` is not empty');
  else if (found.length > 1) from.at.invalid('', tooManySources);
  const field = from.object('fieldRef');
  if (field !== undefined) checkFieldPath(field);
  const resource = from.object('resourceFieldRef');
  if (resource !== undefined) checkResourceName(resource);
  for (const type of ['configMapKeyRef', 'secretKeyRef']) {
    const reference = from.object(type);
    if (reference !== undefined) checkKeyReference(reference);
  }
}

function checkKeyReference(reference: FieldReader): void {
  const name = reference.text('name');
  const problem = dnsSubdomainProblem(name);
  if (problem !== undefined) reference.at.field('name').invalid(name, problem);
  reference.requiredText('key');
}

const fieldPaths = [
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName'],
  ...['status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'],
];

/** Fields that a selector may name and an environment may not (`ConvertDownwardAPIFieldLabel`). */
const otherFieldPaths = [
  ...['metadata.annotations', 'metadata.labels', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'],
];

function checkFieldPath(reader: FieldReader): void {
  const path = reader.requiredText('fieldPath');
  const isOfMap = path.startsWith("metadata.labels['") || path.startsWith("metadata.annotations['");
  if (path === '' || isOfMap || path === 'spec.host' || fieldPaths.includes(path)) return;
  const at = reader.at.field('fieldPath');
  if (otherFieldPaths.includes(path)) at.notSupported(path, fieldPaths);
  else at.invalid(path, `error converting fieldPath: ${unknownLabel(path)}`);
}

function unknownLabel(path: string): string {
  return `field label ${path.endsWith("']") ? 'does not support subscript' : 'not supported'}: ${path}`;
}

const resourceNames = ['limits', 'requests'].flatMap((list) =>
  ['cpu', 'ephemeral-storage', 'memory'].map((resource) => `${list}.${resource}`),
);

/** Reports resources of containers that no downward API volume can show (`validateDownwardAPIVolumeFile`). */
export function checkDownwardVolume(source: FieldReader): void {
  for (const item of source.objects('items')) {
    const written = item.object('resourceFieldRef');
    if (written === undefined) continue;
    // Upstream does not say which of the items it means; the place in the manifest does.
    const { path, problems, warnings } = written.at;
    const at = new FieldPosition(path, `${source.at.text}.resourceFieldRef`, problems, warnings);
    const reader = new FieldReader(written.raw, at);
    if (reader.text('containerName') === '') {
      at.field('containerName').required();
      checkDivisor(reader, reader.text('resource'));
    } else checkResourceName(reader);
  }
}

function checkResourceName(reader: FieldReader): void {
  const name = reader.requiredText('resource');
  checkDivisor(reader, name);
  if (name === '' || isOfHugePages(name) || resourceNames.includes(name)) return;
  reader.at.field('resource').notSupported(name, resourceNames);
}

function isOfHugePages(name: string): boolean {
  return name.startsWith('limits.hugepages-') || name.startsWith('requests.hugepages-');
}

const byteDivisors = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

/** In which unit the number is told: one of a few (`validateContainerResourceDivisor`); 0 is as good as none. */
function checkDivisor(reader: FieldReader, name: string): void {
  if (!reader.has('divisor')) return;
  const at = reader.at.field('divisor');
  const written = reader.value('divisor');
  const divisor = readQuantity(at, 'cpu', written) === undefined ? undefined : parseQuantity(String(written).trim());
  if (divisor === undefined || divisor.nano === 0n) return;
  const resource = isOfHugePages(name) ? 'hugepages' : (divisorWords.get(name.slice(name.indexOf('.') + 1)) ?? '');
  if (resource === '') return;
  const known = resource === 'cpu' ? '1m and 1' : byteDivisors;
  const units = resource === 'cpu' ? ['1m', '1'] : byteDivisors.split(', ');
  if (units.includes(formatQuantity(divisor))) return;
  at.invalid(name, `only divisor's values ${known} are supported with the ${resource} resource`);
}

const divisorWords: ReadonlyMap<string, string> = new Map([
  ['cpu', 'cpu'],
  ['memory', 'memory'],
  ['ephemeral-storage', 'local ephemeral storage'],
]);
