/** Reads Kubernetes objects from files and gathers what is to be said about them, one warning for many objects. */
import { targetCpuField } from '../api/decode/autoscaling-v1.ts';
import { decodeObject, listedObjects } from '../api/decode/decode-object.ts';
import type { DecodedObject } from '../api/decode/decode-object.ts';
import type { FieldProblem } from '../api/decode/problems.ts';
import type { ManifestObject } from '../workload/manifest-object.ts';
import { isMap } from './composed.ts';
import type { DiagnosticList, Place } from './diagnostics.ts';
import { count } from './diagnostics.ts';
import type { FieldPath } from './field-path.ts';
import { findManifests } from './find-manifests.ts';
import type { ManifestFile } from './find-manifests.ts';
import type { InputTexts, Mention } from './input-texts.ts';
import { fileWithoutObjects } from './manifest-messages.ts';
import * as messages from './messages.ts';
import type { SourceDocument } from './yaml-source.ts';

/** An object and where it is written. */
export interface ReadObject {
  readonly entry: ManifestObject;
  readonly raw: unknown;
  readonly document: SourceDocument;
  readonly path: FieldPath;
}

/** Where an object is written. */
export function placeOf({ document, path }: Pick<ReadObject, 'document' | 'path'>): Place {
  return document.locate(path);
}

interface Repeated {
  readonly place: Place;
  readonly message: string;
  readonly subject: string;
  amount: number;
}

const unknownFieldsShownMax = 5;

/** Reads manifests; `finish` reports what belongs to all of them together. */
export class ManifestReader {
  /** Objects by kind of those on which nothing acts: `StatefulSet apps/v1`. */
  readonly inertKinds = new Map<string, number>();
  private readonly texts: InputTexts;
  private readonly diagnostics: DiagnosticList;
  private readonly unknownFields = new Map<string, Repeated>();
  private firstInert: ReadObject | undefined;

  constructor(texts: InputTexts) {
    this.texts = texts;
    this.diagnostics = texts.diagnostics;
  }

  /** The objects of all files that are mentioned, in the order of the files. */
  read(mentions: readonly Mention[]): readonly ReadObject[] {
    return findManifests(this.texts, mentions).flatMap((file) => this.file(file));
  }

  private file(file: ManifestFile): readonly ReadObject[] {
    const objects: ReadObject[] = [];
    const documents = this.texts.documents(file, file.mention);
    const isEmpty = documents.length === 0 && file.isNamed && !this.diagnostics.hasErrors;
    if (isEmpty) this.texts.report(file.mention, fileWithoutObjects(file.mention.text));
    for (const document of documents) {
      if (isPassedOver(document, file)) continue;
      for (const { raw, path } of listedObjects(document.raw)) {
        const entry = this.object(raw, document, path);
        if (entry !== undefined) objects.push({ entry, raw, document, path });
      }
    }
    return objects;
  }

  /** One object; undefined after a report. */
  object(raw: unknown, document: SourceDocument, path: FieldPath): ManifestObject | undefined {
    const decoded: DecodedObject = decodeObject(raw, path);
    const subject = subjectOf(raw);
    if (!decoded.ok) {
      for (const problem of decoded.problems) {
        const finding =
          problem.code === 'unknown-kind'
            ? messages.unknownKind(problem.message)
            : messages.invalidManifest(problem.message);
        this.diagnostics.add(finding, document.locate(problem.path), [], subject);
      }
      return undefined;
    }
    for (const warning of decoded.warnings) this.note(warning, document, subject);
    const entry = { kind: decoded.kind, object: decoded.object, specFields: specFieldsOf(raw) } as ManifestObject;
    this.refuseClaims(entry, document, path, subject);
    return entry;
  }

  /** Counts an object that is used; the inert ones are listed at the end. */
  countInert(read: ReadObject): void {
    if (read.entry.kind !== 'Custom') return;
    const { kind, apiVersion } = read.entry.object;
    const name = `${kind} ${apiVersion}`;
    this.inertKinds.set(name, (this.inertKinds.get(name) ?? 0) + 1);
    this.firstInert ??= read;
  }

  /** Reports unknown fields and inert kinds, many at once. */
  finish(): void {
    const fields = [...this.unknownFields.values()];
    for (const { place, message, subject, amount } of fields.slice(0, unknownFieldsShownMax)) {
      const more = amount === 1 ? '' : ` (and ${count(amount - 1, 'more time')})`;
      this.diagnostics.add(messages.manifestWarning(`${message}, without effect${more}`), place, [], subject);
    }
    const hidden = fields.slice(unknownFieldsShownMax);
    const [next] = hidden;
    if (next !== undefined) {
      const message = `${count(hidden.length, 'more unknown field')} of manifests, without effect`;
      this.diagnostics.add(messages.manifestWarning(message), next.place);
    }
    if (this.firstInert === undefined) return;
    const counts = [...this.inertKinds]
      .sort(([a, amountA], [b, amountB]) => amountB - amountA || (a < b ? -1 : 1))
      .map(([name, amount]) => `${name} (${amount})`);
    this.diagnostics.add(messages.kindsNotModelled(counts), placeOf(this.firstInert));
  }

  private note(warning: FieldProblem, document: SourceDocument, subject: string): void {
    const key = warning.message.replaceAll(/\[\d+\]/g, '[]');
    const known = this.unknownFields.get(key);
    if (known !== undefined) known.amount++;
    else {
      const place = document.locate(warning.path, 'key');
      this.unknownFields.set(key, { place, message: warning.message, subject, amount: 1 });
    }
  }

  /** Dynamic resource allocation is refused by name: without it the pod would be placed as if it needed nothing. */
  private refuseClaims(entry: ManifestObject, document: SourceDocument, path: FieldPath, subject: string): void {
    const spec = podSpecOf(entry);
    if (spec === undefined || spec.value.resourceClaims.length === 0) return;
    const place = document.locate([...path, ...spec.path, 'resourceClaims'], 'key');
    this.diagnostics.add(messages.unsupported('dynamic resource allocation (resourceClaims)'), place, [], subject);
  }
}

/** The fields of `spec` that a manifest states, under their names in the stored version. */
function specFieldsOf(raw: unknown): ReadonlySet<string> {
  const spec = isMap(raw) ? raw['spec'] : undefined;
  const fields = isMap(spec) ? Object.keys(spec) : [];
  return new Set(fields.map((field) => (field === targetCpuField ? 'metrics' : field)));
}

/** The pod spec inside of an object that makes pods or is one, and its path. */
export function podSpecOf(entry: ManifestObject) {
  switch (entry.kind) {
    case 'Pod':
      return { value: entry.object.spec, path: ['spec'] };
    case 'Deployment':
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
      return { value: entry.object.spec.template.spec, path: ['spec', 'template', 'spec'] };
    case 'CronJob':
      return {
        value: entry.object.spec.jobTemplate.spec.template.spec,
        path: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
      };
    default:
      return undefined;
  }
}

/** Files that lie beside manifests and are none: met by a pattern they are passed over, named they are a mistake. */
function isPassedOver({ raw }: SourceDocument, { file, isNamed }: ManifestFile): boolean {
  if (isNamed) return false;
  const isScenario = isMap(raw) && typeof raw['apiVersion'] === 'string' && raw['apiVersion'].startsWith('orrery.dev/');
  return isScenario || /(^|\/)kustomization\.ya?ml$/.test(file);
}

/** `Deployment shop/web`, as far as the raw object says so. */
export function subjectOf(raw: unknown): string {
  if (!isMap(raw)) return '';
  const metadata = isMap(raw['metadata']) ? raw['metadata'] : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const name = [text(metadata['namespace']), text(metadata['name'])].filter((part) => part !== '').join('/');
  return [text(raw['kind']), name].filter((part) => part !== '').join(' ');
}
