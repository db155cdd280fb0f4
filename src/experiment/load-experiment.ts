/** From an experiment file to an experiment: read, checked, resolved. The scenarios of its cells are not loaded here. */
import type { Diagnostic } from '../scenario/diagnostics.ts';
import { DiagnosticList } from '../scenario/diagnostics.ts';
import type { FieldPath } from '../scenario/field-path.ts';
import type { FileReader } from '../scenario/file-reader.ts';
import { InputTexts } from '../scenario/input-texts.ts';
import * as messages from '../scenario/messages.ts';
import { rootDocument } from '../scenario/root-document.ts';
import { schemaFindings } from '../scenario/schema-issues.ts';
import type { ExperimentInput } from '../scenario/schema/experiment-schema.ts';
import { experimentSchema } from '../scenario/schema/experiment-schema.ts';
import type { SourceDocument } from '../scenario/yaml-source.ts';
import type { Experiment, ExperimentAxis, ExperimentOutputs } from './experiment.ts';
import { combinations } from './experiment.ts';
import type { ExperimentContext } from './experiment-context.ts';
import { reportAt } from './experiment-context.ts';
import { knownTables } from './known-tables.ts';
import { resolveCharts } from './resolve-charts.ts';
import { resolveAxes } from './resolve-axes.ts';
import { resolveWorlds } from './resolve-worlds.ts';

/** An experiment, or why there is none. */
export interface LoadedExperiment {
  /** Undefined where there are errors. */
  readonly experiment: Experiment | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads the experiment at a path. Every mistake in the file is a diagnostic; nothing throws. */
export function loadExperiment(
  path: string,
  { reader, allowOutside }: { readonly reader: FileReader; readonly allowOutside: boolean },
): LoadedExperiment {
  const diagnostics = new DiagnosticList();
  const texts = new InputTexts({ reader, diagnostics, scenarioPath: path, allowOutside });
  const found = texts.findRoot(path);
  const document = found === undefined ? undefined : rootDocument(texts, found, texts.rootMention(path), 'Experiment');
  const isSound = document !== undefined && isSoundInput(document, diagnostics);
  const experiment = isSound ? resolve({ texts, document }, path) : undefined;
  return {
    experiment: diagnostics.hasErrors ? undefined : experiment,
    diagnostics: [...diagnostics.errors, ...diagnostics.warnings],
  };
}

function isSoundInput(document: SourceDocument, diagnostics: DiagnosticList): boolean {
  const outcome = experimentSchema.safeParse(document.raw);
  if (outcome.success) return true;
  for (const { finding, path, part } of schemaFindings(experimentSchema, document.raw, outcome.error.issues))
    diagnostics.add(finding, document.locate(path, part), path);
  return false;
}

function resolve(context: ExperimentContext, file: string): Experiment {
  const { metadata, spec } = context.document.raw as ExperimentInput;
  const axes = resolveAxes(spec.axes ?? [], context);
  // Of two axes with one name the first counts: the second is a mistake that was told.
  const named = new Map(axes.toReversed().map(({ name, levels }) => [name, new Set(levels.map(({ label }) => label))]));
  const baseline = new Map(Object.entries(spec.baseline ?? {}).map(([axis, label]) => [axis, String(label)] as const));
  for (const [axis, label] of baseline) checkLevel(context, named, ['spec', 'baseline', axis], [label]);
  const exclude = (spec.exclude ?? []).map((entry, index) => {
    const sets = new Map<string, ReadonlySet<string>>();
    for (const [axis, value] of Object.entries(entry)) {
      const labels = (Array.isArray(value) ? value : [value]).map(String);
      checkLevel(context, named, ['spec', 'exclude', index, axis], labels);
      sets.set(axis, new Set(labels));
    }
    return sets;
  });
  refuseTooMany(axes, context);
  refuseAllExcluded({ axes, exclude }, context);
  return {
    name: metadata.name,
    description: spec.description ?? '',
    file,
    scenario: scenarioOf(spec, context),
    axes,
    axesPlace: context.document.locate(['spec', 'axes'], 'key'),
    worlds: resolveWorlds(spec, context),
    baseline: axes.map(({ name, levels }) => baseline.get(name) ?? levels[0]?.label ?? ''),
    exclude,
    outputs: outputsOf(spec, context),
    charts: resolveCharts(spec, axes, context),
  };
}

/** Combinations of levels that are counted out one by one, the excluded ones too. */
const combinationsMax = 10_000_000;

function refuseTooMany(axes: readonly ExperimentAxis[], context: ExperimentContext): void {
  const amount = axes.reduce((product, { levels }) => product * levels.length, 1);
  if (amount <= combinationsMax) return;
  const message = `the axes have ${amount} combinations of levels, and at most ${combinationsMax} can be looked through`;
  reportAt(context, messages.noCells(message), ['spec', 'axes'], 'key');
}

/** Some combination of sound axes must be left to run. */
function refuseAllExcluded(experiment: Pick<Experiment, 'axes' | 'exclude'>, context: ExperimentContext): void {
  if (context.texts.diagnostics.hasErrors || combinations(experiment).next().done !== true) return;
  reportAt(context, messages.noCells('every combination of levels is excluded'), ['spec', 'exclude'], 'key');
}

/** Reports axes and levels that do not exist. */
function checkLevel(
  context: ExperimentContext,
  axes: ReadonlyMap<string, ReadonlySet<string>>,
  field: FieldPath,
  labels: readonly string[],
): void {
  const name = String(field.at(-1));
  const known = axes.get(name);
  if (known === undefined) {
    reportAt(context, messages.noSuch('axis', name, [...axes.keys()]), field, 'key');
    return;
  }
  for (const label of labels)
    if (!known.has(label)) reportAt(context, messages.noSuch(`level of ${name}`, label, [...known]), field);
}

function scenarioOf({ scenario, axes = [] }: ExperimentInput['spec'], context: ExperimentContext): string | undefined {
  if (scenario === undefined) {
    const isAlwaysNamed = axes.some(
      ({ levels = [] }) => levels.length > 0 && levels.every((level) => level.scenario !== undefined),
    );
    if (!isAlwaysNamed) reportAt(context, messages.missingField('scenario'), ['spec'], 'key');
    return undefined;
  }
  const { texts, document } = context;
  const field = ['spec', 'scenario'];
  return texts.find({ text: scenario, file: document.file, place: document.locate(field), field })?.file;
}

function outputsOf({ outputs = {} }: ExperimentInput['spec'], context: ExperimentContext): ExperimentOutputs {
  const { tables = [], cells = 'full', charts = false, report = false } = outputs;
  const known = knownTables();
  for (const [index, name] of tables.entries()) {
    const field = ['spec', 'outputs', 'tables', index];
    if (tables.indexOf(name) < index)
      reportAt(context, messages.unusable(`the table "${name}" is named a second time`), field);
    else if (!known.includes(name)) reportAt(context, messages.noSuch('table', name, known), field);
  }
  return { tables, cells, charts, report };
}
