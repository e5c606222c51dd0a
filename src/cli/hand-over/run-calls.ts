// Makes the calls that hand a file's intent over.

import { BuoyError } from '../../errors.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import type { Resource } from '../agent/resource-types.ts';
import type { Attributes, Call, Ref } from './call.ts';
import { filled } from './call.ts';
import { FILE_TAG } from './stored.ts';

/** Makes them one after the other, and ends with the first that fails: what was done stays, and the next run does the rest. */
export async function runCalls(
  client: AgentClient,
  calls: readonly Call[],
  progress: (done: number) => void,
): Promise<void> {
  const made = new Map<Ref, string>();
  for (const [index, call] of calls.entries()) {
    try {
      const resource = await run(client, call, made);
      if (resource !== undefined) made.set(call.target, resource.id);
    } catch (error) {
      throw withCall(error, call, index, calls.length);
    }
    progress(index + 1);
  }
}

/** Answers what it makes. */
async function run(client: AgentClient, call: Call, made: ReadonlyMap<Ref, string>): Promise<Resource | undefined> {
  const idOf = (ref: Ref): string => {
    const id = ref.id ?? made.get(ref);
    if (id === undefined) throw new BuoyError('BUOY_INTERNAL', `a call needs ${ref.label}, which none before it makes`);
    return id;
  };
  const body = (attributes: Attributes): object =>
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, filled(value, idOf)]));
  switch (call.action) {
    case 'create': {
      const resource = await client.create(call.type, body(call.attributes));
      await client.setTags(call.type, resource.id, [FILE_TAG]);
      return resource;
    }
    case 'update':
      await client.update(call.type, idOf(call.target), body(call.attributes));
      return undefined;
    case 'delete':
      await client.remove(call.type, idOf(call.target));
      return undefined;
    case 'add interface':
      await client.changeInterface(idOf(call.target), 'add', body(call.attributes));
      return undefined;
    case 'remove interface':
      await client.changeInterface(idOf(call.target), 'remove', body(call.attributes));
      return undefined;
  }
}

function withCall(error: unknown, { action, target }: Call, done: number, total: number): unknown {
  if (!(error instanceof BuoyError)) return error;
  const message = `${action} of ${target.label}: ${error.message} (${done} of ${total} calls were done)`;
  return new BuoyError(error.code, message, { remedy: error.remedy, subject: target.label, cause: error });
}
