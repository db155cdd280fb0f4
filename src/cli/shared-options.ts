/** Options that several commands have, in one wording. */

export const quietOption = {
  alias: 'q',
  type: 'boolean',
  default: false,
  describe: 'no progress and no warnings',
} as const;

/** `--allow-outside`: whose folder files may leave. */
export function allowOutsideOption(whose: 'scenario' | 'experiment') {
  return { type: 'boolean', default: false, describe: `files may lie outside of the ${whose}'s folder` } as const;
}

/** `--allow-plugins`: whose plugins may run, wherever they lie; empty = all that are named. */
export function allowPluginsOption(whose: '' | 'of a result ' | 'of a scenario ' | 'of results ') {
  const describe = `plugins ${whose}from outside of the working folder may run: they are programs`;
  return { type: 'boolean', default: false, describe } as const;
}
