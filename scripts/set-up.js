// What `npm start` and `npm test` share: a fresh clone, where only git, npm and some Node from 20 on
// are at hand, is made ready. Plain JavaScript, because that Node need not know TypeScript.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PINNED_NODE = join(ROOT, 'node_modules/.bin/node');
const OLDEST_NODE = 24;
/** `EXIT.unable` of src/errors/catalogue.ts. */
const UNABLE = 4;

/** Where programs are looked for. Debian keeps ip and nft where a user's PATH does not lead. */
const PATH = [join(ROOT, 'node_modules/.bin'), process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);

/** Installs the dependencies unless those that package-lock.json names are there. */
export function installWhatIsMissing() {
  if (isInstalled(readLock('package-lock.json'), readLock('node_modules/.package-lock.json'))) return;
  process.stderr.write('Installing what Buoy is developed with into node_modules, once …\n');
  const [command, ...args] = [...suitableNpm(), 'ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const { status, error, output } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return;
  fail(
    `${error?.message ?? output.join('')}\n\`npm ci\` failed, see above. It needs a registry of npm packages within reach.`,
  );
}

/**
 * npm as a command; where it is older than 10, by way of one that is not: older ones leave out
 * packages that are for machines with glibc only (Node 20.0 to 20.4 come with such a one).
 *
 * @returns {[string, ...string[]]}
 */
function suitableNpm() {
  const major = /\bnpm\/(\d+)/.exec(process.env.npm_config_user_agent ?? '')?.[1];
  return Number(major) < 10 ? ['npx', '--yes', 'npm@10.9.9'] : ['npm'];
}

/**
 * Whether every package that a lock file names is installed as it says. Packages for other
 * machines (`optional`) may be missing, and more than it names does no harm.
 *
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 * @param {Lock | undefined} wanted
 * @param {Lock | undefined} installed
 */
export function isInstalled(wanted, installed) {
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted.packages).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const found = installed.packages[path];
    return found === undefined ? optional === true : found.version === version && found.integrity === integrity;
  });
}

/**
 * @param {string} path
 * @returns {Lock | undefined}
 */
function readLock(path) {
  try {
    /** @type {Lock} */
    const lock = JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
    return lock;
  } catch {
    return undefined;
  }
}

/**
 * The Node that package.json pins, or the one that runs this if it is new enough: npm leaves the
 * pinned one out when it was told to run no install scripts.
 */
export function suitableNode() {
  if (existsSync(PINNED_NODE)) return PINNED_NODE;
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return process.execPath;
  return fail(
    `Buoy needs Node ${OLDEST_NODE} and this is ${process.versions.node}. npm did not install the right one beside the\n` +
      'project, for it is told to run no install scripts: allow them with `npm ci --ignore-scripts=false`.',
  );
}

/**
 * Where a program lies, or undefined.
 *
 * @param {string} name
 */
export function findProgram(name) {
  return PATH.split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * Runs a program in the project's folder and ends as it ends.
 *
 * @param {string} program
 * @param {string[]} args
 */
export function run(program, ...args) {
  const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, PATH } });
  // A terminal sends Ctrl-C to both. The program decides what it means, and this waits for it.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * Runs commands in the project's folder, side by side. Of each what it prints is shown when it is its turn. Sets the exit code to that of the
 * first that failed.
 *
 * @param {string[][]} commands
 */
export async function runAll(commands) {
  const env = { ...process.env, PATH, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) };
  const running = commands.map(([program = '', ...args]) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], env });
    const output = { isShown: false, waiting: /** @type {Buffer[]} */ ([]) };
    child.stdout.on('data', (/** @type {Buffer} */ bytes) => {
      if (output.isShown) process.stdout.write(bytes);
      else output.waiting.push(bytes);
    });
    return { child, output, ended: once(child, 'close') };
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(signal, () => running.forEach(({ child }) => child.kill(signal)));
  for (const { output, ended } of running) {
    output.isShown = true;
    process.stdout.write(Buffer.concat(output.waiting));
    /** @type {unknown[]} */
    const [code] = await ended;
    if (code !== 0) process.exitCode ||= typeof code === 'number' ? code : 1;
  }
}

/**
 * Ends with a word on what this machine lacks.
 *
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(UNABLE);
}
