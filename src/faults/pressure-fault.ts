/** Faults that take a resource of a node away: what runs beside the pods uses it up. */
import type { ArgumentsOf, FaultDefinition, FaultTargets, NodeAmount } from './fault.ts';
import { defineNodeFault } from './node-fault.ts';

const percentParameter = { type: 'integer', description: 'so much of the capacity of the node, in percent' } as const;

const sizeParameters = {
  size: { type: 'quantity', description: 'so many bytes: 2Gi, 500M' },
  percent: percentParameter,
} as const;

const countParameters = {
  processes: { type: 'integer', description: 'so many processes' },
  percent: percentParameter,
} as const;

type PressureArguments = Partial<ArgumentsOf<typeof sizeParameters> & ArgumentsOf<typeof countParameters>>;

type Use = (targets: FaultTargets, nodeName: string, used: NodeAmount, sign: 1 | -1) => void;

/** Defines a fault that uses up memory, a disk or process ids. */
export function definePressureFault(
  name: string,
  description: string,
  unit: 'size' | 'processes',
  use: Use,
): FaultDefinition {
  const amountOf = (args: unknown): NodeAmount => {
    const { percent, ...amounts } = args as PressureArguments;
    return { amount: amounts[unit] ?? 0, percent };
  };
  return defineNodeFault({
    name,
    description,
    addsUp: true,
    extra: unit === 'size' ? sizeParameters : countParameters,
    problem: (args) => amountProblem(args as PressureArguments, unit),
    begin: (targets, nodeName, args) => use(targets, nodeName, amountOf(args), 1),
    end: (targets, nodeName, args) => use(targets, nodeName, amountOf(args), -1),
  });
}

function amountProblem(args: PressureArguments, unit: 'size' | 'processes'): string | undefined {
  const { percent } = args;
  if ((args[unit] === undefined) === (percent === undefined)) return `needs exactly one of "${unit}" and "percent"`;
  return percent !== undefined && (percent < 1 || percent > 100) ? '"percent" must be from 1 to 100' : undefined;
}
