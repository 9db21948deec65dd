import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import {
  environmentReader,
  mayImport,
  moduleRooms,
  normaliser,
  ownPrograms,
  packageRooms,
} from './architecture-rules.ts';
import type { ScannedFile } from './import-scan.ts';

type Edge = { from: string; to: string };

/** `http/routes/x.ts` → `http`; `app.ts` → `app.ts`. */
const roomOf = (path: string): string => path.split('/')[0] ?? path;

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const checkPackage = (file: ScannedFile, specifier: string): string[] => {
  const name = isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
  const rooms = moduleRooms[name] ?? packageRooms[name] ?? packageRooms[packageOf(name)];
  if (rooms?.some((home) => file.path === home || file.path.startsWith(`${home}/`))) return [];
  if (rooms) return [`${file.path} imports ${specifier}, which is at home in ${rooms.join(', ') || 'no room'} alone`];
  return isBuiltin(name) ? [] : [`${file.path} imports ${specifier}, a package without a room`];
};

/** What runs in a process of its own is never loaded into another. */
const checkProgram = (from: string, target: string): string[] =>
  ownPrograms.flatMap(({ folder, of, entrances }) => {
    const loads = target.startsWith(`${folder}/`) && !from.startsWith(`${folder}/`);
    if (loads) return [`${from} imports ${target}, which runs in a process of its own`];
    const enters = target.startsWith(`${of}/`) && roomOf(from) !== of && !entrances.includes(target);
    return enters ? [`${from} imports ${target}, which is no entrance of ${of}`] : [];
  });

const checkFile = (file: ScannedFile, known: ReadonlySet<string>, edges: Edge[]): string[] => {
  const room = roomOf(file.path);
  const problems: string[] = [];
  if (!(room in mayImport)) problems.push(`${file.path} lies in ${room}, which is not in the table of folders`);
  if (file.hidesImports) problems.push(`${file.path} has an import that cannot be followed`);
  if (file.readsEnvironment && file.path !== environmentReader) {
    problems.push(`${file.path} reads the environment, which ${environmentReader} alone may`);
  }
  if (file.callsFetch && !file.specifiers.includes('undici')) {
    problems.push(`${file.path} calls fetch, which knows no guard`);
  }
  if (file.normalises && file.path !== normaliser) {
    problems.push(`${file.path} normalises a text, which ${normaliser} alone may`);
  }
  for (const specifier of file.specifiers) {
    if (!specifier.startsWith('.')) {
      problems.push(...checkPackage(file, specifier));
      continue;
    }
    const target = posix.join(posix.dirname(file.path), specifier);
    if (!known.has(target)) {
      problems.push(`${file.path} imports ${specifier}, which is no source file`);
      continue;
    }
    edges.push({ from: file.path, to: target });
    const targetRoom = roomOf(target);
    if (targetRoom !== room && mayImport[room]?.includes(targetRoom) !== true) {
      problems.push(`${file.path} imports ${target}: ${room} may not import ${targetRoom}`);
    }
    problems.push(...checkProgram(file.path, target));
  }
  return problems;
};

/** Every cycle that a walk in depth closes, as `a → b → a`. */
const findCycles = (edges: readonly Edge[]): string[] => {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of edges) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      cycles.push([...path.slice(at), node].join(' → '));
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const target of targets.get(node) ?? []) visit(target);
    path.pop();
    done.add(node);
  };
  for (const node of targets.keys()) visit(node);
  return cycles;
};

/** What is wrong with the source, one line each; empty where it is as ARCHITECTURE.md says. */
export const checkArchitecture = (files: readonly ScannedFile[]): string[] => {
  if (files.length === 0) return ['no source files were found'];
  const known = new Set(files.map((file) => file.path));
  const edges: Edge[] = [];
  const problems = files.flatMap((file) => checkFile(file, known, edges));
  const roomEdges = edges
    .map(({ from, to }) => ({ from: roomOf(from), to: roomOf(to) }))
    .filter(({ from, to }) => from !== to);
  return [
    ...problems,
    ...findCycles(edges).map((cycle) => `files in a cycle: ${cycle}`),
    ...findCycles(roomEdges).map((cycle) => `folders in a cycle: ${cycle}`),
  ];
};
