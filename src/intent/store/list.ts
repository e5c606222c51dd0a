// Lists: any attribute filtered and sorted by, page by page, as one query on a collection's view.

import type { SQLInputValue } from 'node:sqlite';
import { filterCondition } from './filters.ts';
import type { Collection, ListQuery, Page, Resource } from './networking.ts';
import { badRequest } from './refusals.ts';
import { resourceOf } from './resource-row.ts';
import { RESOURCES } from './resources/index.ts';
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

interface SortKey {
  readonly key: string;
  readonly isDescending: boolean;
}

/** Throws 400 for what cannot be filtered or sorted by, and for a marker that is no resource. */
export function list(sql: Sql, collection: Collection, query: ListQuery): Page {
  const { limit, marker, isReverse } = query;
  const keys = sortKeys(collection, query);
  const conditions = [...query.filters].map(([name, values]) => filterCondition(collection, name, values));
  if (marker !== undefined) conditions.push(beyond(keys, markerRow(sql, collection, marker)));
  if (conditions.reduce((sum, { values }) => sum + values.length, 0) > MOST_VALUES)
    throw badRequest(`A list cannot be filtered by more than ${MOST_VALUES} values`);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ text }) => text).join(' AND ')}`;
  const order = keys.map(({ key, isDescending }) => `${column(key)} ${isDescending ? 'DESC' : 'ASC'}`).join(', ');
  const text = `SELECT * FROM ${collection}_shown${where} ORDER BY ${order} LIMIT ?`;
  const values = [...conditions.flatMap((condition) => condition.values), limit === undefined ? -1 : limit + 1];
  return pageOf(
    sql.allOnce(text, values).map((row) => resourceOf(collection, row)),
    limit,
    marker !== undefined,
    isReverse,
  );
}

function pageOf(found: Resource[], limit: number | undefined, hasMarker: boolean, isReverse: boolean): Page {
  const hasMore = limit !== undefined && found.length > limit;
  const resources = hasMore ? found.slice(0, limit) : found;
  if (!isReverse) return { resources, hasNext: hasMore, hasPrevious: hasMarker };
  return { resources: resources.toReversed(), hasNext: hasMarker, hasPrevious: hasMore };
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
