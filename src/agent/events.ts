// What an agent tells of: for logs, metrics, and who listens to its events.

import type { BuoyError } from '../errors.ts';
import type { Operation } from '../host/plan.ts';
import type { Router } from '../model/model.ts';
import type { NamespaceName } from '../model/names.ts';
import type { Result } from '../kernel/kernel.ts';

/** What became of a router, or of what the routers of an external network share. */
export interface SubjectStatus {
  readonly status: 'ACTIVE' | 'ERROR';
  readonly error?: BuoyError;
}

export type AgentEvent =
  /** The kernel was read. */
  | { readonly kind: 'read'; readonly namespaces: ReadonlySet<NamespaceName> | 'all'; readonly milliseconds: number }
  /** Others have changed what is a subject's. `isFight`: so often that the repair waits. */
  | { readonly kind: 'drift'; readonly subject: NamespaceName; readonly isFight: boolean }
  /** The kernel's events were lost; the whole host is read. */
  | { readonly kind: 'lost events' }
  /** A subject is as it is wanted, so long after that was wanted or was disturbed. */
  | {
      readonly kind: 'settled';
      readonly subject: NamespaceName;
      /** As it was applied; undefined when the subject is none, or is gone. */
      readonly router: Router | undefined;
      readonly cause: 'intent' | 'drift';
      readonly milliseconds: number;
    }
  | { readonly kind: 'operation'; readonly operation: Operation; readonly result: Result }
  | {
      readonly kind: 'round';
      readonly subjects: number;
      readonly operations: number;
      /** Subjects that are not as they are wanted. */
      readonly failures: number;
      readonly milliseconds: number;
    }
  | { readonly kind: 'failure'; readonly subject: NamespaceName; readonly error: BuoyError; readonly againInMs: number }
  /** Undefined: it is gone, as it is wanted. */
  | { readonly kind: 'status'; readonly subject: NamespaceName; readonly status: SubjectStatus | undefined }
  /** The kernel could not be read, or not be told, or the intent could not be read. It is tried again. */
  | { readonly kind: 'trouble'; readonly error: unknown };
