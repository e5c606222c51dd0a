// Programs that the benches need beside Node, and the Debian packages they come in.

import { findProgram } from '../sandbox/program.ts';

const PACKAGES = {
  gcc: 'gcc libc6-dev',
  ip: 'iproute2',
  iptables: 'iptables',
  nft: 'nftables',
  strace: 'strace',
  sysctl: 'procps',
} as const;

export type Tool = keyof typeof PACKAGES;

/** Throws, and says what to install, when one of the tools is not there. */
export function requireTools(tools: Iterable<Tool>): void {
  const missing = [...new Set(tools)].filter((tool) => findProgram(tool) === undefined);
  if (missing.length === 0) return;
  const packages = missing.map((tool) => PACKAGES[tool]).join(' ');
  throw new Error(`The benches need ${missing.join(', ')}, which this machine lacks: sudo apt-get install ${packages}`);
}
