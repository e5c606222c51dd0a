// A command's way to the kernel: what it needs is checked first, what the kernel refuses comes out
// in the words of `buoy doctor`, and all is released at the end.

import { dirname, join } from 'node:path';
import { LinuxKernel, takeLock } from '../kernel/linux/index.ts';
import type { GlobalOptions, ChangeOptions } from './options.ts';
import { note } from './output/terminal.ts';
import { inWordsOfBuoy, requireBasics } from './requirements/lacking.ts';

/** Throws BuoyError. */
export async function withKernel<T>(
  { instance, netnsDir }: GlobalOptions,
  work: (kernel: LinuxKernel) => Promise<T>,
): Promise<T> {
  requireBasics();
  try {
    await using kernel = new LinuxKernel({ instance, directory: netnsDir });
    return await work(kernel);
  } catch (error) {
    throw inWordsOfBuoy(error);
  }
}

/**
 * As `withKernel`, for a command that changes the kernel: nobody else changes this host meanwhile.
 * `holder` is what the others are told, `buoy apply net.yaml`.
 */
export async function withKernelToChange<T>(
  options: GlobalOptions & ChangeOptions,
  holder: string,
  work: (kernel: LinuxKernel) => Promise<T>,
): Promise<T> {
  return withKernel(options, async (kernel) => {
    using _lock = await takeLock({
      path: join(dirname(options.netnsDir), 'buoy.lock'),
      holder,
      waitMs: options.lockWait * 1000,
      onWait: (other) => note(`Waiting for ${other}, which is changing this host (at most ${options.lockWait} s).\n`),
    });
    return await work(kernel);
  });
}
