// The contract at the waist: everything above it is computed from data, everything below it talks
// to a kernel.

import type { FloatingTraffic } from '../host/counters.ts';
import type { HostState } from '../host/state.ts';
import type { Operation, Plan } from '../host/plan.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import type { Disturbance } from './disturbance.ts';

export interface Kernel {
  /** Reads all that is ours on the host, and what of others could stand in our way. Changes nothing. */
  read(): Promise<HostState>;
  /**
   * Does the operations of a plan in order. Never rejects for what the kernel refuses: that is in
   * the Outcome. After a failure or a crash the way on is to read again and apply the difference.
   */
  apply(plan: Plan, observer?: Observer): Promise<Outcome>;
  /**
   * Reads these namespaces alone (HOST may be one): those that are not in the answer are not there, or not ours. The other
   * ends of their veths are known though they are in namespaces that were not asked for. Changes nothing.
   */
  readNamespaces(names: ReadonlySet<NamespaceName>): Promise<HostState>;
  /**
   * Has the listener told of every change in what is ours that was not made through this Kernel, once it is in the
   * kernel, from the next `read` on and until the subscription is disposed. Of sysctls the kernel tells only some. What changes between two calls of
   * the listener is told once.
   */
  watch(listener: (disturbed: Disturbance) => void): Promise<AsyncDisposable>;
  /**
   * Reads what was counted of the packets of the floating IPs of every router that is ours, or of those in these
   * namespaces, under the names of the routers' namespaces. A router that is not there is not in the answer. Changes nothing.
   */
  readCounters(names?: ReadonlySet<NamespaceName>): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>>;
  /** Ends worker and descriptors. No call may follow. */
  close(): Promise<void>;
}

/** A kernel of this process's own, which another process can be served from. */
export interface LocalKernel extends Kernel {
  /** Those of these links of the host's own namespace that are there and not ours, with their kinds, as they are now. Changes nothing. */
  readForeignLinks(names: ReadonlySet<LinkName>): Promise<ReadonlyMap<LinkName, string>>;
}

/** What became of an operation. */
export type Result = 'done' | 'not tried' | Failure;

/** Who wants to know how a plan gets on. What it throws ends the run and reaches who called `apply`. */
export interface Observer {
  /** Called now and then with counts of operations. */
  readonly progress?: (tried: number, total: number) => void;
  /** Called for each operation, in the plan's order, when it is known what became of it. */
  readonly settled?: (operation: Operation, result: Result) => void;
}

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
