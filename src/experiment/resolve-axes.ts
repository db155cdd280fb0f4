/** Axes as written, to levels with their files found and their labels apart. */
import type { FieldPath } from '../scenario/field-path.ts';
import { parseOverridePath } from '../scenario/field-path.ts';
import * as messages from '../scenario/messages.ts';
import type { ExperimentInput } from '../scenario/schema/experiment-schema.ts';
import type { ExperimentAxis, Level, LevelOverride } from './experiment.ts';
import type { ExperimentContext } from './experiment-context.ts';
import { reportAt } from './experiment-context.ts';

type AxisInput = NonNullable<ExperimentInput['spec']['axes']>[number];
type LevelInput = NonNullable<AxisInput['levels']>[number];

/** Most levels of one axis. */
const levelsMax = 100_000;

/** See above; what is wrong is reported. */
export function resolveAxes(inputs: readonly AxisInput[], context: ExperimentContext): readonly ExperimentAxis[] {
  const axes = inputs.map((input, index) => resolveAxis(input, ['spec', 'axes', index], context));
  refuseSame(
    axes.map(({ name }) => name),
    'axis',
    (index) => ['spec', 'axes', index, 'name'],
    context,
  );
  refuseTwoScenarios(axes, context);
  return axes;
}

function resolveAxis(input: AxisInput, field: FieldPath, context: ExperimentContext): ExperimentAxis {
  const { name, path } = input;
  const list = input.levels === undefined ? 'values' : 'levels';
  const amount = (input.levels ?? input.values ?? []).length;
  if (amount === 0 || amount > levelsMax) {
    const why = amount === 0 ? `the axis "${name}" has no levels` : `an axis has at most ${levelsMax} levels`;
    reportAt(context, messages.noCells(why), [...field, list]);
    return { name, levels: [] };
  }
  const levels =
    input.levels === undefined
      ? input.values!.map((value, index) => valueLevel(path!, value, field, index, context))
      : input.levels.map((level, index) => resolveLevel(level, [...field, 'levels', index], context));
  refuseSame(
    levels.map(({ label }) => label),
    `level of ${name}`,
    (index) => [...field, list, index, ...(list === 'levels' ? ['label'] : [])],
    context,
  );
  return { name, levels };
}

/** A plain value of one path is its own label. */
function valueLevel(path: string, value: unknown, field: FieldPath, index: number, context: ExperimentContext): Level {
  const valueField = [...field, 'values', index];
  if (typeof value === 'object' && value !== null) reportAt(context, messages.levelWithoutLabel(value), valueField);
  checkPath(path, [...field, 'path'], context);
  const place = (at: FieldPath) => context.document.locate(at);
  const override = { path, value, isFile: false, pathPlace: place([...field, 'path']), valuePlace: place(valueField) };
  return { label: String(value), place: override.valuePlace, scenario: undefined, overrides: [override] };
}

function resolveLevel(input: LevelInput, field: FieldPath, context: ExperimentContext): Level {
  const { texts, document } = context;
  const mention = (text: string, at: FieldPath) => ({
    text,
    file: document.file,
    place: document.locate(at),
    field: at,
  });
  const scenario =
    input.scenario === undefined ? undefined : texts.find(mention(input.scenario, [...field, 'scenario']))?.file;
  const fileAt = (text: string, at: FieldPath): string => texts.find(mention(text, at))?.file ?? text;
  const overrides = (input.overrides ?? []).map(({ path, value }, index): LevelOverride => {
    const at = [...field, 'overrides', index];
    if (value === undefined) reportAt(context, messages.missingField('value'), at);
    checkPath(path, [...at, 'path'], context);
    return {
      path,
      value,
      isFile: false,
      pathPlace: document.locate([...at, 'path']),
      valuePlace: document.locate([...at, 'value']),
    };
  });
  return {
    label: String(input.label),
    place: document.locate([...field, 'label']),
    scenario,
    overrides: [...schedulerOverrides(input, field, context, fileAt), ...overrides],
  };
}

/** `scheduler` of a level as overrides; its files are found from here. */
function schedulerOverrides(
  { scheduler = {} }: LevelInput,
  field: FieldPath,
  { document }: ExperimentContext,
  fileAt: (text: string, at: FieldPath) => string,
): readonly LevelOverride[] {
  return Object.entries(scheduler)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const at = [...field, 'scheduler', key];
      const isFile = key === 'config' || key === 'plugins';
      const files = Array.isArray(value) ? value.map((text, index) => fileAt(text, [...at, index])) : undefined;
      return {
        path: `spec.scheduler.${key}`,
        value: !isFile ? value : (files ?? fileAt(String(value), at)),
        isFile,
        pathPlace: document.locate(at, 'key'),
        valuePlace: document.locate(at),
      };
    });
}

/** A path must be one; where it leads to is seen with a scenario. Levels must not differ in their random worlds. */
function checkPath(path: string, field: FieldPath, context: ExperimentContext): void {
  const steps = parseOverridePath(path);
  if (steps === undefined) return reportAt(context, messages.unreadablePath(path), field);
  const [root, name] = steps;
  if (steps.length !== 2 || root !== 'spec' || (name !== 'seed' && name !== 'replication')) return;
  const instead =
    'worlds are no levels: state seeds or replications of the experiment, so that all levels meet the same';
  reportAt(context, messages.badOverride(path, instead), field);
}

/** Only one axis may choose the scenario. */
function refuseTwoScenarios(axes: readonly ExperimentAxis[], context: ExperimentContext): void {
  const choosing = axes.flatMap(({ name, levels }, index) =>
    levels.some(({ scenario }) => scenario !== undefined) ? [{ name, index }] : [],
  );
  for (const { name, index } of choosing.slice(1))
    reportAt(
      context,
      messages.contradiction(`the axes "${choosing[0]!.name}" and "${name}" both choose the scenario`),
      ['spec', 'axes', index],
    );
}

function refuseSame(
  names: readonly string[],
  what: string,
  fieldOf: (index: number) => FieldPath,
  context: ExperimentContext,
): void {
  const first = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, index);
      continue;
    }
    const { file, line, column } = context.document.locate(fieldOf(before));
    reportAt(context, messages.duplicateName(what, name, `${file}:${line}:${column}`), fieldOf(index));
  }
}
