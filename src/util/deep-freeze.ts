/** Freezes an object and all below it; what Maps and Sets hold cannot be frozen and is left. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value as Readonly<Record<string, unknown>>)) deepFreeze(part);
  return value;
}
