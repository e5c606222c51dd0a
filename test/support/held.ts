// What a process and the hosts that it works on hold: the same before and after whatever is made and
// deleted again, however often.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Lab } from './lab.ts';
import { countLivingNamespaces } from './living-namespaces.ts';

/** Counts under what they count; one that this machine does not tell is missing. */
export type Held = ReadonlyMap<string, number>;

/** Kinds of descriptors by what /proc/self/fd says they lead to. */
const DESCRIPTORS: readonly (readonly [kind: string, target: RegExp])[] = [
  ['sockets', /^socket:/],
  ['namespaces', /^(?:net:|\/run\/.*netns|\/run\/lab-)/],
  ['sysctl directories', /^\/proc\/(?:sys|\d+)/],
  ['of the event loop', /^(?:anon_inode|pipe):/],
  ['others', /^/],
];

/** What this process holds. To be called when nothing is under way. */
export function heldByProcess(): Held {
  const held = new Map(DESCRIPTORS.map(([kind]) => [`descriptors: ${kind}`, 0]));
  for (const target of openDescriptors()) {
    const [kind = 'others'] = DESCRIPTORS.find(([, pattern]) => pattern.test(target)) ?? [];
    add(held, `descriptors: ${kind}`, 1);
  }
  add(held, 'threads', readdirSync('/proc/self/task').length);
  return held;
}

/** What is on the hosts, and in the kernel that they share. To be called when the kernel has cleaned up. */
export function heldByHosts(labs: readonly Lab[]): Held {
  const held = new Map<string, number>();
  // Each name of a namespace is one.
  add(held, 'mounts', lines(readFileSync('/proc/self/mountinfo', 'utf8')));
  for (const lab of labs) {
    add(held, 'names of namespaces', readdirSync(lab.directory).length);
    add(held, 'links of the host', lines(lab.inHost('ip', '-oneline', 'link')));
    add(held, 'nftables objects of the host', lines(lab.inHost('nft', 'list', 'ruleset')));
    add(held, 'connections in the host', Number(lab.inHost('cat', '/proc/sys/net/netfilter/nf_conntrack_count')));
  }
  const living = countLivingNamespaces();
  if (living !== undefined) held.set('namespaces in the kernel', living);
  return held;
}

function add(held: Map<string, number>, what: string, count: number): void {
  held.set(what, (held.get(what) ?? 0) + count);
}

function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`)];
    } catch {
      // The one that the folder was read with.
      return [];
    }
  });
}

function lines(text: string): number {
  return text.split('\n').filter((line) => line !== '').length;
}
