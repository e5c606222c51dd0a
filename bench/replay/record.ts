// Records what Buoy says to the kernel, once, and makes a script of it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from '../build.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import type { Size } from '../models.ts';
import { ownCalls, RECORDED } from './own-calls.ts';
import { writeScript } from './script.ts';
import type { SystemCall } from './strace-log.ts';
import { readStraceLog, STRACE_OPTIONS } from './strace-log.ts';

/** What was said to the kernel to make a state from nothing. Disposing takes the script away. */
export interface Recording extends Disposable {
  readonly script: string;
  readonly systemCalls: number;
  /** Netlink messages in them. */
  readonly messages: number;
}

/** Needs strace. */
export function record(size: Size): Recording {
  const folder = mkdtempSync(join(tmpdir(), 'buoy-bench-'));
  const dispose = (): void => rmSync(folder, { recursive: true });
  try {
    const log = join(folder, 'strace.log');
    const trace = `--trace=${RECORDED.join(',')}`;
    inSandbox(size, [
      ['strace', ...STRACE_OPTIONS, trace, `--output=${log}`, ...built('act', 'up', ...sizeArguments(size))],
    ]);
    const calls = ownCalls(readStraceLog(readFileSync(log, 'latin1')));
    const script = join(folder, 'script');
    writeFileSync(script, writeScript(calls));
    return { script, systemCalls: calls.length, messages: countMessages(calls), [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function countMessages(calls: readonly SystemCall[]): number {
  let count = 0;
  for (const { name, arguments: texts, sent } of calls) {
    // A netlink socket is sent to without an address, a packet socket with one.
    if (name !== 'sendto' || texts[4] !== 'NULL') continue;
    for (let at = 0; at < sent.length; count++) at += (sent.readUInt32LE(at) + 3) & ~3;
  }
  return count;
}
