/** Node selectors (upstream `component-helpers/scheduling/corev1/nodeaffinity`). */
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from './core-v1.ts';
import type { Labels } from './meta-v1.ts';
import { labelValue } from './meta-v1.ts';
import { matchesLabels, sortedLabels } from './labels.ts';
import { isLabelKey, isLabelValue } from './names.ts';

const int64Max = 9223372036854775807n;

/** Whether any of the terms matches the node; no terms match no node. */
export function matchesNodeSelectorTerms(node: Node, terms: readonly NodeSelectorTerm[]): boolean {
  return compileNodeSelectorTerms(terms)(node);
}

/**
 * Checks the terms once and gives the test for many nodes. Of a term all expressions and fields have to match. A term with neither
 * matches nothing, and so does one that upstream cannot parse: see `nodeSelectorTermProblem`.
 */
export function compileNodeSelectorTerms(terms: readonly NodeSelectorTerm[]): (node: Node) => boolean {
  const usable = terms.filter(isUsable);
  return (node) => {
    for (const term of usable) if (matchesAll(node, term)) return true;
    return false;
  };
}

/**
 * The same test for volumes, which know a node by its labels only: expressions count, `matchFields` are passed over (upstream
 * `CheckNodeAffinity` matches against a node without a name).
 */
export function compileTopologyTerms(terms: readonly NodeSelectorTerm[]): (labels: Labels) => boolean {
  const usable = terms.filter(isUsable);
  return (labels) =>
    usable.some(({ matchExpressions }) =>
      matchExpressions.every((entry) => matchesRequirement(entry, labelValue(labels, entry.key))),
    );
}

function isUsable(term: NodeSelectorTerm): boolean {
  if (term.matchExpressions.length === 0 && term.matchFields.length === 0) return false;
  return nodeSelectorTermProblem(term) === undefined;
}

function matchesAll(node: Node, term: NodeSelectorTerm): boolean {
  for (const requirement of term.matchExpressions) {
    if (!matchesRequirement(requirement, labelValue(node.metadata.labels, requirement.key))) return false;
  }
  for (const requirement of term.matchFields) {
    if (!matchesRequirement(requirement, node.metadata.name)) return false;
  }
  return true;
}

/** Whether the node satisfies the pod's nodeSelector and required node affinity, both. */
export function matchesRequiredNodeAffinity(node: Node, spec: PodSpec): boolean {
  if (!matchesLabels(spec.nodeSelector, node.metadata.labels)) return false;
  const required = spec.affinity?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelectorTerms(node, required);
}

/**
 * The test of a pod's nodeSelector and required node affinity for many nodes; undefined where the pod has neither (upstream
 * `nodeaffinity.GetRequiredNodeAffinity`).
 */
export function compileRequiredNodeAffinity(spec: PodSpec): ((node: Node) => boolean) | undefined {
  const { nodeSelector } = spec;
  const required = spec.affinity?.nodeAffinity?.required;
  const hasSelector = sortedLabels(nodeSelector).length > 0;
  if (required === undefined) {
    return hasSelector ? ({ metadata }) => matchesLabels(nodeSelector, metadata.labels) : undefined;
  }
  const matchesTerms = compileNodeSelectorTerms(required);
  return (node) => matchesLabels(nodeSelector, node.metadata.labels) && matchesTerms(node);
}

/** Whether a label with this value (undefined: absent) satisfies the requirement. */
export function matchesRequirement(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return compares(requirement, value);
  }
}

function compares(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const actual = parseInt64(value ?? '');
  const bound = parseInt64(requirement.values[0] ?? '');
  if (actual === undefined || bound === undefined) return false;
  return requirement.operator === 'Gt' ? actual > bound : actual < bound;
}

/** An integer as Go's `strconv.ParseInt(text, 10, 64)` reads it: a sign and leading zeros are fine. */
function parseInt64(text: string): bigint | undefined {
  const digits = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text;
  if (digits.length === 0 || digits.length > 64) return undefined;
  for (const character of digits) if (character < '0' || character > '9') return undefined;
  const value = text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
  return value > int64Max || value < -int64Max - 1n ? undefined : value;
}

/**
 * Why upstream cannot parse the term, or undefined. Required terms with a problem match nothing; a preferred one makes
 * the scheduling cycle fail.
 */
export function nodeSelectorTermProblem(term: NodeSelectorTerm): string | undefined {
  for (const requirement of term.matchExpressions) {
    const problem = expressionProblem(requirement);
    if (problem !== undefined) return problem;
  }
  for (const requirement of term.matchFields) {
    const problem = fieldProblem(requirement);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function expressionProblem({ key, operator, values }: NodeSelectorRequirement): string | undefined {
  if (!isLabelKey(key)) return `key: Invalid value: ${JSON.stringify(key)}`;
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) return 'values: Invalid value: values set must be empty for exists and does not exist';
  } else if (values.length !== 1) {
    return "values: Invalid value: for 'Gt', 'Lt' operators, exactly one value is required";
  } else if (parseInt64(values[0]!) === undefined) {
    return "values[0]: Invalid value: for 'Gt', 'Lt' operators, the value must be an integer";
  }
  const bad = values.find((value) => !isLabelValue(value));
  return bad === undefined ? undefined : `values: Invalid value: ${JSON.stringify(bad)}`;
}

function fieldProblem({ key, operator, values }: NodeSelectorRequirement): string | undefined {
  if (key !== 'metadata.name') return `key: Invalid value: ${JSON.stringify(key)}: not a valid field selector key`;
  if (operator !== 'In' && operator !== 'NotIn') return `operator: Unsupported value: ${JSON.stringify(operator)}`;
  return values.length === 1 ? undefined : 'values: Required value: must have one element';
}
