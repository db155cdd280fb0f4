/** The suites of `npm run conformance`. */
import { scheduler } from './scheduler.ts';
import type { ConformanceSuite } from './suite.ts';

export const suites: readonly ConformanceSuite[] = [scheduler];
