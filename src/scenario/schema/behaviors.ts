/** The schema of `behaviors`: how pods behave where a manifest cannot say. */
import { z } from 'zod';
import { expecting } from './checked.ts';
import { distribution } from './distribution.ts';
import { duration, flag, integer, labelName, list, quantity, selector, someText, text } from './units.ts';
import { usage } from './usage.ts';

const exitCode = integer(0, 255);
const map = expecting('a map');

const run = z.strictObject(
  {
    exit: z
      .strictObject({ after: distribution, code: exitCode.optional(), reason: someText.optional() }, map)
      .optional()
      .describe('How the container ends by itself; absent: it runs for ever'),
    startError: someText.optional().describe('The runtime cannot start the container, with this error'),
    stop: z
      .strictObject({ after: distribution.optional(), code: exitCode.optional(), ignored: flag.optional() }, map)
      .optional()
      .describe('The answer to SIGTERM'),
  },
  expecting('a run'),
);

const answer = z.strictObject(
  {
    command: someText.describe('First word of the command of a probe or hook'),
    from: duration.optional().describe('Age of the container from which the answer holds'),
    code: exitCode.optional().describe('0, the default, is success'),
    took: duration.optional(),
    run: integer(0).optional().describe('Only in this run, counted from 0'),
  },
  expecting('an answer'),
);

const container = z.strictObject(
  {
    name: someText.describe('Name of the container; * and ? as in a shell'),
    create: z.strictObject({ duration: distribution }, map).optional(),
    start: z.strictObject({ duration: distribution }, map).optional(),
    runs: list(run).optional().describe('By run; the last one holds for all later ones'),
    answers: list(answer).optional().describe('The last answer that fits holds; without one: success at once'),
    memory: quantity.optional().describe('Working set while it runs'),
    disk: quantity.optional().describe('Writable layer and logs from its first start on'),
  },
  expecting('a container'),
);

const behavior = z.strictObject(
  {
    selector: selector.optional(),
    namespace: labelName.optional(),
    kind: someText.optional().describe('Kind of the controlling owner, or Pod'),
    name: someText.optional().describe('Name of the pod or of its workload; * and ? as in a shell'),
    runDuration: distribution.optional().describe('Containers end by themselves after this time'),
    exitCode: exitCode.optional(),
    ready: z.strictObject({ after: distribution }, map).optional(),
    start: z.strictObject({ duration: distribution }, map).optional(),
    crash: z.strictObject({ interval: distribution, exitCode: exitCode.optional() }, map).optional(),
    stop: z.strictObject({ after: distribution }, map).optional(),
    failAfterRestarts: integer(0)
      .optional()
      .describe('Departure from Kubernetes: the pod fails after so many restarts'),
    usage: usage.optional(),
    containers: list(container).optional().describe('What single containers do, run by run'),
    sandbox: z
      .strictObject({ duration: distribution.optional(), failures: integer(0).optional() }, map)
      .optional()
      .describe('The sandbox of the pod: its time, and how often it fails first'),
    missingObjects: list(text).optional().describe('ConfigMaps and Secrets that do not exist; * and ? as in a shell'),
  },
  expecting('a behaviour'),
);

/** `spec.behaviors`. */
export const behaviors = list(behavior).describe('How pods behave where a manifest cannot say');
