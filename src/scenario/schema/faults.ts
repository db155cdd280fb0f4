/** The schema of `faults`, made from the registry: a new fault needs no line here. */
import { z } from 'zod';
import type { FaultDefinition, Parameter, ParameterTypes } from '../../faults/fault.ts';
import { presetNamed, presets } from '../../faults/presets.ts';
import { faults } from '../../faults/registry.ts';
import * as messages from '../messages.ts';
import { checked, expecting, oneOf } from './checked.ts';
import { distribution } from './distribution.ts';
import { podSelector } from './pod-selector.ts';
import { choice, duration, flag, integer, positiveDuration, quantity, selector, someText, text } from './units.ts';

const preset = checked(text, (name) =>
  presetNamed(name) === undefined
    ? messages.noSuch(
        'preset',
        name,
        presets.map((each) => each.name),
      )
    : undefined,
);

const parameterSchemas: { readonly [T in keyof ParameterTypes]: (parameter: Parameter) => z.ZodType } = {
  duration: ({ minimum = 0 }) => (minimum > 0 ? positiveDuration : duration),
  distribution: () => distribution,
  string: () => text,
  choice: ({ choices }) => choice(choices!),
  integer: ({ minimum = 0, maximum }) => integer(minimum, maximum),
  quantity: () => quantity,
  number: () => z.number(expecting('a number')),
  boolean: () => flag,
  selector: () => selector,
  pods: () => podSelector,
  preset: () => preset,
  trace: () => someText,
};

function schemaOf(fault: FaultDefinition): z.ZodType {
  const shape = Object.entries(fault.parameters).map(([name, parameter]) => {
    const schema = parameterSchemas[parameter.type](parameter).describe(parameter.description);
    return [name, parameter.required === true ? schema : schema.optional()] as const;
  });
  return z
    .strictObject(Object.fromEntries(shape), expecting('a map of arguments'))
    .describe(fault.description)
    .optional();
}

/** One entry of `faults`: the name of a fault and its arguments. */
export const faultEntry = oneOf(Object.fromEntries(faults.map((fault) => [fault.name, schemaOf(fault)])));
