/** How much may be written on an object (upstream apimachinery pkg/api/validation/objectmeta.go ValidateAnnotationsSize). */
import { sortedLabels } from './labels.ts';
import type { Labels } from './meta-v1.ts';

/** TotalAnnotationSizeLimitB: bytes of all keys and values together. */
export const annotationBytesMax = 256 * 1024;

/** Of a UTF-16 unit, at most so many bytes of UTF-8. */
const bytesOfUnitMax = 3;

/** Whether annotations are larger than an object may carry. */
export function areTooLong(annotations: Labels): boolean {
  let units = 0;
  for (const [key, value] of sortedLabels(annotations)) units += key.length + value.length;
  if (units * bytesOfUnitMax <= annotationBytesMax) return false;
  const encoder = new TextEncoder();
  let bytes = 0;
  for (const [key, value] of sortedLabels(annotations)) bytes += encoder.encode(key + value).length;
  return bytes > annotationBytesMax;
}
