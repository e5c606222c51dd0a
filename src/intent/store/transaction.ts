// One request's work on the store: its statements, and what it changed.

import type { SQLInputValue } from 'node:sqlite';
import type { Chance } from './chance.ts';
import { Changes } from './changes.ts';
import type { Collection, Resource } from './networking.ts';
import { NetworkingError } from './networking.ts';
import { notFound } from './refusals.ts';
import { resourceOf, SELECT_ONE } from './resource-text.ts';
import type { Row } from './row.ts';
import { integerOf, textOf } from './row.ts';
import { column } from './sql.ts';
import type { Sql } from './sql.ts';
import { timeText } from './time.ts';

/** How much of an id is in the shortest name that is made of it, `fpr-…` (src/model/names.ts). */
const ID_BYTES_IN_NAMES = 10;

export interface Settings {
  /** This host's name: `binding:host_id` of its own ports. */
  readonly host: string;
  /** The names that `provider:physical_network` may have. */
  readonly physicalNetworks: ReadonlySet<string>;
  /** Limits of projects that have none of their own; -1 is no limit. */
  readonly quotas: Readonly<Record<string, number>>;
  readonly now: () => Date;
  readonly chance: Chance;
}

/** Values of columns: lists and objects become JSON, booleans 0 and 1. */
export type Columns = Readonly<Record<string, unknown>>;

export class Transaction {
  readonly sql: Sql;
  readonly settings: Settings;
  readonly changes = new Changes();

  constructor(sql: Sql, settings: Settings) {
    this.sql = sql;
    this.settings = settings;
  }

  /** The row of a table, without what the views add. Throws 404. */
  row(collection: Collection, id: string): Row {
    const row = this.sql.get(`SELECT * FROM ${collection} WHERE id = ?`, id);
    if (row === undefined) throw notFound(collection, id);
    return row;
  }

  /** As the API shows it. Throws 404. */
  show(collection: Collection, id: string): Resource {
    const resource = this.find(collection, id);
    if (resource === undefined) throw notFound(collection, id);
    return resource;
  }

  find(collection: Collection, id: string): Resource | undefined {
    const row = this.sql.get(SELECT_ONE[collection], id);
    return row === undefined ? undefined : resourceOf(textOf(row, 'text'));
  }

  /** Answers the new resource's id. */
  insert(collection: Collection, columns: Columns, tags: readonly string[] = []): string {
    const id = this.#freeId(collection);
    const now = this.#now();
    const all: Columns = { ...columns, id, revision_number: 1, created_at: now, updated_at: now };
    const names = Object.keys(all);
    const places = names.map(() => '?').join(', ');
    const values = names.map((name) => sqlValue(all[name]));
    this.sql.run(`INSERT INTO ${collection} (${names.map(column).join(', ')}) VALUES (${places})`, ...values);
    this.tag(id, tags);
    this.changes.note(collection, id, 'create');
    return id;
  }

  /** Tags a resource that has none of these tags yet. */
  tag(id: string, tags: readonly string[]): void {
    for (const tag of new Set(tags)) this.sql.run('INSERT INTO tags (resource_id, tag) VALUES (?, ?)', id, tag);
  }

  /** Sets columns, if there are any; the revision number is another then. */
  update(collection: Collection, id: string, columns: Columns): void {
    const entries = Object.entries(columns).filter(([, value]) => value !== undefined);
    if (entries.length === 0) return;
    const assignments = entries.map(([name]) => `${column(name)} = ?`).join(', ');
    const values = entries.map(([, value]) => sqlValue(value));
    this.sql.run(`UPDATE ${collection} SET ${assignments} WHERE id = ?`, ...values, id);
    this.revise(collection, id);
  }

  /** Gives a resource its next revision number, once in a transaction: it, or a part of it, has changed. */
  revise(collection: Collection, id: string): void {
    if (!this.changes.note(collection, id, 'update')) return;
    const set = 'SET revision_number = revision_number + 1, updated_at = ?';
    this.sql.run(`UPDATE ${collection} ${set} WHERE id = ?`, this.#now(), id);
  }

  remove(collection: Collection, id: string): void {
    this.sql.run('DELETE FROM tags WHERE resource_id = ?', id);
    this.sql.run(`DELETE FROM ${collection} WHERE id = ?`, id);
    this.changes.note(collection, id, 'delete');
  }

  /** Throws 404, and 412 when the resource has another revision number than the request is meant for. */
  expectRevision(collection: Collection, id: string, expected: number | undefined): void {
    const current = integerOf(this.row(collection, id), 'revision_number');
    if (expected === undefined || expected === current) return;
    const message = `Constrained to ${expected}, but current revision is ${current}`;
    throw new NetworkingError(412, 'RevisionNumberConstraintFailed', message);
  }

  /** Devices are named by the beginning of an id, so no two resources of a collection begin alike. */
  #freeId(collection: Collection): string {
    for (;;) {
      const id = this.settings.chance.id();
      const beginning = id.slice(0, ID_BYTES_IN_NAMES);
      if (!this.sql.has(`SELECT 1 FROM ${collection} WHERE id >= ? AND id < ?`, beginning, `${beginning}~`)) return id;
    }
  }

  #now(): string {
    return timeText(this.settings.now());
  }
}

function sqlValue(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  return JSON.stringify(value);
}
