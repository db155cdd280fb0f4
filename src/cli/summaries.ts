/** A finished run as text for people and as data for programs. */
import { isPlacementReplay } from '../placement-replay.ts';
import type { AssertOutcome } from '../scenario/asserts.ts';
import { formatSeconds } from '../engine/time.ts';
import { summaryText } from './summary-text.ts';
import type { SummaryStyle } from './summary-text.ts';
import type { ToldRun } from './run-scenario.ts';
import { wrapText } from './wrap-text.ts';

/** How text is printed, colours included. */
export interface ToldStyle extends SummaryStyle {
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
}

/** The summary on the terminal, expectations last: what failed must not scroll away. */
export function toldSummary(
  told: ToldRun,
  written: { readonly hasCharts: boolean; readonly hasReport: boolean },
  style: ToldStyle,
): string {
  const { run, simulated, story, manifest, folder, asserts } = told;
  const { scenario } = run;
  const { result } = simulated;
  const text = summaryText(
    {
      scenario: scenario.name,
      seed: scenario.seed,
      replication: scenario.replication,
      kubernetesVersion: scenario.kubernetesVersion,
      nodeCount: result.nodeCount,
      zoneCount: simulated.zoneCount,
      podCount: result.figures.get('pods.created') ?? 0,
      endsAt: result.endsAt,
      realMs: simulated.realMs,
      eventCount: result.eventCount,
      answer: story.answer,
      story: story.story,
      figures: story.figures,
      unplacedReason: story.unplacedReason,
      notModelled: result.inertKinds,
      folder,
      ...written,
      command: manifest.command,
      fingerprint: manifest.fingerprints['trace'] ?? manifest.fingerprints['decisions'] ?? '',
      tieBreak: scenario.scheduler.tieBreak,
      isReplay: isPlacementReplay(scenario),
    },
    style,
  );
  return asserts.length === 0 ? text : `${text}\n${assertLines(asserts, style).join('\n')}\n`;
}

function assertLines(asserts: readonly AssertOutcome[], { green, red, bold, width }: ToldStyle): string[] {
  const failed = asserts.filter(({ passes }) => !passes).length;
  const [isOne, total] = [asserts.length === 1, asserts.length];
  const good = isOne ? 'it holds' : `all ${total} hold`;
  const verdict = failed === 0 ? good : `${failed} of ${total} ${failed === 1 ? 'fails' : 'fail'}`;
  const lines = asserts.flatMap(({ passes, text }) => {
    const [first, ...rest] = wrapText(text, width - 8, '');
    return [`  ${passes ? green('PASS') : red('FAIL')}  ${first}`, ...rest.map((line) => `        ${line}`)];
  });
  return [`${bold('Expectations')}  ${verdict}`, ...lines];
}

/** What `-o json` and `-o yaml` print: deterministic, times in seconds of virtual time as decimal text. */
export function jsonSummary({ run, simulated, story, asserts, manifest, folder }: ToldRun): unknown {
  const { result } = simulated;
  return {
    scenario: run.scenario.name,
    seed: manifest.seed,
    replication: manifest.replication,
    kubernetesVersion: manifest.versions.kubernetes,
    endsAt_s: formatSeconds(result.endsAt),
    events: result.eventCount,
    nodes: result.nodeCount,
    tieBreak: run.scenario.scheduler.tieBreak,
    answer: story.answer,
    story: story.story.map(({ t, what, detail, chain = [] }) => ({
      t_s: formatSeconds(t),
      what,
      detail,
      chain: chain.map((link) => ({ t_s: formatSeconds(link.t), text: link.text })),
    })),
    headline: story.figures,
    figures: manifest.figures,
    unplacedReason: story.unplacedReason,
    notModelled: manifest.notModelled,
    warnings: manifest.warnings,
    asserts: asserts.map(({ passes, text }) => ({ passes, text })),
    violations: manifest.violations,
    fingerprints: manifest.fingerprints,
    folder,
    command: manifest.command,
  };
}
