/** Resource quantities of manifests. */
import type { ResourceList } from '../core-v1.ts';
import { labelKeyProblem } from '../names.ts';
import { parseQuantity, quantitySuggestion, quantityToInteger } from '../quantity.ts';
import type { FieldPosition } from './field-position.ts';
import type { FieldReader } from './field-reader.ts';

const quantityRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** A map of quantities as integers; each is at least zero. `unitOf` names the resource whose unit an entry has. */
export function decodeResourceList(
  reader: FieldReader,
  name: string,
  unitOf: (resource: string) => string = (resource) => resource,
): ResourceList {
  const list = new Map<string, number>();
  for (const [resource, raw] of reader.entries(name)) {
    const at = reader.at.field(name).key(resource);
    const problem = labelKeyProblem(resource);
    if (problem !== undefined) at.invalid(resource, problem);
    const amount = decodeQuantity(at, unitOf(resource), raw);
    if (amount !== undefined) list.set(resource, amount);
  }
  return list;
}

/** A field that holds one quantity of bytes, at least zero; undefined when absent. */
export function decodeOptionalQuantity(reader: FieldReader, name: string): number | undefined {
  return reader.has(name) ? decodeQuantity(reader.at.field(name), 'storage', reader.value(name)) : undefined;
}

/** One quantity, written as a text or as a number. */
function decodeQuantity(at: FieldPosition, resource: string, raw: unknown): number | undefined {
  const amount = readQuantity(at, resource, raw);
  if (amount === undefined) return undefined;
  if (amount < 0) at.invalid(raw, 'must be greater than or equal to 0');
  else if (isExtendedResource(resource) && !isWhole(textOf(raw))) at.invalid(raw, 'must be an integer');
  return amount;
}

/** A quantity of either sign as an integer in the unit of a resource; undefined after a report when it is none. */
export function readQuantity(at: FieldPosition, resource: string, raw: unknown): number | undefined {
  const text = textOf(raw);
  const amount = quantityToInteger(resource, text);
  if (amount !== undefined) return amount;
  const suggestion = quantitySuggestion(text);
  at.invalid(raw, suggestion === undefined ? quantityRule : `${quantityRule}: did you mean ${suggestion}?`);
  return undefined;
}

function textOf(raw: unknown): string {
  return typeof raw === 'string' ? raw.trim() : typeof raw === 'number' ? String(raw) : '';
}

/** Whether a quantity has no part of one. */
export function isWhole(text: string): boolean {
  return (parseQuantity(text)?.nano ?? 0n) % 1_000_000_000n === 0n;
}

/** A resource of a vendor's domain: countable, never overcommitted. */
export function isExtendedResource(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}
