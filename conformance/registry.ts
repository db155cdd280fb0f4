/** The suites of `npm run conformance`. */
import { kubelet } from './kubelet.ts';
import { scheduler } from './scheduler.ts';
import type { ConformanceSuite } from './suite.ts';
import { timelines } from './timelines.ts';

export const suites: readonly ConformanceSuite[] = [scheduler, kubelet, timelines];
