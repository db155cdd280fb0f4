/** Decoder of a ControllerRevision, whose data is a patch of its owner: the template as a whole. */
import type { ControllerRevision } from '../apps-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import { FieldReader } from './field-reader.ts';
import { decodeMetadata } from './metadata.ts';
import { decodePodTemplate } from './pod-spec.ts';

const fields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'data', 'revision']);

/** A revision of a StatefulSet or a DaemonSet. */
export function decodeControllerRevision(root: FieldReader): ControllerRevision {
  root.warnUnknown(fields);
  if (!root.has('data')) root.at.field('data').required('data is mandatory');
  const spec = root.object('data')?.object('spec');
  const { template } = (spec?.raw ?? {}) as { readonly template?: object };
  // The patch says of the template that it replaces the owner's.
  const written = template === undefined ? {} : { template: { ...template, $patch: undefined } };
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    revision: root.integer('revision', 0, { max: Number.MAX_SAFE_INTEGER }),
    data: decodePodTemplate(new FieldReader(written, root.at.field('data').field('spec'))),
  };
}
