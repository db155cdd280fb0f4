// Holds the repository to the house rules. What each rule means and catches: src/testing/tidy.test.ts.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSources } from './testing/source-file.ts';
import { tidyRules } from './testing/tidy.ts';

const root = join(import.meta.dirname, '..');

function readTree(folder: string): [string, string][] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return readTree(path);
    return path.endsWith('.ts') ? [[path, readFileSync(join(root, path), 'utf8')]] : [];
  });
}

describe('the repository', () => {
  const files = parseSources(new Map([...readTree('src'), ...readTree('bench'), ...readTree('conformance')]));

  test.each(Object.entries(tidyRules))('keeps the rule %s', (_, rule) => {
    const found = rule(files).map(({ file, line, message }) => `${file}:${line}: ${message}`);
    expect(found).toEqual([]);
  });
});
