/** Line and column of the topmost call in a file, 0 = none. Sucrase keeps lines as they are, so that a place in the code run is a place in the file. */
export function placeInStack(error: unknown, path: string): readonly [line: number, column: number] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`${path}:`);
  const match = at < 0 ? null : /^(\d+)(?::(\d+))?/.exec(stack.slice(at + path.length + 1));
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
}
