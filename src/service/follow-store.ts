// Between the store and the agent: the intent goes from the store to the agent when it is committed, and what
// becomes of it goes back, for the API to show.

import type { Agent } from '../agent/agent.ts';
import type { AgentEvent } from '../agent/events.ts';
import type { Networking } from '../intent/store/index.ts';
import { routerIdOf } from '../model/names.ts';

/**
 * Has the agent keep the host as the store says, until it is disposed. Resolves when the host is so, but for what failed; rejects
 * as `Agent.start` does, and then nothing is left running.
 */
export async function followStore(
  agent: Agent,
  store: Networking,
  options: { readonly mayRemoveAll: boolean },
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  await agent.start(store.model(), options);
  stack.defer(() => agent.stop());
  // What came to the store meanwhile is told, too.
  agent.want(store.model());
  stack.defer(store.onChange(() => agent.want(store.model())));
  return stack.move();
}

/** Tells the store what an agent tells. */
export function tellStore(store: Networking, event: AgentEvent): void {
  if (event.kind !== 'settled' && event.kind !== 'failure') return;
  const routerId = routerIdOf(event.subject);
  if (routerId === undefined) return;
  if (event.kind === 'failure') {
    const { code, message } = event.error;
    return store.setRouterStatus(routerId, { status: 'ERROR', error: { code, message } });
  }
  // A router that is switched off is not there.
  if (event.router === undefined) store.setRouterStatus(routerId, { status: 'DOWN' });
  else store.setRouterStatus(routerId, { status: 'ACTIVE' }, event.router);
}
