/** Every code that a message can carry, with the text of `orrery explain-code`. Codes are never reused. */

/** A message's kind in a few words, and what to do about it. */
export interface CodeExplanation {
  readonly title: string;
  readonly explanation: string;
}

const table = {
  E001: [
    'file not found',
    'A path in the scenario, or the scenario itself, does not exist. Relative paths are taken from the folder of the file that names them. Where a name in that folder is near, the message says it.',
  ],
  E002: [
    'path outside the scenario folder',
    'Input files must lie in or below the folder of the scenario, links followed, so that a scenario can be copied as one folder and cannot read anything else. `--allow-outside` lifts this.',
  ],
  E003: ['file too large', 'YAML and JSON files may have at most 16 MiB. Split a larger dump by namespace or kind.'],
  E004: [
    'folder loop',
    'A folder contains itself through a link, or files include each other in a circle. Remove the link or the include.',
  ],
  E005: ['unreadable file', 'The file exists, but it cannot be read, is not a regular file, or is not UTF-8 text.'],
  E006: [
    'YAML syntax',
    'The text is not YAML (or JSON). YAML is read by the rules of version 1.1, as Kubernetes reads it.',
  ],
  E007: ['duplicate key', 'A key stands twice in one map. YAML forbids it, and one of the two values would be lost.'],
  E008: ['tab in the indentation', 'YAML is indented with spaces only. Replace each tab by spaces.'],
  E009: [
    'document too complex',
    'Documents may nest 64 levels deep and expand to a million values, aliases included; a value may not contain itself.',
  ],
  E010: [
    'not a scenario',
    'A scenario begins with `apiVersion: orrery.dev/v1alpha1` and `kind: Scenario`, an experiment with `kind: Experiment`, and is the only document of its file.',
  ],
  E011: ['missing field', 'A field that has no default is not there.'],
  E012: [
    'wrong type',
    'The value has another type than the field: a number where text is wanted, a list where a map is wanted.',
  ],
  E013: ['unusable value', 'The value has the right type but cannot be used here; the message says why.'],
  E014: [
    'unknown field',
    'The field does not exist. Unknown fields are errors in a scenario, because a misspelt one would be silently without effect.',
  ],
  E015: ['unknown choice', 'The field takes one of a fixed list of words, and this is none of them.'],
  E016: [
    'exactly one key',
    'The entry is named by its only key, for example `- nodeCrash: {...}`. It has none or several.',
  ],
  E017: ['out of range', 'The number is too small, too large, or not whole.'],
  E020: ['not a duration', 'Durations carry their unit: `250ms`, `10s`, `1m30s`, `2h`, `30d`. They are not negative.'],
  E021: ['not a quantity', 'Quantities are written as in Kubernetes: `500m`, `4`, `64Gi` (2^30), `64G` (10^9).'],
  E022: [
    'impossible distribution',
    'The parameters describe no distribution: a mean of zero, weights that sum to zero, a minimum above the maximum.',
  ],
  E023: [
    'bad selector',
    'A label selector has `matchLabels` and `matchExpressions` with legal keys, values and operators (In, NotIn, Exists, DoesNotExist).',
  ],
  E024: [
    'bad name',
    'Names of objects, labels and taints follow the rules of Kubernetes: lower case letters, digits and dashes.',
  ],
  E025: ['duplicate name', 'Two entries of the scenario have the same name.'],
  E026: [
    'object defined twice',
    'Two manifests describe the same object (kind, namespace and name). Which of the two is meant cannot be known.',
  ],
  E027: ['contradictory arguments', 'The arguments of an entry do not go together; the message says which.'],
  E028: ['nothing of that name', 'A node, a zone, a workload, a plugin or a controller is named that does not exist.'],
  E029: ['invalid manifest', 'The API server would refuse this object; the message is the one it would give.'],
  E030: ['unknown kind', 'The kind exists under another apiVersion, or is a misspelt one.'],
  E031: ['not supported', 'The feature is known and not modelled. It is refused by name rather than ignored.'],
  E032: [
    'unknown Kubernetes version',
    'The simulator reproduces the semantics of the versions listed in the message only.',
  ],
  E033: [
    'bad override',
    'An override is `path=value`; the path names fields with dots, list entries by position `[0]` or by name `[name=general]`.',
  ],
  E034: [
    'scheduler configuration',
    'The KubeSchedulerConfiguration would be refused by kube-scheduler, or names something that is not supported.',
  ],
  E035: [
    'plugin module',
    'A module of `scheduler.plugins` cannot be run, or exports no plugin. A plugin is exported as `export const mine = definePlugin({ name: "Mine", create: () => ({ ... }) })`, with definePlugin from `kube-orrery/plugin`.',
  ],
  E036: [
    'pattern without a match',
    'No file matches the pattern. `*` stands for any characters of one name, `**` for any number of folders.',
  ],
  E040: ['unknown metric', 'The summary of the run has no such metric. `orrery list metrics` prints all of them.'],
  E041: [
    'bound of the wrong unit',
    'Metrics of time are compared with durations (`6m`), all others with plain numbers.',
  ],
  E045: [
    'code from elsewhere',
    'Plugins are programs: they run with the rights of whoever starts the run. Those of a scenario in or below the working folder run; where the scenario, the file that it includes or the module lies elsewhere, links followed, `--allow-plugins` says that its code has been looked at.',
  ],
  E046: [
    'row of a trace',
    'A line of a trace has too few or too many cells, a cell that cannot be read, a name that stands there already, or names something that does not exist. No line is left out in silence: the trace is read as a whole or not at all.',
  ],
  E047: [
    'trace overlaps itself',
    'A target cannot be hit again before it has recovered. Join the two spans of the trace into one.',
  ],
  E048: [
    'trace of faults',
    'A trace is a CSV file with a header of `start`, `end` and `target`, in any order. Times are durations (`10m`) or seconds since the start of the run; an empty end means until the end of the run; lines that begin with # are left out.',
  ],
  E050: [
    'seeds overlap',
    'A seed of an experiment is named twice, by itself or within a range such as "42-51". Each seed is one world, which is run once for every combination of levels.',
  ],
  E051: [
    'no cells',
    'An experiment has at least one cell: every axis has levels, and `exclude` leaves something over. At most 100,000 cells are run.',
  ],
  W001: ['selector matches nothing', 'No object of the scenario matches, so the entry has no effect.'],
  W002: ['beyond the horizon', 'The entry begins when the run is already over, so it has no effect.'],
  W003: [
    'namespace created',
    'Objects are in a namespace that no manifest creates. It is created at the start, as if `kubectl create namespace` had been run.',
  ],
  W004: [
    'number read by the rules of YAML 1.1',
    'In YAML 1.1, which Kubernetes uses, a number with a leading zero is octal. Write it without the zero, or in quotes.',
  ],
  W005: [
    'field of a manifest has no effect',
    'The field is unknown to the simulator and is ignored. Other tools may know it.',
  ],
  W006: [
    'pod of a dump cannot be taken over',
    'A running pod of a dump names a node that is not there; it is left out.',
  ],
  W007: ['kind not modelled', 'Objects of this kind are stored and listed, but nothing acts on them.'],
  W008: [
    'left out of the initial state',
    'Objects that the control plane rebuilds by itself are not taken from a dump.',
  ],
  W009: [
    'pods of a workload will be refused',
    'The API server takes the workload and refuses each of its pods; the message is the one it would give.',
  ],
  W010: [
    'autoscaler without metrics',
    'A HorizontalPodAutoscaler scales by what pods use, and a manifest cannot say that. State `usage` in a behaviour, for example `behaviors: [{ name: web, usage: { cpu: { load: 2 } } }]`. Without it the autoscaler complains that it gets no metrics, as it does in a cluster without a metrics server.',
  ],
  W011: [
    'fault never ends',
    'The fault has no `duration`, no `repair` and no preset with one, so that it lasts until the end of the run; drawn by `interval`, it strikes each target once.',
  ],
  W012: ['fault without effect', 'The fault is carried out, but what it breaks is not part of the model.'],
  W013: [
    'faults overlap',
    'Two faults of one kind hit the same target at the same time. The second changes nothing while the first holds, and the last one to end restores the target.',
  ],
  W014: [
    'fault of more targets than match',
    'The number of nodes or pods to hit is larger than that of those that match, so that each of them is hit.',
  ],
  W015: [
    'resource of no node',
    'Pods ask for a resource that no node has, so that kube-scheduler finds no node for them. Node pools have cpu, memory, pods and what else their `capacity` names, for example `ephemeral-storage: 100Gi`.',
  ],
  W016: ['file without objects', 'The file is empty, or has nothing but comments.'],
  W017: [
    'pods of a node that does not exist',
    'The manifest names a node in `nodeName`, so that no scheduler is asked. No kubelet will ever see the pods, and the control plane removes them.',
  ],
  W050: [
    'levels without a difference',
    'Two cells of an experiment that differ in their levels are the same run to the last byte: a level sets what is there anyway. They are run once.',
  ],
} as const satisfies Record<string, readonly [string, string]>;

/** A code such as E014 (error) or W007 (warning). */
export type DiagnosticCode = keyof typeof table;

/** All codes in order. */
export const diagnosticCodes: ReadonlyMap<string, CodeExplanation> = new Map(
  Object.entries(table).map(([code, [title, explanation]]) => [code, { title, explanation }]),
);
