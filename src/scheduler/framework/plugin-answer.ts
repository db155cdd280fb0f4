/** What a plugin must not answer: nothing keeps one that is written by hand from returning anything. */
import { assertPlugin } from '../../util/assert.ts';
import { Status } from './status.ts';

/**
 * Stops the run where an answer of a plugin is no status.
 *
 * @param rule what may be returned, for the message.
 */
export function assertStatus(answer: unknown, plugin: string, rule: string): asserts answer is Status {
  if (answer instanceof Status) return;
  const shown = typeof answer === 'string' ? JSON.stringify(answer) : String(answer);
  assertPlugin(false, plugin, `returns ${shown}; ${rule}`);
}
