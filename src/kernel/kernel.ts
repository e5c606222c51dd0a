// The contract at the waist: everything above it is computed from data, everything below it talks
// to a kernel.

import type { HostState } from '../host/state.ts';
import type { Operation, Plan } from '../host/plan.ts';

export interface Kernel {
  /** Reads all that is ours on the host, and what of others could stand in our way. Changes nothing. */
  read(): Promise<HostState>;
  /**
   * Does the operations of a plan in order. Never rejects for what the kernel refuses: that is in
   * the Outcome. After a failure or a crash the way on is to read again and apply the difference.
   */
  apply(plan: Plan, progress?: Progress): Promise<Outcome>;
  /** Ends worker and descriptors. No call may follow. */
  close(): Promise<void>;
}

/** Called now and then while a plan is applied, with counts of operations. */
export type Progress = (tried: number, total: number) => void;

export interface Outcome {
  readonly done: number;
  readonly failures: readonly Failure[];
  /** Operations left alone because an earlier one of the same subject failed. */
  readonly notTried: number;
}

export interface Failure {
  readonly operation: Operation;
  /** `EEXIST`, … (errno.h) */
  readonly errno: string;
  /** The kernel's own words (extended ack), or the errno's text. */
  readonly message: string;
}
