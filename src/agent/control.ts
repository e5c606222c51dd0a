// What the two processes of the agent tell each other beside the kernel's business: a second stream, with
// orders to the listening process and its reports, which are taken for hostile.

import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { parseBoundedJson, ProtocolViolation } from '../kernel/remote/index.ts';
import type { AgentConfig } from './config.ts';

export type Order =
  /** The first one. */
  | { readonly kind: 'configure'; readonly config: AgentConfig }
  | { readonly kind: 'reload'; readonly config: AgentConfig }
  | { readonly kind: 'stop' }
  /** To be answered with the same number at once. */
  | { readonly kind: 'ping'; readonly number: number };

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong'; readonly number: number }
  | { readonly kind: 'reloaded' }
  | { readonly kind: 'not reloaded'; readonly reason: string };

/** Bytes of a report. */
export const REPORT_LIMIT = 4096;
/** Bytes of an order. */
export const ORDER_LIMIT = 16 << 20;

const REASON_LENGTH = 1000;

const reportSchema: z.ZodType<Report> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('pong'), number: z.int().min(0) }),
  z.strictObject({ kind: z.literal('reloaded') }),
  z.strictObject({ kind: z.literal('not reloaded'), reason: z.string().max(REASON_LENGTH) }),
]);

export function encodeOrder(order: Order): Uint8Array {
  return serialize(order);
}

export function decodeOrder(body: Buffer): Order {
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the privileged process is who made it
  const order: Order = deserialize(body);
  return order;
}

export function encodeReport(report: Report): Uint8Array {
  const bounded =
    report.kind === 'not reloaded' ? { ...report, reason: report.reason.slice(0, REASON_LENGTH) } : report;
  return Buffer.from(JSON.stringify(bounded));
}

/** Throws ProtocolViolation. */
export function parseReport(body: Buffer): Report {
  const { data } = reportSchema.safeParse(parseBoundedJson(body, { depth: 2, values: 10 }));
  if (data === undefined) throw new ProtocolViolation('a report that is none');
  return data;
}
