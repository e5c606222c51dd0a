// Bodies read by their schemas, with Neutron's words for what is wrong (neutron/api/v2/base.py,
// neutron_lib/api/attributes.py).

import type { z } from 'zod';
import { formatPath, quote } from '../../model/problem.ts';
import type { Collection, NetworkingError } from './networking.ts';
import { badRequest } from './refusals.ts';
import { RESOURCES } from './resources/index.ts';

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
  const keys = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const unknown = keys.filter((key) => !(key in schema.shape));
  const readOnly = unknown.filter((key) => RESOURCES[collection].attributes.has(key) || isCreatable(collection, key));
  const [first] = readOnly;
  if (unknown.length > readOnly.length) {
    throw badRequest(
      `Unrecognized attribute(s) ${unknown
        .filter((key) => !readOnly.includes(key))
        .slice(0, 10)
        .map(word)
        .join(', ')}`,
    );
  }
  if (first !== undefined)
    throw badRequest(
      action === 'create'
        ? `Attribute ${word(first)} not allowed in POST`
        : `Cannot update read-only attribute ${first}`,
    );
  return readBody(schema, body);
}

function isCreatable(collection: Collection, key: string): boolean {
  return key in RESOURCES[collection].create.shape;
}

function refusalOf(issue: z.core.$ZodIssue | undefined, body: unknown): NetworkingError {
  if (issue === undefined) return badRequest('The body cannot be read');
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const value = path.reduce<unknown>(memberOf, body);
  if (path.length === 0 && issue.code === 'invalid_type') return badRequest('Resource body required');
  if (issue.code === 'unrecognized_keys' && path.length === 0)
    return badRequest(`Unrecognized attribute(s) ${issue.keys.slice(0, 10).map(word).join(', ')}`);
  if (path.length === 1 && value === undefined)
    return badRequest(`Failed to parse request. Required attribute '${String(path[0])}' not specified`);
  const message = /^(?:is|has) /.test(issue.message) ? `${quote(value)} ${issue.message}` : issue.message;
  return badRequest(`Invalid input for ${formatPath(path)}. Reason: ${message}.`);
}

function memberOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value) && typeof step === 'number') return value[step];
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(String(step)) : undefined;
}

/** A name in a message, fit to be printed. */
function word(text: string): string {
  return `'${quote(text).slice(1, -1)}'`;
}
