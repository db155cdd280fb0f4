import { parseSources } from './source-file.ts';
import { cycleViolations, deadFileViolations, registryViolations } from './tidy-graph.ts';
import { builtinViolations, layerViolations } from './tidy-layers.ts';
import { docstringViolations, lengthViolations, moduleStateViolations, throwViolations } from './tidy-shape.ts';
import { wordViolations } from './tidy-words.ts';
import type { SourceFile, Violation } from './source-file.ts';

/** The house rules that need more than one line of a file to judge. Each is a pure function of the sources. */
export const tidyRules = {
  layers: layerViolations,
  'node-builtins': builtinViolations,
  cycles: cycleViolations,
  'dead-files': deadFileViolations,
  registry: registryViolations,
  words: wordViolations,
  length: lengthViolations,
  throw: throwViolations,
  'module-state': moduleStateViolations,
  docstrings: docstringViolations,
} satisfies Record<string, (files: readonly SourceFile[]) => Violation[]>;

/** The name of a house rule. */
export type TidyRule = keyof typeof tidyRules;

/** All breaches in a tree given as path and text, each as 'file:line: [rule] message'. */
export function tidyReport(texts: ReadonlyMap<string, string>, only?: TidyRule): string[] {
  const files = parseSources(texts);
  const rules = (Object.keys(tidyRules) as TidyRule[]).filter((rule) => only === undefined || rule === only);
  return rules.flatMap((rule) => tidyRules[rule](files).map(format));
}

function format({ file, line, rule, message }: Violation): string {
  return `${file}:${line}: [${rule}] ${message}`;
}
