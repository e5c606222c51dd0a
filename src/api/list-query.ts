// The query of a list, as Neutron reads it (neutron-lib, neutron/api/api_common.py).

import type { ListQuery } from '../intent/store/index.ts';
import { RequestError } from './request-error.ts';

export interface ParsedQuery {
  readonly list: ListQuery;
  /** The attributes to show; none: all. */
  readonly fields: readonly string[];
  /** The parameters as they came, for links to other pages. */
  readonly parameters: URLSearchParams;
}

const OWN = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse']);

/** Throws a RequestError 400 for a parameter that says nothing. Whether attributes exist is the store's to say. */
export function parseQuery(url: string): ParsedQuery {
  const at = url.indexOf('?');
  const parameters = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const filters = new Map<string, string[]>();
  for (const [name, value] of parameters) {
    if (OWN.has(name)) continue;
    const values = filters.get(name);
    if (values === undefined) filters.set(name, [value]);
    else values.push(value);
  }
  return {
    list: {
      filters,
      sort: sortOf(parameters),
      limit: limitOf(parameters),
      marker: lastOf(parameters, 'marker'),
      isReverse: isTrue(lastOf(parameters, 'page_reverse') ?? 'false'),
    },
    fields: parameters.getAll('fields').filter((field) => field !== ''),
    parameters,
  };
}

function sortOf(parameters: URLSearchParams): ListQuery['sort'] {
  const keys = parameters.getAll('sort_key');
  const directions = parameters.getAll('sort_dir');
  if (directions.length > 0 && directions.length !== keys.length)
    throw new RequestError(400, 'The number of sort_keys and sort_dirs must be same');
  return keys.map((key, index) => ({ key, direction: directionOf(directions[index] ?? 'asc') }));
}

function directionOf(text: string): 'asc' | 'desc' {
  if (text === 'asc' || text === 'desc') return text;
  throw new RequestError(400, `'${text}' is an invalid value for sort_dirs, value must be 'asc' or 'desc'`);
}

/** Zero means no limit, as it does to Neutron. */
function limitOf(parameters: URLSearchParams): number | undefined {
  const text = lastOf(parameters, 'limit');
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new RequestError(400, `Limit must be an integer 0 or greater and not '${text}'`);
  const limit = Number(text);
  return limit === 0 ? undefined : limit;
}

function isTrue(text: string): boolean {
  if (/^(?:true|1)$/i.test(text)) return true;
  if (/^(?:false|0)$/i.test(text)) return false;
  throw new RequestError(400, `'${text}' is an invalid value for page_reverse, value must be 'True' or 'False'`);
}

function lastOf(parameters: URLSearchParams, name: string): string | undefined {
  return parameters.getAll(name).at(-1);
}
