import type { Argv } from 'yargs';

/** What every explanation of something in a result asks for: the folder, and the namespace of what is named without one. */
export function resultOptions<A>(parser: Argv<A>, noun: 'pod' | 'workload') {
  return parser
    .option('run', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'folder of a result of `orrery run`',
    })
    .option('namespace', {
      alias: 'n',
      type: 'string',
      requiresArg: true,
      default: 'default',
      describe: `namespace of a ${noun} that is named without one`,
    });
}
