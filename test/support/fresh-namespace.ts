// A network namespace of its own for a test: what it leaves there disturbs no other.

import { execFileSync } from 'node:child_process';
import { call } from '../../src/sys/libc.ts';

const CLONE_NEWNET = 0x40000000;

/**
 * Moves the test into a new, empty network namespace, and with it the programs it starts. Tests run
 * in a process of their own for each file, so nothing has to come back.
 */
export function enterFreshNamespace(): void {
  call('unshare', CLONE_NEWNET);
}

/** Runs nft(8) with input, and answers what it prints. */
export function nft(input: string): string {
  return execFileSync('nft', ['--file', '-'], { encoding: 'utf8', input });
}

/** What nft(8) lists, and nothing of what it prints into the terminal. */
export function nftList(): string {
  return nft('list ruleset');
}
