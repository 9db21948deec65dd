import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one source file reaches for. */
export type ScannedFile = {
  /** From the root of the scan, with forward slashes. */
  path: string;
  /** What stands between the quotes of its imports and re-exports, types among them. */
  specifiers: string[];
  /** It imports something that is not written as a plain string, so that nobody can follow it. */
  hidesImports: boolean;
  readsEnvironment: boolean;
  /** It calls Node's own fetch, or opens a WebSocket or an EventSource, none of which can be guarded. */
  callsFetch: boolean;
  /** It calls `String.prototype.normalize`. */
  normalises: boolean;
};

/** A string of any kind, or a comment. Strings are matched first so that `//` inside one is no comment. */
const stringOrComment = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const fromClause = /(?:^|[;}\s])(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g;
const sideEffectImport = /(?:^|[;\s])import\s*['"]([^'"]+)['"]/g;
const importCall = /\bimport\(\s*['"]([^'"]+)['"]\s*[,)]/g;
const anyImportCall = /\bimport\(/g;
const moduleLoader = /\b(?:createRequire|require)\s*\(/;
const environment = /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\s*\[|\benv\b[^;'"]*\bfrom\s*['"](?:node:)?process['"]/;
const unguardedCall = /(?:(?<![.\w$])|\bglobalThis\.)fetch\s*\(|\bnew\s+(?:WebSocket|EventSource)\s*\(/;
const normalising = /\.\s*normalize\b|\[\s*['"`]normalize['"`]/;

const withoutComments = (source: string): string =>
  source.replaceAll(stringOrComment, (_match, text: string | undefined) => text ?? ' ');

export const scanSource = (path: string, source: string): ScannedFile => {
  const code = withoutComments(source);
  const followed = [...code.matchAll(importCall)];
  return {
    path,
    specifiers: [...code.matchAll(fromClause), ...code.matchAll(sideEffectImport), ...followed].map(
      (match) => match[1] ?? '',
    ),
    hidesImports: [...code.matchAll(anyImportCall)].length > followed.length || moduleLoader.test(code),
    readsEnvironment: environment.test(code),
    normalises: normalising.test(code),
    callsFetch: unguardedCall.test(code.replaceAll(stringOrComment, ' ')),
  };
};

/** Every TypeScript file under `root` that is not a test, sorted by its path. */
export const scanFolder = (root: string): ScannedFile[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((file) => scanSource(file.slice(root.length + 1).replaceAll('\\', '/'), readFileSync(file, 'utf8')));
