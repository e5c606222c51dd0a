// Bodies read by their schemas, with Neutron's words for what is wrong (neutron/api/v2/base.py,
// neutron_lib/api/attributes.py).

import type { z } from 'zod';
import { formatPath, quote } from '../../model/problem.ts';
import type { Collection, NetworkingError } from './networking.ts';
import { badRequest } from './refusals.ts';
import { RESOURCES } from './resources/index.ts';

const MOST_NAMED = 10;

/** Throws 400 HTTPBadRequest. */
export function readBody<S extends z.ZodObject>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw refusalOf(issue, body);
}

/** The body of a resource: attributes that are only shown are refused by other words than those that nobody knows. */
export function readResource<S extends z.ZodObject>(
  schema: S,
  collection: Collection,
  action: 'create' | 'update',
  body: unknown,
): z.output<S> {
  const { attributes, create } = RESOURCES[collection];
  const keys = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const refused = keys.filter((key) => !(key in schema.shape));
  const strangers = refused.filter((key) => !attributes.has(key) && !(key in create.shape));
  if (strangers.length > 0) throw unrecognized(strangers);
  const [readOnly] = refused;
  if (readOnly === undefined) return readBody(schema, body);
  throw badRequest(
    action === 'create'
      ? `Attribute '${readOnly}' not allowed in POST`
      : `Cannot update read-only attribute ${readOnly}`,
  );
}

/** The keys come from outside, so that they are made fit to be printed, and there may be many. */
function unrecognized(keys: readonly string[]): NetworkingError {
  const words = keys.slice(0, MOST_NAMED).map((key) => `'${quote(key).slice(1, -1)}'`);
  return badRequest(`Unrecognized attribute(s) ${words.join(', ')}`);
}

const EXPECTED: ReadonlyMap<string, string> = new Map([
  ['number', 'an integer'],
  ['int', 'an integer'],
  ['boolean', 'a boolean'],
  ['string', 'a valid string'],
  ['array', 'a list'],
  ['object', 'a dictionary'],
  ['record', 'a dictionary'],
]);

function refusalOf(issue: z.core.$ZodIssue | undefined, body: unknown): NetworkingError {
  if (issue === undefined) return badRequest('The body cannot be read');
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const value = path.reduce<unknown>(memberOf, body);
  if (path.length === 0 && issue.code === 'invalid_type') return badRequest('Resource body required');
  if (issue.code === 'unrecognized_keys' && path.length === 0) return unrecognized(issue.keys);
  if (path.length === 1 && value === undefined)
    return badRequest(`Failed to parse request. Required attribute '${String(path[0])}' not specified`);
  const reason =
    issue.code === 'invalid_type' ? `is not ${EXPECTED.get(issue.expected) ?? issue.expected}` : issue.message;
  const message = /^(?:is|has) /.test(reason) ? `${quote(value)} ${reason}` : reason;
  return badRequest(`Invalid input for ${formatPath(path)}. Reason: ${message}.`);
}

function memberOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value) && typeof step === 'number') return value[step];
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(String(step)) : undefined;
}
