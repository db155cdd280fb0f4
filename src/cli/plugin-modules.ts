/**
 * Runs a user's plugin modules. Their text is read through the scenario's own reader, types are stripped, and `import`
 * becomes a call that this file answers: so a module sees the very same `kube-orrery/plugin` as the simulator, every run
 * gets fresh modules, and a run can be repeated from copies of its files.
 */
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { transform } from 'sucrase';
import type { FileReader } from '../scenario/file-reader.ts';
import { folderOf, joinPath } from '../scenario/file-reader.ts';
import { nearest } from '../util/suggest.ts';
import { placeInStack } from './place-in-stack.ts';

/** What modules may import by name, for example `kube-orrery/plugin`. */
export type KnownModules = ReadonlyMap<string, object>;

/** A module file that was run. */
export interface LoadedFile {
  readonly path: string;
  readonly text: string;
}

/** Why a module does not work; lines count from 1, columns too, 0 = not known. */
export class PluginModuleError extends Error {
  override readonly name = 'PluginModuleError';
  readonly path: string;
  readonly line: number;
  readonly column: number;

  constructor(message: string, path: string, line = 0, column = 0) {
    super(message);
    this.path = path;
    this.line = line;
    this.column = column;
  }
}

type Exports = Record<string, unknown>;

const extensions = ['.ts', '.mts', '.js', '.mjs'];

/** The modules of one run. */
export class PluginModules {
  /** Every file that was read, in the order of reading. */
  readonly files: LoadedFile[] = [];
  private readonly reader: FileReader;
  private readonly known: KnownModules;
  private readonly whyRefused: (path: string) => string | undefined;
  private readonly loaded = new Map<string, Exports>();

  /** `whyRefused` says why a file may not be imported, undefined = it may; paths are absolute. */
  constructor(reader: FileReader, known: KnownModules, whyRefused: (path: string) => string | undefined) {
    this.reader = reader;
    this.known = known;
    this.whyRefused = whyRefused;
  }

  /**
   * What a module exports.
   *
   * @throws PluginModuleError when a file is missing, is not JavaScript or TypeScript, or throws.
   */
  load(path: string): Readonly<Exports> {
    const known = this.loaded.get(path);
    if (known !== undefined) return known;
    const module = { exports: {} as Exports };
    this.loaded.set(path, module.exports);
    const run = this.compiled(path);
    try {
      run(module.exports, module, (name: string) => this.required(name, path));
    } catch (error) {
      if (error instanceof PluginModuleError) throw error;
      const [line, column] = placeInStack(error, path);
      throw new PluginModuleError(`the module throws: ${messageOf(error)}`, path, line, column);
    }
    return module.exports;
  }

  private compiled(path: string): (...values: unknown[]) => void {
    const code = this.stripped(path);
    try {
      return compileFunction(code, ['exports', 'module', 'require'], { filename: path }) as (
        ...values: unknown[]
      ) => void;
    } catch (error) {
      const [line, column] = placeInStack(error, path);
      throw new PluginModuleError(`the module is no JavaScript: ${messageOf(error)}`, path, line, column);
    }
  }

  private stripped(path: string): string {
    const text = this.text(path);
    try {
      return transform(text, { transforms: ['typescript', 'imports'], disableESTransforms: true }).code;
    } catch (error) {
      const [, reason, line, column] = /^(.*?)\s*\((\d+):(\d+)\)$/s.exec(messageOf(error)) ?? [];
      throw new PluginModuleError(reason ?? messageOf(error), path, Number(line ?? 0), Number(column ?? 0));
    }
  }

  private text(path: string): string {
    const bytes = this.reader.read(path);
    if (!(bytes instanceof Uint8Array)) throw new PluginModuleError(`it cannot be read: ${bytes.reason}`, path);
    const text = new TextDecoder().decode(bytes);
    this.files.push({ path, text });
    return text;
  }

  private required(name: string, from: string): unknown {
    const known = this.known.get(name);
    if (known !== undefined) return withKnownNames(known, name, from);
    if (name.startsWith('.') || name.startsWith('/')) return this.load(this.resolve(name, from));
    try {
      return createRequire(from)(name) as unknown;
    } catch (error) {
      throw new PluginModuleError(`cannot import "${name}": ${messageOf(error).split('\n')[0]}`, from);
    }
  }

  /** `./x.ts`, `./x.js` that is written as `./x.ts`, and `./x` without an ending. */
  private resolve(name: string, from: string): string {
    const path = joinPath(folderOf(from), name);
    const candidates = [path, path.replace(/\.(m?)js$/, '.$1ts'), ...extensions.map((extension) => path + extension)];
    for (const candidate of candidates) {
      const entry = this.reader.stat(candidate);
      if (entry.type !== 'file') continue;
      const refusal = this.whyRefused(entry.realPath);
      if (refusal !== undefined) throw new PluginModuleError(`cannot import "${name}": ${refusal}`, from);
      return entry.realPath;
    }
    throw new PluginModuleError(`cannot import "${name}": there is no such file`, from);
  }
}

/** The exports of a module, where a name that it does not export is told: what is there is found before the proxy is asked. */
function withKnownNames(exports: object, module: string, from: string): object {
  const unknownNames = new Proxy(
    {},
    {
      get(_, key) {
        if (typeof key === 'symbol' || key === '__esModule') return undefined;
        const near = nearest(key, Object.keys(exports));
        const hint = near === undefined ? '' : `; did you mean "${near}"?`;
        throw new PluginModuleError(`"${module}" exports no "${key}"${hint}`, from);
      },
    },
  );
  return Object.assign(Object.create(unknownNames) as object, exports);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
