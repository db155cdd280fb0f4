/** `orrery init plugin`: writes a plugin and its test, and says how a scenario uses it. Never overwrites. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inTreePlugins } from '../scheduler/plugins/registry.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { configurationText, pluginNames, pluginTestText, pluginText } from './plugin-template.ts';

/**
 * Writes the files of a new plugin into a folder, which is made if it is missing.
 *
 * @throws CliError where the name cannot be used or a file of that name is there: then nothing is written.
 */
export function initPlugin(name: string, dir: string, io: CliIo): ExitCode {
  checkName(name);
  const names = pluginNames(name);
  const files = [
    [`${names.file}.ts`, pluginText(names)],
    [`${names.file}.test.ts`, pluginTestText(names)],
    [`${names.file}.kube-scheduler.yaml`, configurationText(names)],
  ] as const;
  const folder = resolve(io.cwd, dir);
  const known = files.map(([file]) => file).filter((file) => existsSync(join(folder, file)));
  if (known.length > 0)
    throw new CliError(
      `orrery: ${known.map((file) => join(dir, file)).join(', ')} ${known.length === 1 ? 'is' : 'are'} there already; ` +
        'nothing was written',
    );
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text, { flag: 'wx' });
  io.stdout.write(toldText(names.file, dir));
  return exitCodes.ok;
}

function checkName(name: string): void {
  if (!/^[A-Z][A-Za-z0-9]{1,62}$/.test(name))
    throw new CliError(`orrery: "${name}" is no name of a plugin: write it as kube-scheduler does, such as FewestPods`);
  if (inTreePlugins.some((definition) => definition.name === name))
    throw new CliError(`orrery: ${name} is a plugin of kube-scheduler, which yours would replace: choose another name`);
}

function toldText(file: string, dir: string): string {
  const path = (ending: string): string => join(dir, `${file}${ending}`);
  return `wrote
  ${path('.ts')}  the plugin
  ${path('.test.ts')}  its test: npx vitest run ${file}
  ${path('.kube-scheduler.yaml')}  the configuration that enables it

A scenario in ${dir === '.' ? 'this folder' : dir} uses it by path:
  spec:
    scheduler:
      config: ${file}.kube-scheduler.yaml
      plugins: [${file}.ts]
`;
}
