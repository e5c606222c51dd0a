// Who changed what on this host, when, and what came of it: one line of JSON for each operation,
// appended to a file that whoever runs the host chooses.

import { describe } from '../host/describe.ts';
import type { Trespass } from '../host/owned-space.ts';
import type { Operation } from '../host/plan.ts';
import { HOST } from '../model/names.ts';
import { BuoyError } from '../errors.ts';
import type { Result } from '../kernel/kernel.ts';
import { Descriptor, O } from '../sys/descriptor.ts';
import { call } from '../sys/libc.ts';
import { SystemError } from '../sys/system-error.ts';

export class AuditLog implements Disposable {
  readonly #path: string;
  #file: Descriptor;
  readonly #common: object;

  /** Opens the file, which only its owner can read when it is new. Throws BUOY_AUDIT_LOG. */
  constructor(path: string, instance: string, command: string) {
    this.#path = path;
    const user = process.env.SUDO_USER;
    this.#common = {
      instance,
      command,
      pid: process.pid,
      uid: process.geteuid?.(),
      ...(user !== undefined && { sudo_user: user }),
    };
    this.#file = this.#open();
  }

  /**
   * Goes on in the file that is at the path now, or in a new one: whoever rotates logs has moved the old one away. Throws
   * BUOY_AUDIT_LOG, and then goes on in the old one.
   */
  reopen(): void {
    const old = this.#file;
    this.#file = this.#open();
    old[Symbol.dispose]();
  }

  #open(): Descriptor {
    return this.#orThrow(() => Descriptor.open(this.#path, O.WRONLY | O.CREAT | O.APPEND, 0o600));
  }

  /** Adds a record. Throws BUOY_AUDIT_LOG. */
  add(operation: Operation, result: Result): void {
    const outcome =
      typeof result === 'string'
        ? { outcome: result }
        : { outcome: 'failed', errno: result.errno, message: result.message };
    this.#add(operation, outcome);
  }

  /** Adds a record of a plan that was refused for one of its operations. Throws BUOY_AUDIT_LOG. */
  refuse({ operation, reason }: Trespass): void {
    this.#add(operation, { outcome: 'refused', message: reason });
  }

  #add(operation: Operation, outcome: object): void {
    const record = {
      time: new Date().toISOString(),
      ...this.#common,
      namespace: operation.namespace === HOST ? null : operation.namespace,
      operation: operation.kind,
      // With the values before and after, as `buoy plan` prints them.
      what: describe(operation),
      ...outcome,
    };
    // At once: what was done is on record even if the process is gone a moment later.
    this.#write(`${JSON.stringify(record)}\n`);
  }

  #write(line: string): void {
    const bytes = Buffer.from(line);
    for (let written = 0; written < bytes.length;) {
      const rest = bytes.subarray(written);
      written += this.#orThrow(() => call('write', this.#file.number, rest, rest.length));
    }
  }

  #orThrow<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      throw new BuoyError('BUOY_AUDIT_LOG', `the audit log cannot be written: ${error.message}`, {
        subject: this.#path,
      });
    }
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
