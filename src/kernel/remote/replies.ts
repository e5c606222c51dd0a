// What the privileged process answers. It is trusted, so this direction may be as fast as it can: V8's own
// serialization keeps Maps, Sets and bigints.

import { deserialize, serialize } from 'node:v8';
import type { ErrorCode } from '../../errors.ts';
import { BuoyError } from '../../errors.ts';
import type { FloatingTraffic } from '../../host/counters.ts';
import type { HostState } from '../../host/state.ts';
import type { NamespaceName } from '../../model/names.ts';
import type { Disturbance } from '../disturbance.ts';
import { SystemError } from '../../sys/system-error.ts';

export type Reply =
  | { readonly kind: 'state'; readonly id: number; readonly state: HostState }
  | { readonly kind: 'counters'; readonly id: number; readonly counters: ReadonlyMap<NamespaceName, FloatingTraffic> }
  /** What became of the next operations of a plan, in its order. */
  | { readonly kind: 'settled'; readonly id: number; readonly results: readonly Result[] }
  | { readonly kind: 'progress'; readonly id: number; readonly tried: number; readonly total: number }
  /** `failures`: under the numbers of their operations in the plan. */
  | {
      readonly kind: 'outcome';
      readonly id: number;
      readonly done: number;
      readonly notTried: number;
      readonly failures: readonly (readonly [number, Refusal])[];
    }
  | { readonly kind: 'watching'; readonly id: number }
  | { readonly kind: 'disturbed'; readonly id: number; readonly disturbed: Disturbance }
  | { readonly kind: 'unwatched'; readonly id: number }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorRecord };

export type Result = 'done' | 'not tried' | Refusal;

export interface Refusal {
  readonly errno: string;
  readonly message: string;
}

/** An error as data: what commands and the agent tell errors apart by. */
export type ErrorRecord =
  | {
      readonly type: 'buoy';
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy: string;
      readonly subject: string | undefined;
    }
  | { readonly type: 'system'; readonly call: string; readonly errno: number }
  | { readonly type: 'other'; readonly name: string; readonly message: string };

/** No reply is longer. A thousand routers with ten floating IPs each take some 5 MB. */
export const REPLY_LIMIT = 1 << 30;

export function encodeReply(reply: Reply): Uint8Array {
  return serialize(reply);
}

export function decodeReply(body: Buffer): Reply {
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the privileged process is who made it
  const reply: Reply = deserialize(body);
  return reply;
}

export function errorRecord(error: unknown): ErrorRecord {
  if (error instanceof BuoyError) {
    const { code, message, remedy, subject } = error;
    return { type: 'buoy', code, message, remedy, subject };
  }
  if (error instanceof SystemError) return { type: 'system', call: error.call, errno: error.errno };
  if (error instanceof Error) return { type: 'other', name: error.name, message: error.message };
  return { type: 'other', name: 'Error', message: String(error) };
}

export function errorFrom(record: ErrorRecord): Error {
  switch (record.type) {
    case 'buoy': {
      const { code, message, remedy, subject } = record;
      return new BuoyError(code, message, { remedy, ...(subject !== undefined && { subject }) });
    }
    case 'system':
      return new SystemError(record.call, record.errno);
    case 'other': {
      const error = new Error(record.message);
      error.name = record.name;
      return error;
    }
  }
}
