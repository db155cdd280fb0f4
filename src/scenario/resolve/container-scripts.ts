/** `behaviors[].containers`: what single containers do, run by run. */
import { quantityToInteger } from '../../api/quantity.ts';
import type { ContainerRun, ContainerScript, ExecAnswer } from '../../kubelet/behavior.ts';
import { assert } from '../../util/assert.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import { optionalDistribution, optionalMicroseconds } from './distribution.ts';

type Input = NonNullable<NonNullable<ScenarioInput['spec']['behaviors']>[number]['containers']>[number];

/** Exit code of a process that SIGTERM has ended. */
const sigtermExitCode = 143;

/** The script of a container; a run that says nothing lasts for ever. */
export function resolveContainerScript(input: Input): ContainerScript {
  const { name, create, start, runs = [{}], answers = [], memory, disk } = input;
  return {
    name,
    createDuration: optionalDistribution(create?.duration),
    startDuration: optionalDistribution(start?.duration),
    runs: runs.map(resolveRun),
    answers: answers.map(resolveAnswer),
    memoryBytes: memory === undefined ? 0 : bytesOf(memory),
    ...(disk !== undefined && { diskBytes: bytesOf(disk) }),
  };
}

function resolveRun({ exit, startError, stop }: NonNullable<Input['runs']>[number]): ContainerRun {
  return {
    exitAfter: optionalDistribution(exit?.after),
    exitCode: exit?.code ?? 0,
    reason: exit?.reason ?? '',
    startError: startError ?? '',
    stopAfter: optionalDistribution(stop?.after),
    stopExitCode: stop?.code ?? sigtermExitCode,
    ignoresSigterm: stop?.ignored ?? false,
  };
}

function resolveAnswer({ command, from, code, took, run }: NonNullable<Input['answers']>[number]): ExecAnswer {
  return {
    command,
    from: optionalMicroseconds(from) ?? 0,
    code: code ?? 0,
    took: optionalMicroseconds(took) ?? 0,
    run,
  };
}

function bytesOf(quantity: string | number): number {
  const bytes = quantityToInteger('memory', String(quantity));
  assert(bytes !== undefined, `"${quantity}" passed the schema and is no quantity`);
  return bytes;
}
