// SQL statements, prepared once each, and transactions.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Row } from './row.ts';

export class Sql {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** How many rows it changed. */
  run(text: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(text).run(...values).changes);
  }

  get(text: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(text).get(...values);
  }

  all(text: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(text).all(...values);
  }

  /** A query that is made for one request; it is not kept. */
  allOnce(text: string, values: readonly SQLInputValue[]): Row[] {
    return this.#database.prepare(text).all(...values);
  }

  has(text: string, ...values: SQLInputValue[]): boolean {
    return this.get(text, ...values) !== undefined;
  }

  /** Runs all of it or nothing; in the log when it returns. */
  transaction<T>(run: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = run();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // Some failures, such as a full disk, have rolled back already.
      if (this.#database.isTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  #statement(text: string): StatementSync {
    let statement = this.#prepared.get(text);
    if (statement === undefined) this.#prepared.set(text, (statement = this.#database.prepare(text)));
    return statement;
  }
}

/** A name with characters that SQL knows otherwise: `router:external`. */
export function column(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
