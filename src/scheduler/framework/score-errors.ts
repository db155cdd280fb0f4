/** What goes wrong at the Score stage, in upstream's words. */
import { assertPlugin } from '../../util/assert.ts';
import type { Plugin } from './interface.ts';
import { assertStatus } from './plugin-answer.ts';
import { Code, Status } from './status.ts';

/** A score was a failure. What is neither a number nor a status cannot come from upstream's plugins: it stops the run. */
export function runningError({ name }: Plugin, answer: Status | undefined): Status {
  assertStatus(answer, name, scoreRule);
  return scoreError(name, `running Score plugins: plugin "${name}" failed with: ${answer.message}`);
}

/** Normalizing was a failure. */
export function normalizingError({ name }: Plugin, { message }: Status): Status {
  return scoreError(name, `running Normalize on Score plugins: plugin "${name}" failed with: ${message}`);
}

/** A score is no integer in 0..100. What is no integer cannot come from upstream's plugins: it stops the run. */
export function invalidScore(plugin: string, score: number): Status {
  assertPlugin(Number.isInteger(score), plugin, `returns ${score}; ${scoreRule}`);
  const range = 'it should in the range of [0, 100] after normalizing';
  return scoreError(
    plugin,
    `applying score defaultWeights on Score plugins: plugin "${plugin}" returns an invalid score ${score}, ${range}`,
  );
}

const scoreRule = 'a score is an integer from 0 to 100, once normalizeScore has seen it';

function scoreError(plugin: string, message: string): Status {
  return new Status(Code.error, [message], plugin);
}
