// Between the store and the agent: the intent goes from the store to the agent when it is committed, and what
// becomes of it goes back, for the API to show.

import type { Agent } from '../agent/agent.ts';
import type { AgentEvent } from '../agent/events.ts';
import type { Networking } from '../intent/store/index.ts';
import type { NamespaceName } from '../model/names.ts';
import { networkIdOf, routerIdOf } from '../model/names.ts';

/**
 * Has the agent keep the host as the store says, until it is disposed. Resolves when the host is so, but for what failed; rejects
 * as `Agent.start` does, and then nothing is left running. That nothing is wanted is believed of a store that knows something of what the
 * host has, and with `mayRemoveAll` of any.
 */
export async function followStore(
  agent: Agent,
  store: Networking,
  { mayRemoveAll }: { readonly mayRemoveAll: boolean },
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const isKnown = (subject: NamespaceName): boolean => {
    const id = routerIdOf(subject) ?? networkIdOf(subject);
    return id !== undefined && store.knows(id);
  };
  await agent.start(store.model(), (found) => mayRemoveAll || found.some(isKnown));
  stack.defer(() => agent.stop());
  // The agent reads it in its own time: that it fails is no answer to whoever has changed the store.
  const want = (): void => agent.want(() => store.model());
  stack.defer(store.onChange(want));
  // What came to the store meanwhile is told, too.
  want();
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
