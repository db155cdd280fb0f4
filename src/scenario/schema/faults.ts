/** The schema of `faults`, made from the registry: a new fault needs no line here. */
import { z } from 'zod';
import type { ParameterTypes } from '../../faults/fault.ts';
import { faults } from '../../faults/registry.ts';
import type { FaultDefinition } from '../../faults/fault.ts';
import { expecting, oneOf } from './checked.ts';
import { distribution } from './distribution.ts';
import { duration, flag, integer, selector, text } from './units.ts';

const parameterSchemas: { readonly [T in keyof ParameterTypes]: z.ZodType } = {
  duration,
  distribution,
  string: text,
  integer: integer(0),
  number: z.number(expecting('a number')),
  boolean: flag,
  selector,
};

function schemaOf(fault: FaultDefinition): z.ZodType {
  const shape = Object.entries(fault.parameters).map(([name, parameter]) => {
    const schema = parameterSchemas[parameter.type].describe(parameter.description);
    return [name, parameter.required === true ? schema : schema.optional()] as const;
  });
  return z
    .strictObject(Object.fromEntries(shape), expecting('a map of arguments'))
    .describe(fault.description)
    .optional();
}

/** One entry of `faults`: the name of a fault and its arguments. */
export const faultEntry = oneOf(Object.fromEntries(faults.map((fault) => [fault.name, schemaOf(fault)])));
