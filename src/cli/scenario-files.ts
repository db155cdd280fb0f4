import type { FileReader } from '../scenario/file-reader.ts';
import { joinPath } from '../scenario/file-reader.ts';
import { CliError } from './cli-error.ts';

const experimentLine = /^kind:\s*['"]?Experiment['"]?\s*(#.*)?$/m;
const scenarioLine = /^kind:\s*['"]?Scenario['"]?\s*(#.*)?$/m;

/**
 * The scenario files that the arguments of `-f` mean: a file is itself, a folder is every scenario directly in it, by name.
 *
 * @throws CliError when a folder holds no scenario.
 */
export function scenarioFiles(named: readonly string[], reader: FileReader): string[] {
  const files = named.flatMap((path) => {
    if (reader.stat(path).type !== 'folder') return [path];
    const found = scenariosIn(path, reader);
    if (found.length === 0) throw new CliError(`orrery: there is no scenario (kind: Scenario) in the folder ${path}`);
    return found;
  });
  return [...new Set(files)];
}

/** Files of a folder that say they are scenarios, in order of name. */
export function scenariosIn(folder: string, reader: FileReader): string[] {
  return reader
    .list(folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .map((name) => joinPath(folder, name))
    .filter((path) => isScenario(path, reader));
}

function isScenario(path: string, reader: FileReader): boolean {
  const text = textOf(path, reader);
  return scenarioLine.test(text) || /"kind"\s*:\s*"Scenario"/.test(text);
}

/** Whether a file says that it is an experiment. */
export function isExperiment(path: string, reader: FileReader): boolean {
  const text = textOf(path, reader);
  return experimentLine.test(text) || /"kind"\s*:\s*"Experiment"/.test(text);
}

/** Empty where there is no file that can be read. */
function textOf(path: string, reader: FileReader): string {
  const bytes = reader.stat(path).type === 'file' ? reader.read(path) : undefined;
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : '';
}
