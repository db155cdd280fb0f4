/** `orrery list`: names and descriptions out of the registries. */
import { parse } from 'yaml';
import type { CliIo } from './cli-io.ts';
import type { ListArguments } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { fileReaderAt } from './file-reader-at.ts';
import { scenariosIn } from './scenario-files.ts';
import { wrapText } from './wrap-text.ts';

interface Detail {
  readonly name: string;
  readonly type?: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  readonly description: string;
}

interface Thing {
  readonly name: string;
  readonly description: string;
  /** Parameters of a fault, columns of a table. */
  readonly details?: readonly Detail[];
}

const WIDTH = 80;

/** Prints the list that is asked for. */
export async function listThings({ what, output, dir }: ListArguments, io: CliIo): Promise<ExitCode> {
  const things = await thingsOf(what, dir, io);
  if (output === 'json') io.stdout.write(`${JSON.stringify(things, undefined, 2)}\n`);
  else if (output === 'name') io.stdout.write(things.map(({ name }) => `${name}\n`).join(''));
  else {
    io.stdout.write(tableText(things, output === 'wide' || what === 'faults' || what === 'presets', WIDTH));
    if (what === 'faults') await writePresets(io);
  }
  return exitCodes.ok;
}

/** What `preset` of a fault can be. */
async function writePresets(io: CliIo): Promise<void> {
  io.stdout.write(`\npresets, for the parameter preset of a fault:\n${tableText(await presetThings(), true, WIDTH)}`);
}

/** Laws of failures with the studies they are from. */
async function presetThings(): Promise<readonly Thing[]> {
  const { presets } = await import('../faults/presets.ts');
  return presets.map(({ name, description, source, repair }) => ({
    name,
    description: repair === undefined ? `${description}; no repair: state "repair"` : description,
    details: [{ name: 'source', description: source }],
  }));
}

async function thingsOf(what: ListArguments['what'], dir: string, io: CliIo): Promise<readonly Thing[]> {
  switch (what) {
    case 'plugins':
      return (await import('../scheduler/plugins/registry.ts')).inTreePlugins.map(described);
    case 'controllers':
      return (await import('../controllers/registry.ts')).controllers.map(described);
    case 'faults':
      return (await import('../faults/registry.ts')).faults.map(({ name, description, parameters }) => ({
        name,
        description,
        details: Object.entries(parameters).map(([parameter, { type, required, choices, description: text }]) => ({
          name: parameter,
          type,
          ...(required === true && { required }),
          ...(choices !== undefined && { choices }),
          description: text,
        })),
      }));
    case 'presets':
      return presetThings();
    case 'metrics':
      return summaryFigures();
    case 'charts':
      return (await import('../report/charts/registry.ts')).charts.map(({ name, question }) => ({
        name,
        description: question,
      }));
    case 'scenarios':
      return scenarios(dir, io);
  }
}

/** Figures are what expectations (`assert`) name. */
async function summaryFigures(): Promise<readonly Thing[]> {
  const { summaryMetrics } = await import('../metrics/summary-metrics.ts');
  return summaryMetrics.map(({ name, unit, description }) => ({ name, description: `${description} (${unit})` }));
}

function described({ name, description }: { readonly name: string; readonly description?: string }): Thing {
  return { name, description: description ?? '' };
}

function scenarios(dir: string, io: CliIo): readonly Thing[] {
  const reader = fileReaderAt(io.cwd);
  return scenariosIn(dir, reader).map((path) => {
    const bytes = reader.read(path);
    const text = bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : '';
    return { name: path, description: shows(text) };
  });
}

/** What the header of a scenario says after `Shows:`, else its description. */
function shows(text: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith('#'));
  const start = lines.findIndex((line) => /^#\s*Shows:/.test(line));
  if (start >= 0) {
    const rest = lines.slice(start).map((line) => line.replace(/^#\s*/, ''));
    const end = rest.findIndex((line, index) => index > 0 && /^(Expect:|$)/.test(line));
    const words = rest.slice(0, end < 0 ? undefined : end).join(' ');
    return firstSentence(words.replace(/^Shows:\s*/, ''));
  }
  return descriptionOf(text);
}

const firstSentence = (text: string): string => /^.*?[.?!](?=\s|$)/s.exec(text)?.[0] ?? text;

function descriptionOf(text: string): string {
  try {
    const scenario = parse(text) as { spec?: { description?: unknown } } | null;
    const description = scenario?.spec?.description;
    return typeof description === 'string' ? firstSentence(description.trim()) : '';
  } catch {
    return '';
  }
}

const NAME_WIDTH_MAX = 32;

function tableText(things: readonly Thing[], hasDetails: boolean, width: number): string {
  const nameWidth = Math.min(NAME_WIDTH_MAX, Math.max(0, ...things.map(({ name }) => name.length)));
  const indent = ' '.repeat(nameWidth + 2);
  const lines = things.flatMap(({ name, description, details = [] }) => {
    const head = name.padEnd(nameWidth).replaceAll(' ', '\u00a0');
    const first = wrapText(`${head}\u00a0\u00a0${description}`, width, indent);
    return [...first, ...(hasDetails ? details.flatMap((detail) => detailLines(detail, width)) : [])];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function detailLines({ name, type, required, choices, description }: Detail, width: number): string[] {
  const word = choices?.join('|') ?? type;
  const kind = word === undefined ? '' : ` <${word}>${required === true ? ' (required)' : ''}`;
  return wrapText(`    ${name}${kind}: ${description}`.replace(/^ {4}/, '\u00a0\u00a0\u00a0\u00a0'), width, '        ');
}
