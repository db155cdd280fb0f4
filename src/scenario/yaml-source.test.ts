import { expect, test } from 'vitest';
import { DiagnosticList } from './diagnostics.ts';
import { parseSource } from './yaml-source.ts';

function valueOf(text: string): unknown {
  const list = new DiagnosticList();
  const [document] = parseSource('a.yaml', `a: ${text}\n`, list);
  expect(list.errors).toEqual([]);
  return (document!.raw as { readonly a: unknown }).a;
}

test.each(['.', '-.', '+.', '._', 'e1', 'E5', '-e5', '.e5', '1e', '0b', '_1'])('%s is a text', (text) => {
  expect(valueOf(text)).toBe(text);
});

test.each([
  ['1e3', 1000],
  ['1.e3', 1000],
  ['.5e1', 5],
  ['.5', 0.5],
  ['1.', 1],
  ['-0.25', -0.25],
  ['1_0.5', 10.5],
  ['1_000', 1000],
])('%s is a number', (text, value) => {
  expect(valueOf(text)).toBe(value);
});

test.each([
  ['{{ if .Values.on }}\na: 1\n{{ end }}\n', 1, 1],
  ['a: 1\nb: {{ .Values.b }}\n', 2, 5],
  ['a:\n  {{- toYaml .Values.a | nindent 2 }}\nc: 1\n', 2, 3],
])('a template is told as one, once: %j', (text, line, column) => {
  const list = new DiagnosticList();
  parseSource('a.yaml', text, list);
  expect(list.errors.map(({ message, line: at, column: from }) => [message.slice(0, 18), at, from])).toEqual([
    ['this is a template', line, column],
  ]);
});
