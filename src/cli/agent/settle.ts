// Waits until the agent has done on the host what it was told.

import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError } from '../../errors.ts';
import type { AgentClient } from './agent-client.ts';
import { errorOfStatus } from './agent-client.ts';
import type { FloatingIp, Resource, ResourceType, Router } from './resource-types.ts';

/** A resource whose status tells what became of it on the host. */
export type Settling = Resource & Pick<Router | FloatingIp, 'status' | 'buoy:error'>;

export interface Wait<T extends Resource> {
  readonly client: AgentClient;
  readonly type: ResourceType<T>;
  /** How messages call the resource: `router blue`. */
  readonly what: string;
  readonly seconds: number;
}

/** Milliseconds between two looks: an agent is done in a few, or has trouble that lasts. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 250;
/** Milliseconds after which an ERROR is no more that of the time before the change. */
const OLD_ERROR = 500;

/**
 * The resource when it is ACTIVE. Throws what the agent says of it when that is ERROR, and BUOY_AGENT_NOT_SETTLED when it is
 * neither in that time.
 */
export async function waitUntilActive<T extends Settling>(
  { client, type, what, seconds }: Wait<T>,
  resource: T,
): Promise<T> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let current = resource;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    if (current.status === 'ACTIVE') return current;
    const now = performance.now();
    if (current.status === 'ERROR' && now >= Math.min(end, start + OLD_ERROR))
      throw errorOfStatus(what, current['buoy:error']);
    const left = end - now;
    if (left <= 0)
      throw new BuoyError('BUOY_AGENT_NOT_SETTLED', `${what} is ${current.status} after ${seconds} s`, {
        subject: what,
      });
    await sleep(Math.min(pause, left));
    current = await client.show(type, resource.id);
  }
}
