// Waits until the agent has done on the host what it was told.

import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError, BuoyErrors } from '../../errors.ts';
import { enumerate } from '../../model/problem.ts';
import type { AgentClient, Query } from './agent-client.ts';
import { errorOfStatus } from './agent-client.ts';
import type { FloatingIp, Resource, ResourceType, Router } from './resource-types.ts';
import { FLOATING_IPS, ROUTERS } from './resource-types.ts';

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

/**
 * Waits for all routers and associated floating IPs that fit the query. Throws BuoyErrors: what the agent says of those that are
 * in ERROR, and BUOY_AGENT_NOT_SETTLED of how many were not settled in that time.
 */
export async function waitUntilAllActive(client: AgentClient, query: Query, seconds: number): Promise<void> {
  const start = performance.now();
  const end = start + seconds * 1000;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const [routers, floatingIps] = await Promise.all([client.list(ROUTERS, query), client.list(FLOATING_IPS, query)]);
    const settling = [
      ...routers
        .filter((router) => router.admin_state_up)
        .map((router) => ({ what: `router ${router.name}`, ...router })),
      ...floatingIps
        .filter((floatingIp) => floatingIp.router_id !== null)
        .map((floatingIp) => ({ what: `floating IP ${floatingIp.floating_ip_address}`, ...floatingIp })),
    ];
    const left = settling.filter(({ status }) => status !== 'ACTIVE');
    if (left.length === 0) return;
    const now = performance.now();
    const isOver = now >= end || (now >= start + OLD_ERROR && left.every(({ status }) => status === 'ERROR'));
    if (isOver) throw allThat(left, seconds);
    await sleep(Math.min(pause, end - now));
  }
}

interface Unsettled extends Pick<Router | FloatingIp, 'status' | 'buoy:error'> {
  readonly what: string;
}

function allThat(left: readonly Unsettled[], seconds: number): Error {
  const errors = left
    .filter(({ status }) => status === 'ERROR')
    .map(({ what, 'buoy:error': error }) => errorOfStatus(what, error));
  const down = left.filter(({ status }) => status === 'DOWN').map(({ what }) => what);
  if (down.length > 0) {
    const message = `after ${seconds} s there are still DOWN: ${enumerate(down, (what) => what)}`;
    errors.push(new BuoyError('BUOY_AGENT_NOT_SETTLED', message));
  }
  const [first, ...others] = errors;
  return first === undefined ? new Error('all is settled') : new BuoyErrors([first, ...others]);
}
