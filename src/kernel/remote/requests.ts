// What the unprivileged process may ask for. All of it is taken for hostile: bounded JSON of exactly these shapes.

import { z } from 'zod';
import type { JsonBounds } from './bounded-json.ts';
import { parseBoundedJson } from './bounded-json.ts';
import { ProtocolViolation } from './frames.ts';
import { namespacesSchema, stepSchema } from './operation-schema.ts';

/** The longest request, in bytes. One step of a router with 60,000 floating IPs takes some 20 MB. */
export const REQUEST_LIMIT = 32 << 20;

/** Operations nest 9 levels deep. A value of a true request takes some 10 bytes. */
const BOUNDS: JsonBounds = { depth: 16, values: 3_000_000 };

/** Chosen by who asks; answers carry it. */
const id = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('read'), id }),
  z.strictObject({ kind: z.literal('read namespaces'), id, names: namespacesSchema }),
  /** A part of a plan; the parts of one come one after the other, those of several mixed. */
  z.strictObject({ kind: z.literal('plan'), id, steps: z.array(stepSchema) }),
  /** The plan is whole. `isWatched`: who asks wants to know of each operation. */
  z.strictObject({ kind: z.literal('apply'), id, isWatched: z.boolean() }),
  /** No further operation of an apply is to be begun. */
  z.strictObject({ kind: z.literal('cancel'), id }),
  z.strictObject({ kind: z.literal('watch'), id }),
  z.strictObject({ kind: z.literal('unwatch'), id }),
]);

export type Request = z.output<typeof requestSchema>;

/** Throws ProtocolViolation for anything that is no request. */
export function parseRequest(body: Buffer): Request {
  const { data, error } = requestSchema.safeParse(parseBoundedJson(body, BOUNDS));
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new ProtocolViolation(`a request whose ${issue?.path.join('.') || 'kind'} ${issue?.message ?? 'is wrong'}`);
}
