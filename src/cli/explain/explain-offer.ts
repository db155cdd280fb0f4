/** `orrery explain pod` of a trace that was replayed in order: every pod was offered once, and its decision is what there is to explain. */
import type { ExplainedDecision } from '../../scheduler/explained-decision.ts';
import { nearest } from '../../util/suggest.ts';
import type { ExplainPodArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import { breathe } from '../cli-io.ts';
import type { CliIo } from '../cli-io.ts';
import { prepareAgain } from '../read-result.ts';
import { newPlacementReplay } from '../replay-in-order.ts';
import { csvRecords } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';
import { decisionJson } from './decision-json.ts';
import { decisionLines } from './decision-text.ts';
import type { Answer } from './explain-answer.ts';
import { nodeLines, verdictOf, whyNot } from './node-text.ts';
import type { FinishedRun } from './read-run.ts';
import { tableText } from './read-run.ts';
import { otherCourse, stopped } from './replay.ts';

/** Offers between two looks at signals. */
const SLICE_OFFERS = 512;

/** Whether the run has offers in place of time. */
export function isReplayInOrder({ manifest }: FinishedRun): boolean {
  return manifest.files.some(({ path }) => path === 'placements.csv');
}

/** Offers the pods again up to the one that is asked for, and explains its decision. */
export async function offerAnswer(finished: FinishedRun, args: ExplainPodArguments, io: CliIo): Promise<Answer> {
  refuseTimes(finished, args);
  const row = findOffer(finished, args.pod);
  const run = await prepareAgain(finished, { cwd: io.cwd, allowPlugins: args['allow-plugins'] });
  const replay = newPlacementReplay(run, 'on');
  const offer = Number(row['offer']);
  while (replay.done < offer) {
    replay.advance(Math.min(SLICE_OFFERS, offer - replay.done));
    await breathe();
    if (io.interruption.signal !== undefined) throw stopped(io.interruption.signal);
  }
  const decision = replay.explainNext();
  if (!isSame(decision, row))
    throw otherCourse(finished.name, `offer ${offer} does not end as placements.csv says`, finished.manifest.command);
  const { pod, node = '', gpus = '' } = row;
  if (args['why-pending'] && node !== '')
    throw new CliError(`orrery: pod ${decision.namespace}/${pod} was never refused: offer ${offer} chose ${node}`);
  const data = { pod: { namespace: decision.namespace, name: pod, node, gpus }, decision: decisionJson(decision) };
  if (args.node === undefined) return { lines: decisionLines(decision), data };
  const why = whyNot(decision, verdictOf(decision, args.node));
  return { lines: nodeLines(decision, args.node), data: { ...data, node: args.node, why } };
}

function refuseTimes({ name }: FinishedRun, args: ExplainPodArguments): void {
  const asked = (['at', 'attempt'] as const).find((option) => args[option] !== undefined);
  const option = asked ?? (args['why-killed'] ? 'why-killed' : undefined);
  if (option === undefined) return;
  throw new CliError(
    `orrery: --${option}: the trace of ${name} was replayed in order: every pod was offered once, without a clock, and nothing left`,
  );
}

/** @throws CliError where no pod of that name was offered; it names the nearest. */
function findOffer(finished: FinishedRun, named: string): CsvRecord {
  const name = named.replace(/^default\//, '');
  const text = tableText(finished, 'placements');
  const [found] = csvRecords(text, ([, pod]) => pod === name);
  if (found !== undefined) return found;
  const names = csvRecords(text).map(({ pod }) => pod!);
  const near = nearest(name, names);
  const hint = near === undefined ? `such as ${names[0] ?? 'none'}` : `did you mean ${near}?`;
  throw new CliError(`orrery: ${finished.name} offered no pod "${name}"; it offered ${names.length}; ${hint}`);
}

/** What was decided again must be what the table says. */
function isSame({ outcome, pod, feasibleNodes }: ExplainedDecision, row: CsvRecord): boolean {
  if (pod !== row['pod']) return false;
  if (outcome.type !== 'scheduled') return row['node'] === '';
  const { node, score, ties, devices = [] } = outcome;
  const cells = [node, score, ties, feasibleNodes, devices.join('-')].map(String);
  return ['node', 'score', 'ties', 'feasible_nodes', 'gpus'].every((name, at) => row[name] === cells[at]);
}
