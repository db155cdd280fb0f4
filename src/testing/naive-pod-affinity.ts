/**
 * Pod affinity and anti-affinity a second time, as sets of pods and nodes, written from the documentation: slow, and sharing
 * nothing with the plugin. Pods, nodes and terms are as in manifests.
 */

/** Key, operator and values of a selector's expression. */
export interface NaiveExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** A label selector; absent parts ask for nothing. */
export interface NaiveSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly NaiveExpression[];
}

/** A term of pod (anti-)affinity. */
export interface NaiveTerm {
  readonly topologyKey: string;
  readonly labelSelector?: NaiveSelector | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceSelector?: NaiveSelector | undefined;
}

/** A preferred term; weight 1..100. */
export interface NaivePreference {
  readonly weight: number;
  readonly podAffinityTerm: NaiveTerm;
}

/** What a pod asks of other pods. */
export interface NaivePod {
  readonly namespace: string;
  readonly labels: NaiveLabels;
  readonly affinity: readonly NaiveTerm[];
  readonly antiAffinity: readonly NaiveTerm[];
  readonly likes: readonly NaivePreference[];
  readonly dislikes: readonly NaivePreference[];
}

type NaiveLabels = Readonly<Record<string, string>>;

/** A pod on a node; `node` is the labels of that node. */
export interface NaivePlacedPod extends NaivePod {
  readonly node: NaiveLabels;
}

/** Namespaces that are known, by name, with their labels. */
export type NaiveNamespaces = ReadonlyMap<string, NaiveLabels>;

function isSelected(selector: NaiveSelector | undefined, labels: NaiveLabels): boolean {
  if (selector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      const isAmong = value !== undefined && values.includes(value);
      return operator === 'In' ? isAmong : !isAmong;
    })
  );
}

/**
 * Whether `owner`'s term means `other`. The listed namespaces and the selected ones count; without either, the owner's.
 *
 * @param labelsOf labels of a namespace; undefined = it cannot be selected by its labels.
 */
function isMeant(
  owner: NaivePod,
  term: NaiveTerm,
  other: NaivePod,
  labelsOf: (namespace: string) => NaiveLabels | undefined,
): boolean {
  const { namespaces = [], namespaceSelector } = term;
  const { namespace } = other;
  const isOwn = namespaces.length === 0 && namespaceSelector === undefined && namespace === owner.namespace;
  const isEverywhere = namespaceSelector !== undefined && JSON.stringify(namespaceSelector) === '{}';
  const known = labelsOf(namespace);
  const isSelectedNamespace = known !== undefined && isSelected(namespaceSelector, known);
  const isIn = isOwn || isEverywhere || namespaces.includes(namespace) || isSelectedNamespace;
  return isIn && isSelected(term.labelSelector, other.labels);
}

/** Whether two nodes have the key with one and the same value. */
function isSameDomain(key: string, a: NaiveLabels, b: NaiveLabels): boolean {
  return a[key] !== undefined && a[key] === b[key];
}

/** The pods, nodes and namespaces of one moment, and what they mean for a pod that comes. */
export class NaivePodAffinity {
  private readonly placed: readonly NaivePlacedPod[];
  private readonly namespaces: NaiveNamespaces;

  constructor(placed: readonly NaivePlacedPod[], namespaces: NaiveNamespaces) {
    this.placed = placed;
    this.namespaces = namespaces;
  }

  /** What the plugin's filter says of a node: the first of its three rules that refuses. */
  verdict(pod: NaivePod, node: NaiveLabels): string {
    if (!this.hasCompany(pod, node)) return "UnschedulableAndUnresolvable: node(s) didn't match pod affinity rules";
    if (pod.antiAffinity.some((term) => this.neighbours(pod, term, node).length > 0)) {
      return "Unschedulable: node(s) didn't match pod anti-affinity rules";
    }
    const isUnwelcome = this.placed.some((other) =>
      other.antiAffinity.some(
        (term) => this.minds(other, term, pod) && isSameDomain(term.topologyKey, other.node, node),
      ),
    );
    return isUnwelcome ? "Unschedulable: node(s) didn't satisfy existing pods anti-affinity rules" : 'ok';
  }

  /** The plugin's score of a node before normalizing. */
  score(pod: NaivePod, node: NaiveLabels, hardWeight: number): number {
    let score = 0;
    for (const { weight, podAffinityTerm: term } of pod.likes)
      score += weight * this.neighbours(pod, term, node).length;
    for (const { weight, podAffinityTerm: term } of pod.dislikes) {
      score -= weight * this.neighbours(pod, term, node).length;
    }
    for (const other of this.placed) {
      const worth = (term: NaiveTerm, weight: number): number =>
        this.minds(other, term, pod) && isSameDomain(term.topologyKey, other.node, node) ? weight : 0;
      for (const term of other.affinity) score += worth(term, hardWeight);
      for (const { weight, podAffinityTerm } of other.likes) score += worth(podAffinityTerm, weight);
      for (const { weight, podAffinityTerm } of other.dislikes) score -= worth(podAffinityTerm, weight);
    }
    return score;
  }

  /** Every term finds, in the node's domain, a pod that all terms mean; or the pod is the first of its kind. */
  private hasCompany(pod: NaivePod, node: NaiveLabels): boolean {
    const terms = pod.affinity;
    if (!terms.every(({ topologyKey }) => node[topologyKey] !== undefined)) return false;
    const company = this.placed.filter((other) => terms.every((term) => this.wants(pod, term, other)));
    const isMet = terms.every(({ topologyKey }) =>
      company.some((other) => isSameDomain(topologyKey, other.node, node)),
    );
    const isAnywhere = company.some((other) => terms.some(({ topologyKey }) => other.node[topologyKey] !== undefined));
    return isMet || (!isAnywhere && terms.every((term) => this.wants(pod, term, pod)));
  }

  private neighbours(pod: NaivePod, term: NaiveTerm, node: NaiveLabels): readonly NaivePlacedPod[] {
    return this.placed.filter(
      (other) => this.wants(pod, term, other) && isSameDomain(term.topologyKey, other.node, node),
    );
  }

  /** Whether the coming pod's term means another pod: a namespace that is not known has no labels to be selected by. */
  private wants(pod: NaivePod, term: NaiveTerm, other: NaivePod): boolean {
    return isMeant(pod, term, other, (namespace) => this.namespaces.get(namespace));
  }

  /** Whether a placed pod's term means the coming one: a namespace that is not known counts as one without labels. */
  private minds(placed: NaivePod, term: NaiveTerm, pod: NaivePod): boolean {
    return isMeant(placed, term, pod, (namespace) => this.namespaces.get(namespace) ?? {});
  }
}
