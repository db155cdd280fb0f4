/** Names of files, each with the hash of what must be equal. */
export type Tree = ReadonlyMap<string, string>;

/** Where two trees differ: missing, added or changed files, by name. Empty if they are equal. */
export function differences(expected: Tree, actual: Tree): string[] {
  const names = [...new Set([...expected.keys(), ...actual.keys()])].sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((name) => {
    if (!actual.has(name)) return [`${name} is missing`];
    if (!expected.has(name)) return [`${name} is new`];
    return expected.get(name) === actual.get(name) ? [] : [`${name} differs`];
  });
}
