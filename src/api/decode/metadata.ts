/** Metadata and label selectors. */
import { annotationBytesMax, areTooLong } from '../annotation-size.ts';
import type { Condition, LabelSelector, LabelSelectorRequirement, Labels, ObjectMeta } from '../meta-v1.ts';
import { newObjectMeta, noLabels } from '../meta-v1.ts';
import { sortedLabels } from '../labels.ts';
import { dnsLabelProblem, labelKeyProblem, labelValueProblem } from '../names.ts';
import { generatedName } from '../template-hash.ts';
import type { FieldPosition } from './field-position.ts';
import { FieldReader } from './field-reader.ts';
import { labelSelectorFields, metadataFields, requirementFields } from './known-fields.ts';
import { decodeOwners } from './owner-references.ts';

/** Whether objects of a kind have a namespace. */
export type Scope = 'namespaced' | 'cluster' | 'unknown';

/** Says what is wrong with a name, or undefined. */
export type NameRule = (name: string) => string | undefined;

/**
 * The metadata of an object. What a cluster once filled in is passed over: uid, resourceVersion, generation and times
 * belong to another run. An object that was being deleted has `deletionTimestamp` 0.
 */
export function decodeMetadata(root: FieldReader, scope: Scope, nameRule: NameRule): ObjectMeta {
  const reader = root.object('metadata') ?? new FieldReader({}, root.at.field('metadata'));
  reader.warnUnknown(metadataFields);
  const isDeleted = reader.has('deletionTimestamp');
  return {
    ...newObjectMeta({
      name: nameOf(reader, nameRule),
      namespace: namespaceOf(reader, scope),
      labels: decodeLabels(reader, 'labels'),
      annotations: decodeAnnotations(reader),
      ownerReferences: decodeOwners(reader),
      finalizers: decodeFinalizers(reader, scope),
    }),
    deletionTimestamp: isDeleted ? 0 : undefined,
    deletionGracePeriodSeconds: isDeleted ? reader.integer('deletionGracePeriodSeconds', 0) : undefined,
  };
}

const standardFinalizers: readonly string[] = ['foregroundDeletion', 'kubernetes', 'orphan'];

/** Finalizers of Kubernetes or of a vendor's domain (`ValidateFinalizerName`); other kinds take any. */
function decodeFinalizers(reader: FieldReader, scope: Scope): readonly string[] {
  const finalizers = reader.texts('finalizers');
  const at = reader.at.field('finalizers');
  for (const [index, name] of finalizers.entries()) {
    const problem = labelKeyProblem(name);
    if (problem !== undefined) at.invalid(name, problem);
    else if (scope !== 'unknown' && !name.includes('/') && !standardFinalizers.includes(name))
      at.index(index).invalid(name, 'name is neither a standard finalizer name nor is it fully qualified');
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    at.invalidParts(finalizers, 'finalizer orphan and foregroundDeletion cannot be both set');
  return finalizers;
}

function nameOf(reader: FieldReader, rule: NameRule): string {
  const written = reader.text('name');
  const generateName = reader.text('generateName');
  const at = reader.at.field('name');
  if (written === '' && generateName === '') {
    at.required('name or generateName is required');
    return '';
  }
  const name = written === '' ? generatedName(generateName) : written;
  // The hyphen before what is generated may be the last letter here.
  const isCut = generateName.length > 1 && generateName.endsWith('-');
  const prefixProblem = generateName === '' ? undefined : rule(isCut ? `${generateName.slice(0, -2)}a` : generateName);
  if (prefixProblem !== undefined) reader.at.field('generateName').invalid(generateName, prefixProblem);
  const problem = rule(name);
  if (problem !== undefined) at.invalid(name, problem);
  return name;
}

function namespaceOf(reader: FieldReader, scope: Scope): string {
  const written = scope === 'cluster' ? '' : reader.text('namespace');
  const problem = written === '' ? undefined : dnsLabelProblem(written);
  if (problem !== undefined) reader.at.field('namespace').invalid(written, problem);
  return written === '' && scope === 'namespaced' ? 'default' : written;
}

/** A map of labels with legal keys and values. */
export function decodeLabels(reader: FieldReader, name: string): Labels {
  const labels = reader.textMap(name);
  for (const [key, value] of sortedLabels(labels)) {
    const at = reader.at.field(name);
    const keyProblem = labelKeyProblem(key);
    if (keyProblem !== undefined) at.invalid(key, keyProblem);
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) at.invalid(value, valueProblem);
  }
  return labels;
}

/** The annotations; keys follow the rules of labels, values are free. */
export function decodeAnnotations(reader: FieldReader): Labels {
  const annotations = reader.textMap('annotations');
  for (const [key] of sortedLabels(annotations)) {
    const problem = labelKeyProblem(key.toLowerCase());
    if (problem !== undefined) reader.at.field('annotations').invalid(key, problem);
  }
  if (areTooLong(annotations)) reader.at.field('annotations').tooLong(annotationBytesMax);
  return annotations;
}

/** A label selector; undefined when absent, which matches nothing. */
export function decodeLabelSelector(reader: FieldReader, name: string): LabelSelector | undefined {
  const selector = reader.object(name);
  if (selector === undefined) return undefined;
  selector.warnUnknown(labelSelectorFields);
  return {
    matchLabels: decodeLabels(selector, 'matchLabels'),
    matchExpressions: selector.objects('matchExpressions').map(labelRequirement),
  };
}

const labelOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

function labelRequirement(reader: FieldReader): LabelSelectorRequirement {
  reader.warnUnknown(requirementFields);
  const written = reader.text('operator');
  const operator = labelOperators.find((known) => known === written);
  if (operator === undefined) reader.at.field('operator').invalid(written, 'not a valid selector operator');
  const values = reader.texts('values');
  if (operator !== undefined) checkValueCount(reader.at, operator, values);
  checkRequirementNames(reader.at, reader.text('key'), values);
  return { key: reader.text('key'), operator: operator ?? 'In', values };
}

/** In and NotIn need values, Exists and DoesNotExist may have none. */
export function checkValueCount(at: FieldPosition, operator: string, values: readonly string[]): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) at.field('values').required("must be specified when `operator` is 'In' or 'NotIn'");
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length > 0) at.field('values').forbidden(detail);
  }
}

/** Key and values of a requirement are legal as those of labels. */
export function checkRequirementNames(at: FieldPosition, key: string, values: readonly string[]): void {
  const keyProblem = labelKeyProblem(key);
  if (keyProblem !== undefined) at.field('key').invalid(key, keyProblem);
  for (const [index, value] of values.entries()) {
    const problem = labelValueProblem(value);
    if (problem !== undefined) at.field('values').index(index).invalid(value, problem);
  }
}

/** The conditions of a status, times set to 0: they were seconds of another clock. */
export function decodeConditions(status: FieldReader | undefined): readonly Condition[] {
  return (status?.objects('conditions') ?? []).map((reader) => ({
    type: reader.text('type'),
    status: reader.choice('status', ['True', 'False', 'Unknown'], 'Unknown'),
    lastTransitionTime: 0,
    reason: reader.text('reason'),
    message: reader.text('message'),
  }));
}

/** Labels and annotations of a pod template. */
export function decodeTemplateMetadata(template: FieldReader): { labels: Labels; annotations: Labels } {
  const reader = template.object('metadata');
  if (reader === undefined) return { labels: noLabels, annotations: noLabels };
  reader.warnUnknown(metadataFields);
  // Upstream's messages say `spec.template.labels`.
  const named = new FieldReader(reader.raw, template.at.unnamed('metadata'));
  return { labels: decodeLabels(named, 'labels'), annotations: decodeAnnotations(named) };
}
