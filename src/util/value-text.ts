/** A value and all that it holds as text, Maps and Sets included, so that two moments can be compared. */
export function textOfValue(value: unknown): string {
  const known = new Set<object>();
  const write = (part: unknown): string => {
    if (typeof part === 'function') return 'function';
    if (typeof part !== 'object' || part === null)
      return typeof part === 'string' ? JSON.stringify(part) : String(part);
    if (known.has(part)) return 'known';
    known.add(part);
    if (part instanceof Map) return `Map(${[...part].map(([key, held]) => `${write(key)}=${write(held)}`).join()})`;
    if (part instanceof Set) return `Set(${[...part].map(write).join()})`;
    return `{${Object.entries(part)
      .map(([key, held]) => `${key}:${write(held)}`)
      .join()}}`;
  };
  return write(value);
}
