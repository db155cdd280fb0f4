/** `--write-config-to`: writes the scheduler's complete configuration instead of anything else, as kube-scheduler does. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { rawConfiguration } from '../scenario/scheduler-setup.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { completedConfiguration } from './completed-configuration.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { PreparedRun } from './prepare.ts';

/**
 * Writes the configuration of the one scenario that was named; `-` is the standard output.
 *
 * @throws CliError for several scenarios; errors of the file system.
 */
export function writeConfiguration(runs: readonly PreparedRun[], file: string, io: CliIo): ExitCode {
  const [run, second] = runs;
  if (run === undefined || second !== undefined) {
    throw new CliError(`orrery: --write-config-to takes one scenario; there are ${runs.length}`);
  }
  const text = configurationText(run);
  if (file === '-') {
    io.stdout.write(text);
    return exitCodes.ok;
  }
  writeFileSync(resolve(io.cwd, file), text);
  io.stderr.write(`wrote ${file}\n`);
  return exitCodes.ok;
}

/** Maps in order of their keys, lists flush with their field: what Go's encoder writes. */
function configurationText({ scenario, scheduler }: PreparedRun): string {
  const data = completedConfiguration(rawConfiguration(scenario, scheduler.registry), scheduler.configuration);
  return stringify(data, { sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false });
}
