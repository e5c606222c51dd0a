import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isInstalled } from '../../scripts/set-up.js';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));

test('package.json names exact versions', () => {
  const dependencies = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(dependencies.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('the pinned Node is one that package.json allows', () => {
  const oldest = Number(/^>=(\d+)$/.exec(manifest.engines.node)?.[1]);
  expect(Number(manifest.devDependencies['node']?.split('.')[0])).toBeGreaterThanOrEqual(oldest);
});

test('package-lock.json leaves the choice of registry to each machine', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/https?:\/\/[^"]*\.tgz/);
});

test('package-lock.json has every package that another machine may need, without which `npm ci` refuses it', () => {
  const lock: Lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const locked = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
  const optional = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  expect(optional).not.toEqual([]);
  expect(optional.filter((name) => !locked.has(name))).toEqual([]);
});

test('the changelog has the version', () => {
  expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(`\n## ${manifest.version} `);
});

test('commands are files that can be run', () => {
  for (const path of Object.values(manifest.bin)) expect(existsSync(path), path).toBe(true);
});

describe('dependencies are installed', () => {
  const entry = { version: '1.0.0', integrity: 'sha512-a' };
  const wanted = { packages: { '': {}, 'node_modules/a': entry, 'node_modules/b': { ...entry, optional: true } } };

  test('when each is there as the lock file says, but for those of other machines', () => {
    expect(isInstalled(wanted, { packages: { 'node_modules/a': entry } })).toBe(true);
    expect(isInstalled(wanted, { packages: { ...wanted.packages, 'node_modules/c': entry } })).toBe(true);
  });

  test('not when one is missing, of another version or of other contents', () => {
    expect(isInstalled(wanted, undefined)).toBe(false);
    expect(isInstalled(wanted, { packages: {} })).toBe(false);
    expect(isInstalled(wanted, { packages: { 'node_modules/a': { ...entry, version: '1.0.1' } } })).toBe(false);
    expect(isInstalled(wanted, { packages: { 'node_modules/a': { ...entry, integrity: 'sha512-b' } } })).toBe(false);
    const stale = { 'node_modules/a': entry, 'node_modules/b': { ...entry, version: '0.9.0' } };
    expect(isInstalled(wanted, { packages: stale })).toBe(false);
  });
});
