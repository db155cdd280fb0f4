/** The files of a scenario: found below its folder, read once, parsed once, and remembered for the manifest of the results. */
import type { DiagnosticList, Finding, Place } from './diagnostics.ts';
import { wholeFile } from './diagnostics.ts';
import type { FieldPath } from './field-path.ts';
import type { FileEntry, FileReader } from './file-reader.ts';
import { fileSizeMax, folderOf, isBelow, joinPath } from './file-reader.ts';
import * as messages from './messages.ts';
import { nearest } from '../util/suggest.ts';
import type { InputFile } from './scenario.ts';
import type { SourceDocument } from './yaml-source.ts';
import { parseSource } from './yaml-source.ts';

/** A path in a document of the scenario. */
export interface Mention {
  /** As written. */
  readonly text: string;
  /** The file in which it stands: relative paths are taken from its folder. */
  readonly file: string;
  readonly place: Place;
  readonly field: FieldPath;
}

/** A file that exists and may be read. */
export interface FoundFile {
  /** As shown in messages. */
  readonly file: string;
  readonly realPath: string;
  readonly sizeBytes: number;
}

interface ReadText {
  readonly text: string;
  documents: readonly SourceDocument[] | undefined;
}

/** Options of `InputTexts`. */
export interface InputTextsOptions {
  readonly reader: FileReader;
  readonly diagnostics: DiagnosticList;
  /** The scenario file as the user named it. */
  readonly scenarioPath: string;
  readonly allowOutside: boolean;
}

/** Reads the files of one scenario; what is wrong with them goes to the diagnostics, at the place that mentions them. */
export class InputTexts {
  /** Every file read so far, in the order of reading. */
  readonly inputs: InputFile[] = [];
  readonly reader: FileReader;
  readonly diagnostics: DiagnosticList;
  private readonly folder: string;
  private readonly realFolder: string;
  private readonly allowOutside: boolean;
  private readonly texts = new Map<string, ReadText | undefined>();

  constructor({ reader, diagnostics, scenarioPath, allowOutside }: InputTextsOptions) {
    this.reader = reader;
    this.diagnostics = diagnostics;
    this.allowOutside = allowOutside;
    this.folder = folderOf(scenarioPath);
    const folder = reader.stat(this.folder);
    this.realFolder = folder.type === 'folder' ? folder.realPath : this.folder;
  }

  /** Reports a finding where the path is mentioned. */
  report(mention: Mention, finding: Finding): void {
    this.diagnostics.add(finding, mention.place, mention.field);
  }

  /** The mention that stands for the scenario file itself. */
  rootMention(path: string): Mention {
    return { text: path, file: '', place: wholeFile(path), field: [] };
  }

  /** The scenario file itself, which may lie anywhere; undefined after a report. */
  findRoot(path: string): FoundFile | undefined {
    return this.usable(this.rootMention(path), path, this.reader.stat(path), true);
  }

  /** The file that is mentioned, or its compressed form `<file>.gz` where only that is there; undefined after a report. */
  find(mention: Mention): FoundFile | undefined {
    const path = joinPath(folderOf(mention.file), mention.text);
    const entry = this.reader.stat(path);
    const packed = entry.type === 'missing' ? this.reader.stat(`${path}.gz`) : entry;
    return packed !== entry && packed.type === 'file'
      ? this.usable(mention, `${path}.gz`, packed, false)
      : this.usable(mention, path, entry, false);
  }

  /** Whether an entry may be read; reports where it may not. */
  isAllowed(mention: Mention, path: string, entry: FileEntry): boolean {
    if (this.allowOutside) return true;
    const isInside = 'realPath' in entry ? isBelow(entry.realPath, this.realFolder) : this.looksInside(path);
    if (!isInside) this.report(mention, messages.outsideFolder(mention.text, this.folder));
    return isInside;
  }

  /** By the words of the path alone, for what is not there. */
  private looksInside(path: string): boolean {
    const folder = joinPath('.', this.folder);
    if (folder === '.') return !path.startsWith('/') && !`${path}/`.startsWith('../');
    return isBelow(joinPath('.', path), folder);
  }

  private usable(mention: Mention, path: string, entry: FileEntry, isRoot: boolean): FoundFile | undefined {
    if (!isRoot && !this.isAllowed(mention, path, entry)) return undefined;
    switch (entry.type) {
      case 'file':
        return { file: path, realPath: entry.realPath, sizeBytes: entry.sizeBytes };
      case 'folder':
        this.report(mention, messages.unreadable(mention.text, 'it is a folder, and a file is wanted'));
        break;
      case 'missing':
        this.report(mention, messages.fileNotFound(mention.text, this.nearestPath(mention)));
        break;
      case 'loop':
        this.report(mention, messages.folderLoop(mention.text));
        break;
      case 'unreadable':
        this.report(mention, messages.unreadable(mention.text, entry.reason));
        break;
    }
    return undefined;
  }

  /** The path with its first missing part replaced by the nearest name that is there. */
  nearestPath({ text, file }: Mention): string | undefined {
    const parts = text.split('/');
    let folder = text.startsWith('/') ? '/' : folderOf(file);
    for (const [at, part] of parts.entries()) {
      if (part === '' || part === '.') continue;
      const next = joinPath(folder, part);
      if (this.reader.stat(next).type === 'missing') {
        const near = part === '..' ? undefined : nearest(part, this.reader.list(folder));
        return near === undefined ? undefined : [...parts.slice(0, at), near, ...parts.slice(at + 1)].join('/');
      }
      folder = next;
    }
    return undefined;
  }

  /** The text of a file; undefined after a report. */
  text(found: FoundFile, mention: Mention): string | undefined {
    if (!this.texts.has(found.realPath)) this.texts.set(found.realPath, this.read(found, mention));
    return this.texts.get(found.realPath)?.text;
  }

  /** The YAML or JSON documents of a file; empty after a report. */
  documents(found: FoundFile, mention: Mention): readonly SourceDocument[] {
    if (this.text(found, mention) === undefined) return [];
    const known = this.texts.get(found.realPath)!;
    known.documents ??= parseSource(found.file, known.text, this.diagnostics);
    return known.documents;
  }

  private read({ file, realPath, sizeBytes }: FoundFile, mention: Mention): ReadText | undefined {
    if (sizeBytes > fileSizeMax) {
      this.report(mention, messages.fileTooLarge(mention.text, sizeBytes, fileSizeMax));
      return undefined;
    }
    const bytes = this.reader.read(realPath);
    if (!(bytes instanceof Uint8Array)) {
      this.report(mention, messages.unreadable(file, bytes.reason));
      return undefined;
    }
    const text = decoded(bytes);
    if (text === undefined) {
      this.report(mention, messages.unreadable(file, 'it is not UTF-8 text'));
      return undefined;
    }
    const path = isBelow(realPath, this.realFolder) ? realPath.slice(this.realFolder.length).replace(/^\//, '') : file;
    this.inputs.push({ path, text });
    return { text, documents: undefined };
  }
}

/** The bytes as UTF-8, without a byte order mark; undefined when they are none. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
