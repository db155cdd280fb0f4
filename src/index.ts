/**
 * `kube-orrery`: the simulator as a library. Load a scenario, run it, read its tables; the command line does no more.
 *
 *     const { scenario, errors } = loadScenario('zone.yaml', { reader: nodeFileReader });
 *     const { setup } = readSchedulerSetup(scenario, []);
 *     const { figures } = runSimulation(scenario, { createHash: sha256, scheduler: setup });
 */
export { sha256 } from './cli/node-hash.ts';
export type { ExitCode } from './cli/exit-codes.ts';
export { exitCodes } from './cli/exit-codes.ts';
export type { Violation } from './checks/check.ts';
export { checks } from './checks/registry.ts';
export { controllers } from './controllers/registry.ts';
export type { ControllerDefinition } from './controllers/controller.ts';
export { batchMeansInterval } from './experiment/statistics/batch-means.ts';
export { censoredQuantile, censoringCounts } from './experiment/statistics/censoring.ts';
export { compactLetters } from './experiment/statistics/compact-letters.ts';
export { dunnettPoint } from './experiment/statistics/dunnett.ts';
export { holmAdjusted } from './experiment/statistics/holm.ts';
export { meanInterval } from './experiment/statistics/mean-interval.ts';
export { comparePairs } from './experiment/statistics/paired-comparison.ts';
export { proportionInterval } from './experiment/statistics/proportion.ts';
export { quantileInterval } from './experiment/statistics/quantile-interval.ts';
export {
  isExactEnough,
  replicationsForHalfWidth,
  replicationsForPower,
} from './experiment/statistics/replications.ts';
export { mser5, welchAverage } from './experiment/statistics/warm-up.ts';
export { compareIndependent } from './experiment/statistics/welch-test.ts';
export { worseningP } from './experiment/statistics/worsening.ts';
export type { FaultDefinition } from './faults/fault.ts';
export { faults } from './faults/registry.ts';
export type { Metric, MetricDefinition, RunDescription, SchedulerCounters } from './metrics/metric.ts';
export { metrics } from './metrics/registry.ts';
export { summaryMetrics } from './metrics/summary-metrics.ts';
export type { Facts } from './record/facts.ts';
export { Journal, journalLine } from './record/journal.ts';
export type { Cell, Column, Row, Table } from './record/table.ts';
export { charts } from './report/charts/registry.ts';
export { csvChunks } from './report/csv.ts';
export type { Chart, ChartInput } from './report/define-chart.ts';
export type { ReportFigure, ReportInput, StoryItem } from './report/report-input.ts';
export { runStory } from './report/run-story.ts';
export type { RunStory, RunStoryInput, ToldAction } from './report/run-story.ts';
export type { AssertEntry, AssertOutcome } from './scenario/asserts.ts';
export { evaluateAsserts } from './scenario/asserts.ts';
export type { Diagnostic } from './scenario/diagnostics.ts';
export { formatDiagnostics } from './scenario/diagnostics.ts';
export type { FileReader } from './scenario/file-reader.ts';
export { loadScenario } from './scenario/load-scenario.ts';
export type { LoadOptions, LoadedScenario } from './scenario/load-scenario.ts';
export { nodeFileReader } from './scenario/read-files.ts';
export type { Scenario } from './scenario/scenario.ts';
export { readSchedulerSetup } from './scenario/scheduler-setup.ts';
export { scenarioJsonSchema } from './scenario/schema/scenario-schema.ts';
export { inTreePlugins } from './scheduler/plugins/registry.ts';
export { runSimulation, Simulation } from './simulation.ts';
export type { RunResult, SimulationOptions, SimulationStop } from './simulation.ts';
export type { Hash, HashFactory } from './util/hash.ts';
