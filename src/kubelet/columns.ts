/** Typed arrays that grow by a quarter, since what is left free of a column of a hundred thousand pods is memory for nothing. */

type Column =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** A copy with room for at least `length` entries; new ones hold `initial`. */
export function grown<T extends Column>(from: T, length: number, initial = 0): T {
  const capacity = Math.max(length, Math.ceil((from.length * 5) / 4));
  const to = new (from.constructor as new (length: number) => T)(capacity);
  to.set(from);
  if (initial !== 0) to.fill(initial, from.length);
  return to;
}
