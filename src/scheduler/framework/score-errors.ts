/** What goes wrong at the Score stage, in upstream's words. */
import type { Plugin } from './interface.ts';
import { Code, Status } from './status.ts';

/** A score was a failure. */
export function runningError({ name }: Plugin, { message }: Status): Status {
  return scoreError(name, `running Score plugins: plugin "${name}" failed with: ${message}`);
}

/** Normalizing was a failure. */
export function normalizingError({ name }: Plugin, { message }: Status): Status {
  return scoreError(name, `running Normalize on Score plugins: plugin "${name}" failed with: ${message}`);
}

/** A score is no integer in 0..100. */
export function invalidScore(plugin: string, score: number): Status {
  const range = 'it should in the range of [0, 100] after normalizing';
  return scoreError(
    plugin,
    `applying score defaultWeights on Score plugins: plugin "${plugin}" returns an invalid score ${score}, ${range}`,
  );
}

function scoreError(plugin: string, message: string): Status {
  return new Status(Code.error, [message], plugin);
}
