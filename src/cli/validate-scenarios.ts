import { diagnosticsToJson, formatDiagnostic, count } from '../scenario/diagnostics.ts';
import type { Diagnostic } from '../scenario/diagnostics.ts';
import type { CliIo } from './cli-io.ts';
import type { ValidateArguments } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { fileReaderAt } from './file-reader-at.ts';
import type { PreparedRun } from './prepare.ts';
import { prepareRun } from './prepare.ts';
import { isExperiment, scenarioFiles } from './scenario-files.ts';
import { planCells } from './sweep/plan-cells.ts';
import { writeConfiguration } from './write-configuration.ts';

/** `orrery validate`: diagnostics on stdout; exit code 2 where one of them is an error. */
export async function validateScenarios(args: ValidateArguments, io: CliIo): Promise<ExitCode> {
  const reader = fileReaderAt(io.cwd);
  const files = scenarioFiles(args.file, reader);
  const diagnostics: Diagnostic[] = [];
  const runs: PreparedRun[] = [];
  let experiments = 0;
  const common = {
    until: undefined,
    overrides: args.set ?? [],
    allowOutside: args['allow-outside'],
    allowPlugins: args['allow-plugins'],
  };
  for (const file of files) {
    if (isExperiment(file, reader)) {
      experiments++;
      diagnostics.push(...(await planCells(file, { ...common, worlds: undefined }, reader)).diagnostics);
      continue;
    }
    const prepared = await prepareRun(file, { ...common, seed: undefined, replication: undefined }, reader);
    diagnostics.push(...prepared.diagnostics);
    if (prepared.run !== undefined) runs.push(prepared.run);
  }
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  const configurationFile = args['write-config-to'];
  if (configurationFile !== undefined && !hasErrors) return writeConfiguration(runs, configurationFile, io);
  if (args.output === 'json') io.stdout.write(`${diagnosticsToJson(diagnostics)}\n`);
  else io.stdout.write(`${textOf(diagnostics, files.length - experiments, experiments)}\n`);
  return hasErrors ? exitCodes.usage : exitCodes.ok;
}

function textOf(diagnostics: readonly Diagnostic[], scenarios: number, experiments: number): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const verdict = [
    ...(scenarios > 0 || experiments === 0 ? [count(scenarios, 'scenario')] : []),
    ...(experiments > 0 ? [count(experiments, 'experiment')] : []),
    errors === 0 ? 'no errors' : count(errors, 'error'),
    ...(warnings === 0 ? [] : [count(warnings, 'warning')]),
  ];
  const messages = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, { withExcerpt: true }));
  return [...messages, verdict.join(', ')].join('\n');
}
