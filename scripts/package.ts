// `npm run package`: builds a Debian package, `buoy_VERSION_ARCHITECTURE.deb`, of what is installed here. It fetches
// nothing. Its Node comes with it: Debian has none that is new enough, and the tests have run on this very one.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { buildProgram } from './build.ts';
import { suitableNode } from './set-up.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAM = 'usr/lib/buoy';
/** Debian's words for what Node calls them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const Manifest = z.object({
  version: z.string(),
  description: z.string(),
  man: z.array(z.string()),
  dependencies: z.record(z.string(), z.string()),
});
const Lock = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })),
});

const manifest = Manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
const lock = Lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
const architecture = ARCHITECTURES[process.arch];
if (architecture === undefined) throw new Error(`there is no package for ${process.arch}`);

const tree = mkdtempSync(join(tmpdir(), 'buoy-package-'));
try {
  // dpkg-deb takes modes and owners as they are.
  chmodSync(tree, 0o755);
  process.umask(0o022);
  await addProgram();
  addSystemFiles();
  addControlFiles(architecture);
  const file = `buoy_${manifest.version}_${architecture}.deb`;
  // gzip: any dpkg reads it, and xz would take a minute for Node's hundred megabytes.
  run('dpkg-deb', '--root-owner-group', '-Zgzip', '-z6', '--build', tree, join(ROOT, file));
  console.log(`${file}: ${(statSync(join(ROOT, file)).size / 1e6).toFixed(0)} MB`);
} finally {
  rmSync(tree, { recursive: true });
}

/** What the npm package has, the packages that it needs, and Node. */
async function addProgram(): Promise<void> {
  await buildProgram(at(`${PROGRAM}/dist`));
  for (const path of ['bin', 'schema', 'examples', 'package.json']) add(path, `${PROGRAM}/${path}`);
  for (const [path, { dev, optional }] of Object.entries(lock.packages)) {
    if (path === '' || dev === true) continue;
    // Those for other machines are not here.
    if (existsSync(join(ROOT, path))) add(path, `${PROGRAM}/${path}`);
    else if (optional !== true) throw new Error(`${path} is not installed`);
  }
  add(suitableNode(), `${PROGRAM}/node`, 0o755);
  add('packaging/buoy.sh', 'usr/bin/buoy', 0o755);
}

function addSystemFiles(): void {
  add('packaging/buoy.service', 'lib/systemd/system/buoy.service');
  add('packaging/sysusers.conf', 'usr/lib/sysusers.d/buoy.conf');
  add('packaging/tmpfiles.conf', 'usr/lib/tmpfiles.d/buoy.conf');
  add('packaging/logrotate.conf', 'etc/logrotate.d/buoy');
  add('examples/agent.yaml', 'etc/buoy/agent.yaml');
  add('packaging/debian/copyright', 'usr/share/doc/buoy/copyright');
  for (const page of ['README.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: ROOT })])
    add(page, `usr/share/doc/buoy/${page.replace(/^docs\//, '')}`);
  for (const manual of manifest.man) {
    const target = `usr/share/man/man${manual.at(-1)}/${basename(manual)}.gz`;
    write(target, gzipSync(readFileSync(join(ROOT, manual)), { level: 9 }));
  }
  const completion = run(process.execPath, join(ROOT, 'bin/buoy.js'), 'completion', 'bash');
  write('usr/share/bash-completion/completions/buoy', completion);
  mkdirSync(at('usr/share/doc/buoy/examples'), { recursive: true });
  for (const example of readdirSync(join(ROOT, 'examples')))
    symlinkSync(`../../../../lib/buoy/examples/${example}`, at(`usr/share/doc/buoy/examples/${example}`));
}

function addControlFiles(debianArchitecture: string): void {
  const kilobytes = Math.ceil(sizeOf(tree) / 1024);
  write(
    'DEBIAN/control',
    [
      'Package: buoy',
      `Version: ${manifest.version}`,
      `Architecture: ${debianArchitecture}`,
      'Maintainer: The authors of Buoy <buoy@localhost>',
      'Section: net',
      'Priority: optional',
      `Installed-Size: ${kilobytes}`,
      // What Node is linked with, as its own documents say; useradd; and kill, to reload.
      'Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8), passwd, procps',
      'Description: floating IPs for Linux hosts',
      ` ${manifest.description}`,
      '',
    ].join('\n'),
  );
  write('DEBIAN/conffiles', '/etc/buoy/agent.yaml\n/etc/logrotate.d/buoy\n');
  for (const script of ['postinst', 'prerm', 'postrm']) add(`packaging/debian/${script}`, `DEBIAN/${script}`, 0o755);
}

function at(path: string): string {
  return join(tree, path);
}

/** Copies a file or folder of the project. */
function add(source: string, target: string, mode?: number): void {
  mkdirSync(dirname(at(target)), { recursive: true });
  const from = source.startsWith('/') ? source : join(ROOT, source);
  if (statSync(from).isDirectory()) cpSync(from, at(target), { recursive: true, dereference: true });
  else copyFileSync(from, at(target));
  if (mode !== undefined) chmodSync(at(target), mode);
}

function write(target: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(at(target)), { recursive: true });
  writeFileSync(at(target), contents);
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((size, { parentPath, name }) => size + statSync(join(parentPath, name)).size, 0);
}

/** Answers what the program printed. */
function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}
