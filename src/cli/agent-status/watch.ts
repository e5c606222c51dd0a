// Shows something of the agent again and again, whenever the agent tells of a change.

import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError } from '../../errors.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import { followEvents } from '../agent/events.ts';

/** Milliseconds between two looks at least: many changes that come together are shown as one. */
const SHORTEST = 100;
/** And at most, for what no event tells of. */
const LONGEST = 5000;
/** Events after which something else may be shown. */
const KINDS = ['intent', 'status', 'settled', 'failure', 'trouble'];

/** Calls `show` now and after every change, until the signal. While the agent is away, `show` gets that error. */
export async function watchAgent(
  client: AgentClient,
  show: (away: BuoyError | undefined) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const end = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  let wake = Promise.withResolvers<void>();
  const listening = (async () => {
    const look = (): void => wake.resolve();
    const following = { kinds: KINDS, isLasting: true, signal: end, onConnection: look, onBreak: look };
    for await (const _event of followEvents(client, following)) look();
  })();
  try {
    await Promise.race([listening, showing()]);
  } finally {
    stop.abort();
    await listening.catch(() => undefined);
  }

  async function showing(): Promise<void> {
    while (!end.aborted) {
      wake = Promise.withResolvers();
      await showOnce();
      await pause(SHORTEST);
      await Promise.race([wake.promise, pause(LONGEST)]);
    }
  }

  async function showOnce(): Promise<void> {
    try {
      await show(undefined);
    } catch (error) {
      if (!(error instanceof BuoyError) || error.code !== 'BUOY_AGENT_UNREACHABLE') throw error;
      await show(error);
    }
  }

  /** The rejection is that of the signal. */
  function pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: end }).catch(() => undefined);
  }
}
