import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What is installed is what the lockfile says, byte for byte, and none of it runs while it is installed. */

const root = join(import.meta.dirname, '../..');

type Manifest = Record<'dependencies' | 'devDependencies' | 'optionalDependencies' | 'scripts', Record<string, string>>;
type Locked = {
  link?: true;
  resolved?: string;
  integrity?: string;
  optional?: true;
  dev?: true;
  os?: string[];
  hasInstallScript?: true;
};

const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);

test('every dependency is named by one exact version', () => {
  const manifests = ['package.json', ...globSync('*/package.json', { cwd: root })];
  expect(manifests.length).toBeGreaterThan(4);
  const named = manifests.flatMap((path) => {
    const { dependencies, devDependencies, optionalDependencies } = read(path) as Manifest;
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  });
  expect(named.length).toBeGreaterThan(30);
  const inexact = named.filter(([name, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && !ours(name));
  expect(inexact).toEqual([]);
});

const ours = (name: string): boolean => name.startsWith('@parley/');

test('the lockfile has a checksum of all but what checks need on other systems, and names no server to get it from', () => {
  expect(installed.length).toBeGreaterThan(200);
  const unchecked = installed.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==/.test(integrity ?? ''));
  expect(unchecked.filter(([, { optional, dev, os }]) => !(optional && dev && os)).map(([path]) => path)).toEqual([]);
  expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});

test('no package runs anything when it is installed', () => {
  expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
  const present = installed.map(([path]) => path).filter((path) => existsSync(join(root, path, 'package.json')));
  expect(present.length).toBeGreaterThan(150);
  const running = present.filter((path) => {
    const { scripts = {} } = read(join(path, 'package.json')) as Partial<Manifest>;
    // npm builds by itself where there is something to build
    const built = existsSync(join(root, path, 'binding.gyp'));
    return built || ['preinstall', 'install', 'postinstall'].some((name) => name in scripts);
  });
  expect(running).toEqual([]);
});
