// One writer a host. The lock is flock(2) on a file: the kernel lets go of it when its holder dies,
// however that happens. The file tells who holds it.

import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError } from '../../errors.ts';
import { Descriptor, O } from '../../sys/descriptor.ts';
import { tryLock } from '../../sys/file-lock.ts';
import { ftruncateSync, readSync, writeSync } from 'node:fs';

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
    for (let waited = false; !tryLock(file); waited = true) {
      const holder = readHolder(file) || 'another process';
      if (performance.now() >= deadline) {
        throw new BuoyError('BUOY_LOCKED', `another Buoy is changing this host: ${holder}`, { subject: options.path });
      }
      if (!waited) options.onWait?.(holder);
      await sleep(TRY_EVERY_MS);
    }
    ftruncateSync(file.number);
    writeSync(file.number, `${options.holder} (pid ${process.pid})\n`, 0);
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

/** What the holder wrote, without what could play with a terminal. */
function readHolder(file: Descriptor): string {
  const text = Buffer.alloc(512);
  const length = readSync(file.number, text, 0, text.length, 0);
  return text
    .toString('utf8', 0, length)
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim();
}
