// The agent with its store and its API, in one: what `buoy agent` runs, and what the playground shows. The intent goes from
// the API to the store, and when it is committed from there to the agent; what becomes of it goes back the same way. The client has its
// answer when it is on disk, which the agent does not wait for.

import { Registry } from 'prom-client';
import type { Logger } from 'pino';
import { Agent } from '../agent/agent.ts';
import type { AgentEvent } from '../agent/events.ts';
import type { Api, Limits, Listener } from '../api/index.ts';
import { openStore } from '../intent/store/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Plug } from '../model/model.ts';
import type { LinkName } from '../model/names.ts';
import { GarbageAfterWork } from '../sys/garbage.ts';
import { followStore, tellStore } from './follow-store.ts';
import { logEvents } from './log.ts';
import { countEvents } from './metrics.ts';
import { viewOf } from './view.ts';

export interface ServiceOptions {
  readonly instance: string;
  /** This host's name, as Neutron would know it. */
  readonly host: string;
  /** Path of the store's file. */
  readonly store: string;
  readonly physicalNetworks: ReadonlyMap<string, Plug>;
  /** Devices that ports may be plugged into; undefined: any. */
  readonly allowedDevices?: ReadonlySet<LinkName> | undefined;
  readonly listeners: readonly Listener[];
  readonly limits?: Partial<Limits>;
  readonly auditEveryMs: number;
  readonly logger: Logger;
  /** Whether an empty store means that everything is to be removed. */
  readonly mayRemoveAll?: boolean;
}

export interface Service {
  /** Where the API listens: paths of sockets, and URLs. */
  readonly addresses: readonly string[];
  readonly agent: Agent;
  /** Reads certificates and tokens anew. Throws BuoyError, and all stays as it was. */
  reload(): Promise<void>;
  /** Finishes requests and the round under way. The data plane stays up. */
  stop(): Promise<void>;
}

/**
 * Resolves when the host is as the store says, but for what failed, and the API answers. Rejects with the BuoyError of what stood in the way;
 * then nothing is left open.
 */
export async function startService(kernel: Kernel, options: ServiceOptions): Promise<Service> {
  const { instance, host, logger, listeners, limits, physicalNetworks, allowedDevices, auditEveryMs } = options;
  await using stack = new AsyncDisposableStack();
  const store = stack.use(openStore(options.store, { host, physicalNetworks }));
  const agent = new Agent(kernel, { instance, allowedDevices, auditEveryMs, tell: (event) => tell(event) });
  stack.defer(() => agent.stop());
  // The kernel is read while the rest is made ready. What fails in that, `start` says.
  agent.begin().catch(() => undefined);
  const registry = new Registry();
  let isReady = false;
  const view = viewOf(() => (isReady ? agent : undefined), kernel, options);
  const failing = (): number => [...agent.statuses.values()].filter(({ status }) => status === 'ERROR').length;
  const count = countEvents(registry, { unsettled: () => agent.unsettled.size, failing });
  const log = logEvents(logger);
  const garbage = stack.use(new GarbageAfterWork());
  const tell = (event: AgentEvent): void => {
    log(event);
    count(event);
    tellStore(store, event);
    view.hear(event);
    garbage.worked(1);
  };
  // Loaded only now: that takes as long as some of the reading.
  const { startApi } = await import('../api/index.ts');
  const api: Api = await startApi({
    networking: store,
    agent: view,
    registry,
    logger,
    listeners,
    ...(limits && { limits }),
  });
  stack.defer(() => api.stop());
  stack.use(await followStore(agent, store, { mayRemoveAll: options.mayRemoveAll === true }));
  isReady = true;
  garbage.worked();
  const open = stack.move();
  return {
    addresses: api.addresses,
    agent,
    reload: () => api.reload(),
    async stop() {
      // No request is answered by an agent that does nothing.
      await api.stop();
      await open.disposeAsync();
    },
  };
}
