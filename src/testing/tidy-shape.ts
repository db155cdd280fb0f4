import ts from 'typescript';
import { isTest, lineOf, walk } from './source-file.ts';
import type { SourceFile, Violation } from './source-file.ts';

const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 500;

/** Files over 500 lines and functions over 70 (the docstring above a function is not counted). */
export function lengthViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => [...fileLength(file), ...functionLengths(file)]);
}

function fileLength(file: SourceFile): Violation[] {
  const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
  if (lines <= FILE_LINES_MAX) return [];
  const message = `${lines} lines, at most ${FILE_LINES_MAX}: split by responsibility`;
  return [{ file: file.path, line: lines, rule: 'length', message }];
}

function functionLengths(file: SourceFile): Violation[] {
  const found: Violation[] = [];
  walk(file.syntax, (node) => {
    if (!ts.isFunctionLike(node) || (isTest(file.path) && isSuite(node))) return;
    const line = lineOf(file.syntax, node);
    const lines = file.syntax.getLineAndCharacterOfPosition(node.end).line + 2 - line;
    if (lines <= FUNCTION_LINES_MAX) return;
    const message = `function ${nameOf(node)} has ${lines} lines, at most ${FUNCTION_LINES_MAX}`;
    found.push({ file: file.path, line, rule: 'length', message });
  });
  return found;
}

/** The body of describe(...) is a list of tests, not a function to read in one go. */
function isSuite(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());
}

function nameOf(node: ts.Node): string {
  const named = node as { name?: ts.Node };
  const name = named.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return name === undefined ? '(anonymous)' : name.getText();
}

/** Places where `throw` is right: broken input, the command line, and the assertion itself. */
const throwingFiles = /^src\/(scenario|workload|cli|testing)\/|^src\/util\/assert\.ts$/;

/** `throw` where outcomes are values and mistakes are assertions. */
export function throwViolations(files: readonly SourceFile[]): Violation[] {
  return inSimulator(files).flatMap((file) => {
    if (throwingFiles.test(file.path)) return [];
    const found: Violation[] = [];
    walk(file.syntax, (node) => {
      if (!ts.isThrowStatement(node)) return;
      const message = 'return a value for an outcome, call assert for a programmer mistake';
      found.push({ file: file.path, line: lineOf(file.syntax, node), rule: 'throw', message });
    });
    return found;
  });
}

/** Variables of a module that can be assigned again: two simulations in one process would share them. */
export function moduleStateViolations(files: readonly SourceFile[]): Violation[] {
  return inSimulator(files).flatMap((file) =>
    file.syntax.statements
      .filter((node) => ts.isVariableStatement(node) && !(node.declarationList.flags & ts.NodeFlags.Const))
      .filter((node) => !isAmbient(node))
      .map((node) => ({
        file: file.path,
        line: lineOf(file.syntax, node),
        rule: 'module-state',
        message: 'a module holds constants only: move this into an object of the run',
      })),
  );
}

function isAmbient(node: ts.Statement): boolean {
  return ts.isVariableStatement(node) && (node.modifiers ?? []).some((m) => m.kind === ts.SyntaxKind.DeclareKeyword);
}

function inSimulator(files: readonly SourceFile[]): SourceFile[] {
  return files.filter((file) => file.path.startsWith('src/') && !isTest(file.path));
}

/** Types of the Kubernetes API mean what its own reference says: repeating it here would only age. */
const apiGroups = /^src\/api\/[\w-]+-v\d\w*\.ts$/;

/** Exported functions, classes, interfaces and types without a docstring (tests and src/testing apart). */
export function docstringViolations(files: readonly SourceFile[]): Violation[] {
  return inSimulator(files).flatMap((file) => {
    if (file.path.startsWith('src/testing/') || apiGroups.test(file.path)) return [];
    return file.syntax.statements.filter(isUndocumented).map((node) => ({
      file: file.path,
      line: lineOf(file.syntax, node),
      rule: 'docstrings',
      message: `${nameOf(node)} is exported without a docstring: units, ranges, errors, source`,
    }));
  });
}

function isUndocumented(node: ts.Statement): boolean {
  const isDeclaration =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  if (!isDeclaration || ts.getJSDocCommentsAndTags(node).length > 0) return false;
  return (node.modifiers ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
}
