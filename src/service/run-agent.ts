// What the listening process of the agent does: a service by the configuration.

import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig, RunAgent } from '../agent/index.ts';
import { findGroup } from '../agent/accounts.ts';
import { createLog } from '../agent/log.ts';
import { NothingRuns } from '../agent/listener-process.ts';
import type { Listener } from '../api/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Service } from './service.ts';
import { startService } from './service.ts';

/** `write` takes the lines of the log. */
export function runAgent(write: (line: string) => void): RunAgent {
  return async (kernel, config) => {
    const service = await start(kernel, config, write);
    // A word for the start alone.
    let current = { config: { ...config, mayRemoveAll: false }, service };
    return {
      async reload(next) {
        if (isDeepStrictEqual(next, current.config)) return current.service.reload();
        // One store and one set of sockets: the old one has to let go of them first.
        await orNothingRuns(current.service.stop());
        try {
          current = { config: next, service: await start(kernel, next, write) };
        } catch (error) {
          current = { ...current, service: await orNothingRuns(start(kernel, current.config, write)) };
          throw error;
        }
      },
      stop: () => current.service.stop(),
    };
  };
}

async function orNothingRuns<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new NothingRuns(`the agent cannot go on as before: ${message}`, { cause: error });
  }
}

async function start(kernel: Kernel, config: AgentConfig, write: (line: string) => void): Promise<Service> {
  const { instance, host, store, physicalNetworks, allowedDevices, mayRemoveAll } = config;
  const logger = createLog(config.log, write);
  const service = await startService(kernel, {
    instance,
    host,
    store,
    physicalNetworks,
    allowedDevices,
    mayRemoveAll,
    logger,
    listeners: listenersOf(config),
    auditEveryMs: config.auditIntervalSeconds * 1000,
  });
  logger.info({ addresses: service.addresses }, 'the API answers');
  return service;
}

function listenersOf({ listen: { unix, tcp }, group }: AgentConfig): Listener[] {
  const members = unix.group ?? group;
  return [
    { kind: 'unix', path: unix.path, ...(members !== undefined && { group: findGroup(members) }) },
    ...tcp.map(({ address, port, security }): Listener => {
      if (security === undefined) return { kind: 'tcp', host: address, port, isOpen: true };
      const { certificate, key, tokens } = security;
      return {
        kind: 'tcp',
        host: address,
        port,
        tls: { certificateFile: certificate, keyFile: key },
        tokenFile: tokens,
      };
    }),
  ];
}
