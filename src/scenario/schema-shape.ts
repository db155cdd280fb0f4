/** Asks a zod schema which fields it knows at a path. */
import { z } from 'zod';
import type { FieldPath } from './field-path.ts';

/** The field names that may stand at a path of a document, in the order of the schema. */
export function shapeAt(schema: z.ZodType, path: FieldPath): readonly string[] {
  let candidates: readonly z.core.$ZodType[] = [schema];
  for (const step of path)
    candidates = candidates.flatMap((each) => unwrapped(each)).flatMap((each) => childOf(each, step));
  const names = new Set<string>();
  for (const each of candidates.flatMap((candidate) => unwrapped(candidate))) {
    if (each instanceof z.ZodObject) for (const name of Object.keys(each.shape)) names.add(name);
  }
  return [...names];
}

/** The schemas behind optional, lazy and union. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return unwrapped(schema.unwrap());
  if (schema instanceof z.ZodLazy) return unwrapped(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unwrapped(option));
  return [schema];
}

function childOf(schema: z.core.$ZodType, step: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Readonly<Record<string, z.core.$ZodType>>;
    return Object.hasOwn(shape, step) ? [shape[step]!] : [];
  }
  if (schema instanceof z.ZodArray) return [schema.element];
  return schema instanceof z.ZodRecord ? [schema.valueType] : [];
}
