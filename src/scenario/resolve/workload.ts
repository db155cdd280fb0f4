/** `workload`: manifests that users apply, and generators. */
import { formatDuration } from '../../engine/time.ts';
import type { Arrivals, GeneratorSpec, GeneratorTemplate } from '../../workload/generator-spec.ts';
import type { TimedUserAction } from '../../workload/user-action.ts';
import { isMap } from '../composed.ts';
import type { FieldPath } from '../field-path.ts';
import type { ManifestReader } from '../manifests.ts';
import * as messages from '../messages.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import type { SourceDocument } from '../yaml-source.ts';
import type { Catalogue } from './catalogue.ts';
import { checkUnique } from './cluster.ts';
import type { ResolveContext } from './context.ts';
import { microseconds, optionalDistribution, optionalMicroseconds, resolveDistribution } from './distribution.ts';
import type { ObjectIntake } from './objects.ts';

type Spec = ScenarioInput['spec'];
type Entry = NonNullable<Spec['workload']>[number];
type GeneratorInput = NonNullable<Entry['generator']>;

/** What the parts of a workload need. */
export interface WorkloadTools {
  readonly context: ResolveContext;
  readonly manifests: ManifestReader;
  readonly catalogue: Catalogue;
  readonly intake: ObjectIntake;
  /** Microseconds. */
  readonly horizon: number;
}

const at: FieldPath = ['spec', 'workload'];

/** The manifests of `workload`, one action for each entry. */
export function resolveManifests(spec: Spec, tools: WorkloadTools): readonly TimedUserAction[] {
  return (spec.workload ?? []).flatMap((entry, index): TimedUserAction[] => {
    if (entry.manifests === undefined) return [];
    const time = optionalMicroseconds(entry.at) ?? 0;
    if (entry.at !== undefined) warnBeyond(time, [...at, index, 'at'], tools);
    const read = tools.manifests.read(tools.context.mentions(entry.manifests, [...at, index, 'manifests']));
    const objects = tools.intake.applied(read, time === 0 ? 'start' : `at ${time}`, time);
    return [{ at: time, action: { verb: 'apply', objects } }];
  });
}

/** Warns of what would begin when the run is over. */
export function warnBeyond(time: number, path: FieldPath, { context, horizon }: WorkloadTools): void {
  if (time >= horizon) context.report(messages.beyondHorizon(formatDuration(time), formatDuration(horizon)), path);
}

/** The generators of `workload`. */
export function resolveGenerators(spec: Spec, tools: WorkloadTools): readonly GeneratorSpec[] {
  const names: (string | undefined)[] = [];
  const generators = (spec.workload ?? []).flatMap(({ generator }, index): GeneratorSpec[] => {
    const path = [...at, index, 'generator'];
    const resolved = generator === undefined ? undefined : resolveGenerator(generator, path, tools);
    names.push(resolved?.name);
    if (resolved === undefined) return [];
    tools.catalogue.addGenerator(resolved, () => tools.context.place(path, 'key'));
    return [resolved];
  });
  checkUnique(names, 'generator', at, tools.context, ['generator', 'name']);
  return generators;
}

function resolveGenerator(input: GeneratorInput, path: FieldPath, tools: WorkloadTools): GeneratorSpec | undefined {
  const template = templateOf(input, path, tools);
  if (template === undefined) return undefined;
  const start = optionalMicroseconds(input.start) ?? 0;
  const until = optionalMicroseconds(input.until);
  if (input.start !== undefined) warnBeyond(start, [...path, 'start'], tools);
  if (until !== undefined && until <= start)
    tools.context.report(messages.contradiction('"until" is not after "start"'), [...path, 'until']);
  return {
    name: input.name ?? template.object.metadata.name,
    arrivals: arrivalsOf(input.arrivals),
    template,
    runDuration: optionalDistribution(input.runDuration),
    limit: input.limit,
    start,
    until,
  };
}

function arrivalsOf({ poisson, every, interval, times, count }: GeneratorInput['arrivals']): Arrivals {
  if (poisson !== undefined) return { type: 'poisson', ratePerHour: poisson.ratePerHour };
  if (every !== undefined) return { type: 'every', periodUs: microseconds(every) };
  if (interval !== undefined) return { type: 'interval', interval: resolveDistribution(interval) };
  if (times !== undefined) return { type: 'times', times: times.map(microseconds).sort((a, b) => a - b) };
  return { type: 'count', count: count! };
}

/** The Pod or Job of a generator, written in the scenario or in a file of its own. */
function templateOf(input: GeneratorInput, path: FieldPath, tools: WorkloadTools): GeneratorTemplate | undefined {
  const field = [...path, 'template'];
  const source =
    typeof input.template === 'string' ? fromFile(input.template, field, tools) : inline(input, field, tools);
  if (source === undefined) return undefined;
  const { raw, document, at: where } = source;
  const entry = tools.manifests.object(named(raw, input.name), document, where);
  if (entry === undefined) return undefined;
  if (entry.kind === 'Pod' || entry.kind === 'Job')
    return { kind: entry.kind, object: entry.object } as GeneratorTemplate;
  const finding = messages.unsupported(
    `a generator of the kind ${entry.object.kind}`,
    'its template is a Pod or a Job',
  );
  tools.context.texts.diagnostics.add(finding, document.locate([...where, 'kind']));
  return undefined;
}

interface TemplateSource {
  readonly raw: unknown;
  readonly document: SourceDocument;
  readonly at: FieldPath;
}

function fromFile(text: string, field: FieldPath, { context }: WorkloadTools): TemplateSource | undefined {
  const mention = context.mention(text, field);
  const found = context.texts.find(mention);
  if (found === undefined) return undefined;
  const before = context.texts.diagnostics.errors.length;
  const documents = context.texts.documents(found, mention);
  if (context.texts.diagnostics.errors.length > before) return undefined;
  const [document, second] = documents;
  if (document === undefined) context.report(messages.unusable(`the file ${messages.quoted(text)} is empty`), field);
  else if (second === undefined) return { raw: document.raw, document, at: [] };
  else {
    const finding = messages.unusable('a template is one Pod or Job; a second document begins here');
    context.texts.diagnostics.add(finding, second.locate([]));
  }
  return undefined;
}

/** A template in the scenario: the scenario itself is its document. */
function inline({ template }: GeneratorInput, field: FieldPath, { context }: WorkloadTools): TemplateSource {
  const document: SourceDocument = {
    file: context.place(field).file,
    raw: template,
    locate: (path, part) => context.place(path, part),
  };
  return { raw: template, document, at: field };
}

/** A template may go without a name where the generator has one. */
function named(raw: unknown, name: string | undefined): unknown {
  if (name === undefined || !isMap(raw)) return raw;
  const metadata = raw['metadata'];
  if (metadata !== undefined && metadata !== null && !isMap(metadata)) return raw;
  return { ...raw, metadata: { name, ...metadata } };
}
