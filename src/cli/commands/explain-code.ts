import { nearest } from '../../util/suggest.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { wrapText } from '../wrap-text.ts';

/** `orrery explain-code E014`: what a message means and what to do about it. */
export const explainCode = defineCommand<{ readonly code: string | undefined }>({
  usage: 'explain-code [code]',
  description: 'say what the code of an error or warning means; without a code, list all',
  options: (parser) => parser.positional('code', { type: 'string', describe: 'for example E014 or W007' }),
  async run({ code }, io) {
    const { diagnosticCodes } = await import('../../scenario/diagnostic-codes.ts');
    if (code === undefined) {
      for (const [known, { title }] of diagnosticCodes) io.stdout.write(`${known}  ${title}\n`);
      return exitCodes.ok;
    }
    const wanted = code.toUpperCase();
    const found = diagnosticCodes.get(wanted);
    if (found === undefined) {
      const near = nearest(wanted, diagnosticCodes.keys());
      throw new CliError(`orrery: there is no code "${code}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
    }
    const severity = wanted.startsWith('W') ? 'warning' : 'error';
    io.stdout.write(`${severity} ${wanted}: ${found.title}\n\n${wrapText(found.explanation, 80, '').join('\n')}\n`);
    return exitCodes.ok;
  },
});
