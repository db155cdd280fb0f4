/** The schema of a selector of pods: a label selector, and what Chaos Mesh adds to it. */
import { z } from 'zod';
import { checked, expecting } from './checked.ts';
import * as messages from '../messages.ts';
import { expectingSelector, list, requirements, selectorLabels, someText } from './units.ts';

const names = list(someText);

/** A selector of pods. */
export const podSelector = checked(
  z.strictObject(
    {
      matchLabels: selectorLabels.optional(),
      matchExpressions: requirements.optional(),
      labelSelectors: selectorLabels.optional().describe('as matchLabels'),
      expressionSelectors: requirements.optional().describe('as matchExpressions'),
      namespaces: names.optional(),
      nodes: names.optional().describe('names of the nodes on which the pods are'),
      pods: z.record(z.string(), names, expecting('a map of lists')).optional().describe('names of pods by namespace'),
    },
    expectingSelector,
  ),
  (value) => {
    if (value.matchLabels !== undefined && value.labelSelectors !== undefined)
      return messages.badSelector('matchLabels and labelSelectors are the same; write one of them');
    if (value.matchExpressions !== undefined && value.expressionSelectors !== undefined)
      return messages.badSelector('matchExpressions and expressionSelectors are the same; write one of them');
    return undefined;
  },
).describe('Selector of pods: matchLabels and matchExpressions, or in the words of Chaos Mesh');
