import { basename, dirname, join, resolve } from 'node:path';
import type { ExperimentOutputs } from '../../experiment/experiment.ts';
import type { CheckLevel } from '../simulated-run.ts';
import { CliError } from '../cli-error.ts';
import { CellStore } from './cell-store.ts';
import type { PlannedCell } from './plan-cells.ts';
import type { CellTask } from './run-cell.ts';

/** A cell on its way to another machine: files are named as seen from the working folder, which every machine has for itself. */
export interface QueuedCell {
  /** The folder of the sweep within the folder of results. */
  readonly sweep: string;
  readonly cell: PlannedCell;
  readonly outputs: ExperimentOutputs;
  readonly check: CheckLevel;
}

/** A task of this machine as a queue takes it. */
export function queuedCell({ cell, outputs, check, inputsFolder }: CellTask): QueuedCell {
  return { sweep: basename(dirname(inputsFolder)), cell, outputs, check };
}

/** What a worker allows and where it keeps results. */
export interface CellHostOptions {
  readonly cwd: string;
  /** Folder of results, as seen from there. */
  readonly out: string;
  readonly allowOutside: boolean;
  readonly allowPlugins: boolean;
}

/** The machine of a worker: turns cells of a queue into tasks. */
export class CellHost {
  private readonly options: CellHostOptions;
  /** By sweep. */
  private readonly stores = new Map<string, CellStore>();
  private readonly keys = new Set<string>();

  constructor(options: CellHostOptions) {
    this.options = options;
  }

  /**
   * The task of a cell; undefined = it has its result already. What a cell may read or run outside of the working folder, both sides
   * must allow.
   *
   * @throws CliError where its name leads out of the folder of results; the error of the file system where that cannot be made.
   */
  taskOf({ sweep, cell, outputs, check }: QueuedCell): CellTask | undefined {
    const { cwd, allowOutside, allowPlugins } = this.options;
    const store = this.storeOf(sweep, cell.key);
    if (store.read(cell.key, outputs).state === 'finished') return undefined;
    this.keys.add(cell.key);
    const { settings } = cell;
    const allowed = {
      allowOutside: settings.allowOutside && allowOutside,
      allowPlugins: settings.allowPlugins && allowPlugins,
    };
    return {
      cell: { ...cell, settings: { ...settings, ...allowed } },
      ...{ cwd, outputs, check, folder: store.cellFolder(cell.key), inputsFolder: store.inputsFolder },
    };
  }

  /** Removes what cells have left that were cut off; to be called when none runs any more. */
  close(): void {
    for (const store of this.stores.values()) {
      store.sweepUp(this.keys);
      store.close();
    }
  }

  private storeOf(sweep: string, key: string): CellStore {
    if (!/^sweep-[\w.-]+$/.test(sweep) || !/^[0-9a-f]{64}$/.test(key))
      throw new CliError('orrery: a cell in the queue is not named as one of a sweep');
    let store = this.stores.get(sweep);
    if (store === undefined) {
      store = new CellStore(join(resolve(this.options.cwd, this.options.out), sweep));
      store.open();
      this.stores.set(sweep, store);
    }
    return store;
  }
}
