/** Owners of an object (`apimachinery/pkg/api/validation/objectmeta.go` ValidateOwnerReferences). */
import type { OwnerReference } from '../meta-v1.ts';
import type { FieldReader } from './field-reader.ts';

/** The owners, whose uids belong to another run: the simulator finds them by their names. */
export function decodeOwners(metadata: FieldReader): readonly OwnerReference[] {
  const readers = metadata.objects('ownerReferences');
  const owners = readers.map(decodeOwner);
  const [first, ...others] = owners.filter(({ controller }) => controller);
  for (const other of others) {
    const both = `${first!.kind}/${first!.name} and ${other.kind}/${other.name}`;
    const rule = 'Only one reference can have Controller set to true. Found "true" in references for';
    metadata.at.field('ownerReferences').invalidParts(readers.map(printed), `${rule} ${both}`);
  }
  return owners;
}

function decodeOwner(reader: FieldReader): OwnerReference {
  const apiVersion = reader.text('apiVersion');
  for (const field of ['apiVersion', 'kind', 'name', 'uid'])
    if (reader.text(field) === '') reader.at.field(field).required('must not be empty');
  const parts = apiVersion.split('/');
  if (apiVersion !== '' && (parts.length > 2 || parts.at(-1) === ''))
    reader.at.field('apiVersion').invalid(apiVersion, 'must be <group>/<version> or <version>');
  const kind = reader.text('kind');
  if (apiVersion === 'v1' && kind === 'Event')
    reader.at.invalidParts(printed(reader), '/v1, Kind=Event is disallowed from being an owner');
  return {
    apiVersion,
    kind,
    name: reader.text('name'),
    uid: 0,
    controller: reader.boolean('controller'),
    blockOwnerDeletion: reader.boolean('blockOwnerDeletion'),
  };
}

/** A reference in the order in which upstream prints its fields. */
function printed(reader: FieldReader): object {
  const isSet = (field: string): boolean => reader.value(field) === true || reader.value(field) === false;
  return {
    ...Object.fromEntries(['apiVersion', 'kind', 'name', 'uid'].map((field) => [field, reader.text(field)])),
    ...(isSet('controller') && { controller: reader.value('controller') }),
    ...(isSet('blockOwnerDeletion') && { blockOwnerDeletion: reader.value('blockOwnerDeletion') }),
  };
}
