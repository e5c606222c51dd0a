import { EventStreams } from './event-streams.ts';
import { openListener } from './listeners/open-listener.ts';
import type { OpenListener } from './listeners/open-listener.ts';
import { registerCounters } from './metrics.ts';
import { DEFAULT_LIMITS } from './options.ts';
import type { ApiOptions } from './options.ts';

/** The API while it runs. */
export interface Api {
  /** Where it listens, in the order of the options: paths of sockets, and URLs of ports. */
  readonly addresses: readonly string[];
  /**
   * Reads token files and certificates anew, for requests and connections that begin from then on. If one of them is wrong, throws its
   * BuoyError and all stays as it was.
   */
  reload(): Promise<void>;
  /** Takes no more connections, finishes requests under way, ends streams of events, and closes. Can be called again. */
  stop(): Promise<void>;
}

/** Listens everywhere or, with the BuoyError of what stood in the way, nowhere. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const counters = registerCounters(options.registry);
  const streams = new EventStreams(options.agent, options.networking, limits, counters);
  const context = { ...options, limits, counters, streams };
  const open: OpenListener[] = [];
  let stopping: Promise<void> | undefined;

  async function stop(): Promise<void> {
    streams.close();
    await Promise.all(open.map((listener) => listener.close()));
  }

  try {
    for (const listener of options.listeners) open.push(await openListener(listener, context));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    addresses: open.map(({ address }) => address),
    async reload() {
      const prepared = await Promise.all(open.map((listener) => listener.prepareReload()));
      for (const reload of prepared) reload();
    },
    stop: () => (stopping ??= stop()),
  };
}
