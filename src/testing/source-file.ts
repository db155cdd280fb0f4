import { posix } from 'node:path';
import ts from 'typescript';

/** A module name written in a file, and where. */
export interface Import {
  /** The name as written: './engine.ts', 'vega', 'node:fs'. */
  readonly specifier: string;
  /** The repository path a relative name points to; undefined for packages and built-ins. */
  readonly target: string | undefined;
  readonly line: number;
}

/** One source file as the tidy rules see it. */
export interface SourceFile {
  /** Path from the root of the repository, with slashes: 'src/engine/engine.ts'. */
  readonly path: string;
  readonly text: string;
  readonly syntax: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** One breach of a house rule. */
export interface Violation {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** Parses one file. `path` is relative to the root of the repository. */
export function parseSource(path: string, text: string): SourceFile {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  return { path, text, syntax, imports: importsOf(path, syntax) };
}

/** Parses a whole tree, given as path and text, in the order of the paths. */
export function parseSources(texts: ReadonlyMap<string, string>): SourceFile[] {
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => parseSource(path, text));
}

/** The line, counted from 1, on which a node begins (its docstring not counted). */
export function lineOf(syntax: ts.SourceFile, node: ts.Node): number {
  return syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1;
}

/** Calls `visit` for a node and everything below it, in source order. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** Static and dynamic imports, re-exports, and `import('./x.ts').Type`. */
function importsOf(path: string, syntax: ts.SourceFile): Import[] {
  const found: Import[] = [];
  walk(syntax, (node) => {
    const name = moduleNameOf(node);
    if (name === undefined) return;
    const isRelative = name.text.startsWith('.');
    const target = isRelative ? posix.join(posix.dirname(path), name.text) : undefined;
    found.push({ specifier: name.text, target, line: lineOf(syntax, name) });
  });
  return found;
}

function moduleNameOf(node: ts.Node): ts.StringLiteralLike | undefined {
  let name: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) name = node.moduleSpecifier;
  else if (ts.isCallExpression(node) && isImportKeyword(node)) name = node.arguments[0];
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) name = node.argument.literal;
  else if (ts.isNewExpression(node) && isUrlOfThisModule(node)) name = node.arguments?.[0];
  return name !== undefined && ts.isStringLiteralLike(name) ? name : undefined;
}

function isImportKeyword(call: ts.CallExpression): boolean {
  return call.expression.kind === ts.SyntaxKind.ImportKeyword;
}

/** `new URL('./worker.ts', import.meta.url)`: how a worker's entry is named. Names of other files end otherwise. */
function isUrlOfThisModule(node: ts.NewExpression): boolean {
  const [name, base] = node.arguments ?? [];
  const isUrl = ts.isIdentifier(node.expression) && node.expression.text === 'URL';
  const isSource = name !== undefined && ts.isStringLiteralLike(name) && /\.(ts|js)$/.test(name.text);
  return isUrl && isSource && base?.getText() === 'import.meta.url';
}
