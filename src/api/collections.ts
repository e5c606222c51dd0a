// The five collections, and what bodies wrap their resources in. The routes of all are alike.

import type { Collection } from '../intent/store/index.ts';
import { RESOURCES } from '../intent/store/index.ts';
import { RequestError } from './request-error.ts';

export const COLLECTIONS: readonly Collection[] = ['networks', 'subnets', 'ports', 'routers', 'floatingips'];

/** In one request. It is one transaction, and nothing else is done meanwhile. */
export const MOST_CREATED = 1000;

type Entries = Readonly<Record<string, unknown>>;

/** The value under the one key that a body must have. Throws a RequestError 400 for any other body. */
export function unwrap(body: unknown, key: string): unknown {
  const entries = entriesOf(body, key);
  refuseOthers(entries, [key]);
  return entries[key];
}

/** What a body of `POST` asks to create: one resource under the singular, or many under the plural. */
export function unwrapCreation(body: unknown, collection: Collection): { bodies: readonly unknown[]; isBulk: boolean } {
  const { singular } = RESOURCES[collection];
  if (!isObject(body) || !Object.hasOwn(body, collection)) return { bodies: [unwrap(body, singular)], isBulk: false };
  refuseOthers(body, [collection]);
  const bodies: unknown = body[collection];
  if (!Array.isArray(bodies) || bodies.length === 0) throw new RequestError(400, 'Resources required');
  if (bodies.length > MOST_CREATED)
    throw new RequestError(400, `No more than ${MOST_CREATED} resources can be created in one request`);
  return {
    bodies: bodies.map((each: unknown) => (isObject(each) && Object.hasOwn(each, singular) ? each[singular] : each)),
    isBulk: true,
  };
}

function entriesOf(body: unknown, key: string): Entries {
  if (body === undefined) throw new RequestError(400, 'Resource body required');
  if (!isObject(body) || !Object.hasOwn(body, key))
    throw new RequestError(400, `Unable to find '${key}' in request body`);
  return body;
}

function refuseOthers(entries: Entries, keys: readonly string[]): void {
  const other = Object.keys(entries).find((key) => !keys.includes(key));
  if (other !== undefined) throw new RequestError(400, `Unrecognized attribute(s) '${other}'`);
}

function isObject(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
