/** Loads scenarios from files that exist only in a test. */
import { formatDiagnostic } from '../scenario/diagnostics.ts';
import type { LoadOptions, LoadedScenario } from '../scenario/load-scenario.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { assert } from '../util/assert.ts';
import type { MemoryEntry } from './memory-files.ts';
import { MemoryFiles } from './memory-files.ts';

/** Files by path; those without a leading slash lie in the folder /s, where the scenario is `main.yaml`. */
export type FileTable = Readonly<Record<string, MemoryEntry>>;

/** A scenario file with this text below `spec:`, which is indented by two blanks. */
export function scenarioText(spec = '', name = 'test'): string {
  const head = `apiVersion: orrery.dev/v1alpha1\nkind: Scenario\nmetadata: { name: ${name} }\nspec:\n  horizon: 1h\n`;
  return head + spec.replaceAll(/^(?=.)/gm, '  ');
}

/** Loads /s/main.yaml. */
export function loadFiles(files: FileTable, options: Omit<LoadOptions, 'reader'> = {}): LoadedScenario {
  const entries = Object.entries(files).map(
    ([path, entry]) => [path.startsWith('/') ? path : `/s/${path}`, entry] as const,
  );
  return loadScenario('/s/main.yaml', { reader: new MemoryFiles(entries), ...options });
}

/** Loads a scenario of which only `spec` matters. */
export function loadSpec(spec: string, files: FileTable = {}): LoadedScenario {
  return loadFiles({ 'main.yaml': scenarioText(spec), ...files });
}

/** All messages as text, errors first; paths without the folder of the scenario. */
export function messagesOf({ errors, warnings }: Pick<LoadedScenario, 'errors' | 'warnings'>): readonly string[] {
  return [...errors, ...warnings].map((each) => formatDiagnostic(each).replaceAll('/s/', ''));
}

/** The scenario of a spec that has nothing wrong with it. */
export function soundScenario(spec: string, files: FileTable = {}): Scenario {
  const loaded = loadSpec(spec, files);
  assert(loaded.scenario !== undefined, messagesOf(loaded).join('\n'));
  return loaded.scenario;
}

/** A Deployment as one document. */
export function deploymentText(name: string, namespace = 'default', more = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers: [{ name: main, image: "shop/${name}:1" }]
${more}`;
}
