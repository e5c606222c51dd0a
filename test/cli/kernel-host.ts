// A host of its own for a test that runs `buoy`: a network namespace with two bridges, and a
// directory for the names of namespaces.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDirectory } from '../../src/kernel/linux/index.ts';
import { callUnless } from '../../src/sys/libc.ts';
import { enterFreshNamespace } from '../support/fresh-namespace.ts';
import type { Run } from './buoy.ts';
import { buoy, RunningBuoy } from './buoy.ts';

const MNT_DETACH = 2;
const EINVAL = 22;

export class KernelHost implements Disposable {
  readonly #run: string;
  /** Where namespaces have their names; not there before something is made. */
  readonly names: string;

  /** The test, and what it starts, moves to the new network namespace. */
  constructor() {
    enterFreshNamespace();
    this.#run = mkdtempSync('/run/buoy-test-');
    this.names = join(this.#run, 'netns');
    for (const bridge of ['br-ex', 'br-blue']) this.addBridge(bridge);
  }

  addBridge(name: string): void {
    // With an address of its own, it does not take over that of a port.
    ip('link', 'add', name, 'address', '02:00:00:00:00:01', 'up', 'type', 'bridge');
  }

  /** Runs `buoy` on this host. */
  buoy(...args: readonly string[]): Run {
    return buoy(...this.arguments(args));
  }

  start(...args: readonly string[]): RunningBuoy {
    return new RunningBuoy(...this.arguments(args));
  }

  arguments(args: readonly string[]): string[] {
    return [...args, '--netns-dir', this.names];
  }

  get lockPath(): string {
    return join(this.#run, 'buoy.lock');
  }

  /** All that is beside the names of namespaces: what a command that is over has left. */
  leftovers(): string[] {
    return readdirSync(this.#run).filter((name) => name !== 'netns' && name !== 'buoy.lock');
  }

  /** Puts a file in the directory of tests' files, and answers its path. */
  write(name: string, text: string): string {
    const path = join(this.#run, name);
    writeFileSync(path, text);
    return path;
  }

  namespaces(): string[] {
    return (existsSync(this.names) ? readdirSync(this.names) : []).toSorted();
  }

  /** Makes a namespace that is not Buoy's, with something in it. */
  addForeign(name: string): void {
    prepareDirectory(this.names);
    const path = join(this.names, name);
    writeFileSync(path, '');
    const furnish = [
      'ip link set lo up',
      'ip link add rfp-live type bridge',
      'ip addr add 10.0.0.1/24 dev rfp-live',
      'ip link set rfp-live up',
      'ip rule add fwmark 0x10 lookup 16 priority 1000',
      'nft add table ip nat',
    ];
    execFileSync('unshare', [`--net=${path}`, 'sh', '-ec', furnish.join('\n')]);
  }

  /** Makes a file that has the name of a namespace. */
  addFile(name: string, text: string): void {
    mkdirSync(this.names, { recursive: true });
    writeFileSync(join(this.names, name), text);
  }

  /** Takes a name away, and what has it. */
  remove(name: string): void {
    const path = join(this.names, name);
    callUnless(EINVAL, 'umount2', path, MNT_DETACH);
    rmSync(path);
  }

  /** What is in a namespace. */
  contents(name: string): string {
    const look = 'ip -o -4 addr; ip -o link | cut -d" " -f2; ip rule; ip -4 route show table all; nft list ruleset';
    return this.inside(name, 'sh', '-ec', look);
  }

  inside(name: string, ...command: readonly string[]): string {
    return execFileSync('nsenter', [`--net=${join(this.names, name)}`, ...command], { encoding: 'utf8' });
  }

  [Symbol.dispose](): void {
    if (existsSync(this.names)) {
      for (const name of readdirSync(this.names)) this.remove(name);
      callUnless(EINVAL, 'umount2', this.names, MNT_DETACH);
    }
    rmSync(this.#run, { recursive: true });
  }
}

export function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

/** The devices of the host, each with what Buoy could have changed of it. */
export function devices(): string[] {
  const links: readonly Record<string, unknown>[] = JSON.parse(ip('-json', 'link'));
  return links.map(({ ifname, address, mtu, master, ifalias }) => [ifname, address, mtu, master, ifalias].join(' '));
}
