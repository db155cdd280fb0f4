/** Everything that a run leaves behind, into its folder. */
import { formatDiagnostic } from '../scenario/diagnostics.ts';
import type { AssertOutcome } from '../scenario/asserts.ts';
import type { InputFile } from '../scenario/scenario.ts';
import type { ReportInput } from '../report/report-input.ts';
import type { RunStory } from '../report/run-story.ts';
import { writeTables } from '../report/write-tables.ts';
import type { WrittenTable } from '../report/write-tables.ts';
import { breathe } from './cli-io.ts';
import type { CliIo } from './cli-io.ts';
import { commandLine } from './command-line.ts';
import type { Manifest, ManifestFile, ManifestInput } from './manifest.ts';
import { manifestSchema, manifestText, outputsText } from './manifest.ts';
import { sha256, sha256Hex } from './node-hash.ts';
import type { PreparedRun } from './prepare.ts';
import type { ResultFolder } from './result-folder.ts';
import { manifestName } from './result-folder.ts';
import type { SimulatedRun } from './simulated-run.ts';

/** What is to be written. */
export interface Results {
  readonly run: PreparedRun;
  readonly simulated: SimulatedRun;
  readonly story: RunStory;
  readonly asserts: readonly AssertOutcome[];
  readonly orreryVersion: string;
}

/** What is left out on demand. */
export interface WriteOptions {
  readonly hasCharts: boolean;
  readonly hasReport: boolean;
  /** Names of the tables that are written; undefined = all. */
  readonly tables?: ReadonlySet<string> | undefined;
  /** Keeps an input somewhere else than in the folder. */
  readonly keepInput?: (input: InputFile) => ManifestInput;
}

/** Node.js never shows in a file that is compared: any of them gives the same bytes. */
const anyNode = 'any supported version';

/** Writes tables, charts, report, copies of the inputs and the manifest; undefined when a signal came in between. */
export async function writeResults(
  results: Results,
  folder: ResultFolder,
  io: CliIo,
  options: WriteOptions,
): Promise<Manifest | undefined> {
  const { run, simulated } = results;
  const { tables } = simulated.result;
  const chosen = [...tables.values()].filter(({ name }) => options.tables?.has(name) ?? true);
  const written = writeTables(chosen, (name) => folder.open(name), sha256);
  const files: ManifestFile[] = written.map(({ fileName, bytes, sha256: digest, rows }) => ({
    path: fileName,
    bytes,
    sha256: digest,
    rows,
  }));
  const fingerprints = new Map([...simulated.result.fingerprints, ['outputs', sha256Hex(outputsText(written))]]);
  const pictures = options.hasCharts ? await writeCharts(results, folder, io, files) : new Map<string, string>();
  if (pictures === undefined) return undefined;
  if (options.hasReport) {
    const { renderHtmlReport } = await import('../report/render-html.ts');
    files.push(folder.write('report.html', renderHtmlReport(reportInput(results, fingerprints), pictures)));
  }
  const inputs = options.keepInput === undefined ? copyInputs(run.inputs, folder) : run.inputs.map(options.keepInput);
  const manifest = manifestOf(results, { files, inputs, fingerprints });
  folder.write(manifestName, manifestText(manifest));
  return manifest;
}

/** SHA-256 over what the tables of a run would be as files, without writing them. */
export function outputsDigest({ result }: SimulatedRun): string {
  const nowhere = { write: () => undefined, close: () => undefined };
  const written: WrittenTable[] = writeTables(result.tables.values(), () => nowhere, sha256);
  return sha256Hex(outputsText(written));
}

async function writeCharts(
  { simulated }: Results,
  folder: ResultFolder,
  io: CliIo,
  files: ManifestFile[],
): Promise<Map<string, string> | undefined> {
  const { renderCharts } = await import('../report/render-charts.ts');
  const { tables, endsAt } = simulated.result;
  const pictures = new Map<string, string>();
  for await (const { name, spec, svg, png } of renderCharts({ tables, horizonUs: endsAt })) {
    files.push(folder.write(`charts/${name}.vl.json`, spec));
    files.push(folder.write(`charts/${name}.svg`, svg));
    files.push(folder.write(`charts/${name}.png`, png));
    pictures.set(name, svg);
    await breathe();
    if (io.interruption.signal !== undefined) return undefined;
  }
  return pictures;
}

function copyInputs(inputs: readonly InputFile[], folder: ResultFolder): ManifestInput[] {
  return inputs.map(({ path, text }, index) => {
    const isInside = !path.startsWith('/') && !path.split('/').includes('..');
    const copy = isInside ? `inputs/${path}` : `inputs-outside/${index}-${path.split('/').at(-1)!}`;
    const { bytes, sha256: digest } = folder.write(copy, text);
    return { path, copy, bytes, sha256: digest };
  });
}

function reportInput(results: Results, fingerprints: ReadonlyMap<string, string>): ReportInput {
  const { run, simulated, story, orreryVersion } = results;
  const { scenario } = run;
  return {
    title: scenario.name,
    question: questionOf(scenario.description, scenario.name),
    answer: story.answer,
    figures: story.figures,
    story: story.story,
    tables: simulated.result.tables,
    horizonUs: simulated.result.endsAt,
    seed: scenario.seed,
    scenarioName: scenario.name,
    tieBreak: scenario.scheduler.tieBreak,
    command: commandLine(run),
    versions: { orrery: orreryVersion, node: anyNode, kubernetes: scenario.kubernetesVersion },
    fingerprints,
    notModelled: simulated.result.inertKinds,
    warnings: run.warnings.map((warning) => formatDiagnostic(warning)),
  };
}

/** The first sentence of the description, else one made of the name. */
function questionOf(description: string, name: string): string {
  const first = /^(.*?[.?!])(\s|$)/s.exec(description.trim())?.[1] ?? description.trim();
  return first === '' ? `What happens in ${name}?` : first.replaceAll(/\s+/g, ' ');
}

function manifestOf(
  { run, simulated, asserts, orreryVersion }: Results,
  parts: {
    readonly files: readonly ManifestFile[];
    readonly inputs: readonly ManifestInput[];
    readonly fingerprints: ReadonlyMap<string, string>;
  },
): Manifest {
  const { scenario } = run;
  const { result } = simulated;
  return {
    schema: manifestSchema,
    versions: {
      orrery: orreryVersion,
      kubernetes: scenario.kubernetesVersion,
      node: process.versions.node,
      v8: process.versions.v8,
    },
    command: commandLine(run),
    scenario: { name: scenario.name, file: run.file },
    seed: scenario.seed,
    replication: scenario.replication,
    settings: run.settings,
    stop: result.stop,
    endsAtUs: result.endsAt,
    events: result.eventCount,
    nodes: result.nodeCount,
    tieBreak: scenario.scheduler.tieBreak,
    fingerprints: Object.fromEntries(parts.fingerprints),
    figures: Object.fromEntries(result.figures),
    asserts: asserts.map(({ passes, text }) => ({ passes, text })),
    violations: result.violations,
    warnings: run.warnings.map((warning) => formatDiagnostic(warning)),
    notModelled: result.inertKinds,
    plugins: run.plugins,
    inputs: parts.inputs,
    files: parts.files,
    checkpoints: result.checkpoints,
    effective: scenario.effective,
  };
}
