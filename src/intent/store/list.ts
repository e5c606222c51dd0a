// Lists: any attribute filtered and sorted by, page by page. One query on a collection's view says which resources are in it,
// and in which order; they themselves are read a few at a time.

import type { SQLInputValue } from 'node:sqlite';
import { filterCondition } from './filters.ts';
import type { Collection, Listing, ListQuery } from './networking.ts';
import { badRequest } from './refusals.ts';
import { selectText } from './resource-text.ts';
import { RESOURCES } from './resources/index.ts';
import { textOf } from './row.ts';
import type { Row } from './row.ts';
import { column } from './sql.ts';
import type { Sql } from './sql.ts';

/** A condition or order in SQL and the values of its places. */
export interface Fragment {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

/** SQLite takes 32,766 (SQLITE_MAX_VARIABLE_NUMBER). */
const MOST_VALUES = 10_000;

/** Resources that are read at once, which takes a few milliseconds. */
const AT_ONCE = 250;

interface SortKey {
  readonly key: string;
  readonly isDescending: boolean;
}

/** Throws 400 for what cannot be filtered or sorted by, and for a marker that is no resource. */
export function list(sql: Sql, collection: Collection, query: ListQuery, fields: readonly string[]): Listing {
  const { limit, marker, isReverse } = query;
  const keys = sortKeys(collection, query);
  const conditions = [...query.filters].map(([name, values]) => filterCondition(collection, name, values));
  if (marker !== undefined) conditions.push(beyond(keys, markerRow(sql, collection, marker)));
  if (conditions.reduce((sum, { values }) => sum + values.length, 0) > MOST_VALUES)
    throw badRequest(`A list cannot be filtered by more than ${MOST_VALUES} values`);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ text }) => text).join(' AND ')}`;
  const order = keys.map(({ key, isDescending }) => `${column(key)} ${isDescending ? 'DESC' : 'ASC'}`).join(', ');
  const text = `SELECT id FROM ${collection}_shown${where} ORDER BY ${order} LIMIT ?`;
  const values = [...conditions.flatMap((condition) => condition.values), limit === undefined ? -1 : limit + 1];
  const found = sql.allOnce(text, values).map((row) => textOf(row, 'id'));
  const hasMore = limit !== undefined && found.length > limit;
  const ids = hasMore ? found.slice(0, limit) : found;
  if (isReverse) ids.reverse();
  return {
    ids,
    pieces: piecesOf(sql, collection, ids, fields),
    hasNext: isReverse ? marker !== undefined : hasMore,
    hasPrevious: isReverse ? hasMore : marker !== undefined,
  };
}

/** What has been deleted since its id was read is left out. */
function* piecesOf(
  sql: Sql,
  collection: Collection,
  ids: readonly string[],
  fields: readonly string[],
): Generator<string, void> {
  const from = `json_each(?) AS wanted CROSS JOIN ${collection}_shown AS shown ON shown.id = wanted.value`;
  const query = `${selectText(collection, fields, from)} ORDER BY wanted.key`;
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const rows = sql.allOnce(query, [JSON.stringify(ids.slice(start, start + AT_ONCE))]);
    if (rows.length > 0) yield rows.map((row) => textOf(row, 'text')).join(',');
  }
}

/** A page before its marker is one after it in the opposite order. */
function sortKeys(collection: Collection, { sort, isReverse }: ListQuery): readonly SortKey[] {
  const { sortable } = RESOURCES[collection];
  const unknown = sort.filter(({ key }) => !sortable.has(key)).map(({ key }) => key);
  if (unknown.length > 0) throw badRequest(`[${unknown.slice(0, 10).join(', ')}] is invalid attribute for sort keys`);
  // A key that comes again decides nothing.
  const first = sort.filter(({ key }, at) => sort.findIndex((one) => one.key === key) === at);
  const keys = first.map(({ key, direction }) => ({ key, isDescending: (direction === 'desc') !== isReverse }));
  return keys.some(({ key }) => key === 'id') ? keys : [...keys, { key: 'id', isDescending: isReverse }];
}

function markerRow(sql: Sql, collection: Collection, marker: string): Row {
  const row = sql.get(`SELECT * FROM ${collection}_shown WHERE id = ?`, marker);
  if (row === undefined)
    throw badRequest(`Invalid pagination marker: ${marker} is no ${RESOURCES[collection].singular}`);
  return row;
}

/** What comes after a row in the order of the keys; NULL is less than everything, as in ORDER BY. */
function beyond(keys: readonly SortKey[], row: Row): Fragment {
  const alternatives: string[] = [];
  const values: SQLInputValue[] = [];
  const equal: { text: string; value: SQLInputValue }[] = [];
  for (const { key, isDescending } of keys) {
    const name = column(key);
    const value = row[key] ?? null;
    const later =
      value === null
        ? isDescending
          ? undefined
          : `${name} IS NOT NULL`
        : isDescending
          ? `(${name} < ? OR ${name} IS NULL)`
          : `${name} > ?`;
    if (later !== undefined) {
      alternatives.push(`(${[...equal.map(({ text }) => text), later].join(' AND ')})`);
      values.push(...equal.map((one) => one.value), ...(value === null ? [] : [value]));
    }
    equal.push({ text: `${name} IS ?`, value });
  }
  return { text: alternatives.length === 0 ? 'FALSE' : `(${alternatives.join(' OR ')})`, values };
}
