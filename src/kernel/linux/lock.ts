// One writer a host. The lock is flock(2) on a file: the kernel lets go of it when its holder dies,
// however that happens. The file tells who holds it.

import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError } from '../../errors.ts';
import { Descriptor, O } from '../../sys/descriptor.ts';
import { callUnless } from '../../sys/libc.ts';
import { readFileSync, writeFileSync } from 'node:fs';

const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;
const TRY_EVERY_MS = 100;

export interface LockOptions {
  /** The lock file: `/run/buoy.lock`. */
  readonly path: string;
  /** Who we are, for others who wait: "buoy apply net.yaml". */
  readonly holder: string;
  /** How long to wait for another holder. */
  readonly waitMs: number;
  /** Called once, with who holds it, when there is need to wait. */
  readonly onWait?: (holder: string) => void;
}

/** Takes the lock. Disposing lets go of it. Throws BuoyError BUOY_LOCKED when another one keeps it for too long. */
export async function takeLock(options: LockOptions): Promise<Descriptor> {
  const file = Descriptor.open(options.path, O.RDWR | O.CREAT | O.NOFOLLOW, 0o644);
  try {
    const deadline = performance.now() + options.waitMs;
    for (let waited = false; callUnless(EWOULDBLOCK, 'flock', file.number, LOCK_EX | LOCK_NB) < 0; waited = true) {
      const holder = readFileSync(options.path, 'utf8').trim() || 'another process';
      if (performance.now() >= deadline) {
        throw new BuoyError('BUOY_LOCKED', `another Buoy is changing this host: ${holder}`, { subject: options.path });
      }
      if (!waited) options.onWait?.(holder);
      await sleep(TRY_EVERY_MS);
    }
    writeFileSync(options.path, `${options.holder} (pid ${process.pid})\n`);
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}
