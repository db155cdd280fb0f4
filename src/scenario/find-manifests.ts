/** From what `manifests` lists - files, folders, patterns - to the files themselves. */
import { folderOf, joinPath } from './file-reader.ts';
import type { FoundFile, InputTexts, Mention } from './input-texts.ts';
import * as messages from './messages.ts';
import { isPattern, matchesName } from './path-pattern.ts';

/** A file of manifests and the entry that led to it. */
export interface ManifestFile extends FoundFile {
  readonly mention: Mention;
  /** Named itself, and not met in a folder or by a pattern. */
  readonly isNamed: boolean;
}

const filesMax = 10_000;
const manifestName = /\.(ya?ml|json)$/;

/**
 * The files of a list of mentions, in the order of the list and then of their paths; each file once. A folder stands for all
 * YAML and JSON files in and below it.
 */
export function findManifests(texts: InputTexts, mentions: readonly Mention[]): readonly ManifestFile[] {
  const files = new Map<string, ManifestFile>();
  for (const mention of mentions) {
    for (const file of filesOf(texts, mention)) if (!files.has(file.realPath)) files.set(file.realPath, file);
  }
  return [...files.values()];
}

function filesOf(texts: InputTexts, mention: Mention): readonly ManifestFile[] {
  const path = joinPath(folderOf(mention.file), mention.text);
  const isFolder = !isPattern(mention.text) && texts.reader.stat(path).type === 'folder';
  if (!isFolder && !isPattern(mention.text)) {
    const found = texts.find(mention);
    return found === undefined ? [] : [{ ...found, mention, isNamed: true }];
  }
  const start = isFolder ? path : folderOf(path.slice(0, path.search(/[*?]/)));
  if (!texts.isAllowed(mention, start, texts.reader.stat(start))) return [];
  const walk = new FolderWalk(texts, mention);
  if (isFolder) walk.folder(path, ['**']);
  else walk.folder(mention.text.startsWith('/') ? '/' : folderOf(mention.file), segmentsOf(mention.text));
  if (walk.files.length === 0 && !walk.hasFailed) {
    texts.report(mention, messages.patternWithoutMatch(mention.text, otherSpelling(texts, mention)));
  }
  return walk.files;
}

function segmentsOf(pattern: string): readonly string[] {
  return pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
}

/** `*.yml` for `*.yaml` where that finds something, or the folder that is nearly named so. */
function otherSpelling(texts: InputTexts, mention: Mention): string | undefined {
  const swapped = mention.text.endsWith('.yaml')
    ? mention.text.replace(/\.yaml$/, '.yml')
    : mention.text.replace(/\.yml$/, '.yaml');
  if (swapped !== mention.text) {
    const walk = new FolderWalk(texts, mention);
    walk.folder(folderOf(mention.file), segmentsOf(swapped));
    if (walk.files.length > 0) return swapped;
  }
  const segments = mention.text.split('/');
  const fixed = segments.slice(0, segments.findIndex(isPattern)).join('/');
  const near = fixed === '' ? undefined : texts.nearestPath({ ...mention, text: fixed });
  return near === undefined ? undefined : near + mention.text.slice(fixed.length);
}

/** Walks through folders along the segments of a pattern. */
class FolderWalk {
  readonly files: ManifestFile[] = [];
  /** Something has been reported. */
  hasFailed = false;
  private readonly texts: InputTexts;
  private readonly mention: Mention;
  /** Real paths from the start to the present folder. */
  private readonly open: string[] = [];
  /** Real path and remaining segments that have been done. */
  private readonly seen = new Set<string>();

  constructor(texts: InputTexts, mention: Mention) {
    this.texts = texts;
    this.mention = mention;
  }

  /** Collects the files below a folder that match the segments. */
  folder(path: string, segments: readonly string[]): void {
    const entry = this.texts.reader.stat(path);
    if (this.hasFailed || entry.type !== 'folder') return;
    const [segment, ...rest] = segments;
    if (segment === undefined) return;
    if (!isPattern(segment)) {
      if (rest.length > 0) this.folder(joinPath(path, segment), rest);
      else this.file(joinPath(path, segment));
      return;
    }
    if (!this.texts.isAllowed(this.mention, path, entry)) this.hasFailed = true;
    const key = `${entry.realPath}\n${segments.length}`;
    if (this.hasFailed || this.seen.has(key)) return;
    this.seen.add(key);
    this.open.push(entry.realPath);
    if (segment === '**') this.anyDepth(path, rest);
    else this.names(path, segment, rest);
    this.open.pop();
  }

  private names(path: string, segment: string, rest: readonly string[]): void {
    for (const name of this.texts.reader.list(path)) {
      if (!matchesName(segment, name) || isHidden(name, segment)) continue;
      if (rest.length > 0) this.below(joinPath(path, name), rest);
      else if (segment.includes('.') || manifestName.test(name)) this.file(joinPath(path, name));
    }
  }

  private anyDepth(path: string, rest: readonly string[]): void {
    if (rest.length > 0) this.folder(path, rest);
    for (const name of this.texts.reader.list(path)) {
      if (name.startsWith('.')) continue;
      const below = joinPath(path, name);
      if (rest.length === 0 && manifestName.test(name)) this.file(below);
      this.below(below, ['**', ...rest]);
    }
  }

  /** One folder further down; a link back to a folder on the way is a loop. */
  private below(path: string, segments: readonly string[]): void {
    const entry = this.texts.reader.stat(path);
    const isLoop = entry.type === 'loop' || (entry.type === 'folder' && this.open.includes(entry.realPath));
    if (isLoop) this.fail(messages.folderLoop(path));
    else this.folder(path, segments);
  }

  private file(path: string): void {
    const entry = this.texts.reader.stat(path);
    if (entry.type === 'loop') this.fail(messages.folderLoop(path));
    if (this.hasFailed || entry.type !== 'file') return;
    if (!this.texts.isAllowed(this.mention, path, entry)) this.hasFailed = true;
    else if (this.files.length >= filesMax) this.fail(messages.tooComplex(`more than ${filesMax} files match`));
    else {
      const { realPath, sizeBytes } = entry;
      this.files.push({ file: path, realPath, sizeBytes, mention: this.mention, isNamed: false });
    }
  }

  private fail(finding: Parameters<InputTexts['report']>[1]): void {
    if (!this.hasFailed) this.texts.report(this.mention, finding);
    this.hasFailed = true;
  }
}

/** As in a shell, a star does not stand for the dot of a hidden file. */
function isHidden(name: string, segment: string): boolean {
  return name.startsWith('.') && !segment.startsWith('.');
}
