import { runDurationAnnotation } from '../api/annotations.ts';
import type { Pod } from '../api/core-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { parseDuration } from '../engine/time.ts';

/** How long the main containers of a pod run by its own word, microseconds; undefined where it says nothing that can be read. */
export function statedRunDuration({ metadata }: Pod): number | undefined {
  const text = labelValue(metadata.annotations, runDurationAnnotation);
  return text === undefined ? undefined : parseDuration(text);
}
