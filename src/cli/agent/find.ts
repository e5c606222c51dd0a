// The one resource that somebody means by a name or an id.

import { BuoyError } from '../../errors.ts';
import { enumerate, quote } from '../../model/problem.ts';
import type { AgentClient } from './agent-client.ts';
import type { Resource, ResourceType } from './resource-types.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Throws BUOY_NAME_UNKNOWN; BUOY_NAME_AMBIGUOUS, with the ids of all that have the name. */
export async function findResource<T extends Resource>(
  client: AgentClient,
  type: ResourceType<T>,
  nameOrId: string,
): Promise<T> {
  const byId = UUID.test(nameOrId) ? await client.list(type, { id: nameOrId.toLowerCase() }) : [];
  const found = byId.length > 0 ? byId : await client.list(type, { [type.nameAttribute]: nameOrId });
  const [first, second] = found;
  if (first === undefined) {
    const message = `there is no ${type.noun} ${quote(nameOrId)}`;
    throw new BuoyError('BUOY_NAME_UNKNOWN', message, {
      remedy: `\`buoy ${type.noun.toLowerCase().replace(' ', '-')} list\` shows what there is.`,
    });
  }
  if (second === undefined) return first;
  const message = `there are ${found.length} ${type.noun}s ${quote(nameOrId)}`;
  throw new BuoyError('BUOY_NAME_AMBIGUOUS', message, {
    remedy: `Use the id of the one that is meant: ${enumerate(found, ({ id }) => id)}.`,
  });
}
