// Filters of lists: several values of one attribute are alternatives, several attributes all hold.

import type { SQLInputValue } from 'node:sqlite';
import { formatAddress, parseAddress } from '../../model/address.ts';
import type { Fragment } from './list.ts';
import type { Collection } from './networking.ts';
import { quote } from '../../model/problem.ts';
import { badRequest, invalidInput } from './refusals.ts';
import { parseBoolean } from './resources/fields.ts';
import { RESOURCES } from './resources/index.ts';
import type { AttributeKind } from './resources/index.ts';
import { column } from './sql.ts';
import { timeText } from './time.ts';

/** Throws 400 when there is no such filter, or a value is not one of the attribute. */
export function filterCondition(collection: Collection, name: string, values: readonly string[]): Fragment {
  const { filterable, attributes } = RESOURCES[collection];
  const tags = TAG_FILTERS.get(name);
  if (tags !== undefined) return tags(values);
  if (name === 'changed_since') return changedSince(values);
  const kind = attributes.get(name);
  if (kind === undefined || !filterable.has(name)) throw badRequest(`[${name}] is invalid attribute for filtering`);
  if (name === 'fixed_ips') return fixedIpsCondition(values);
  const wanted = values.map((value) => valueOf(kind, name, value));
  const text = `${column(name)} IN (${wanted.map(() => '?').join(', ')})`;
  return wanted.includes('')
    ? { text: `(${text} OR ${column(name)} IS NULL)`, values: wanted }
    : { text, values: wanted };
}

function valueOf(kind: AttributeKind, name: string, text: string): SQLInputValue {
  if (kind === 'text') return name.endsWith('ip_address') || name === 'gateway_ip' ? canonicalAddress(text) : text;
  const value = kind === 'boolean' ? parseBoolean(text) : /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (value !== undefined) return Number(value);
  throw badRequest(
    `Invalid input for ${name}. Reason: '${text}' is not ${kind === 'boolean' ? 'boolean' : 'an integer'}.`,
  );
}

function canonicalAddress(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

/** `ip_address=…` and `subnet_id=…`: a port fits that has an address that is, or contains, one of each kind that is given. */
function fixedIpsCondition(values: readonly string[]): Fragment {
  const wanted = { ip_address: new Set<string>(), subnet_id: new Set<string>(), ip_address_substr: new Set<string>() };
  for (const value of values) {
    const match = /^(?<key>ip_address|subnet_id|ip_address_substr)=(?<text>.*)$/.exec(value);
    const { key, text = '' } = match?.groups ?? {};
    if (key === 'ip_address') wanted.ip_address.add(canonicalAddress(text));
    else if (key === 'subnet_id') wanted.subnet_id.add(text);
    else if (key === 'ip_address_substr') wanted.ip_address_substr.add(text);
    else throw badRequest(`Invalid input for fixed_ips. Reason: '${value}' is not ip_address=… or subnet_id=….`);
  }
  const parts: string[] = [];
  for (const key of ['ip_address', 'subnet_id'] as const) {
    if (wanted[key].size > 0) parts.push(`${key} IN (${[...wanted[key]].map(() => '?').join(', ')})`);
  }
  if (wanted.ip_address_substr.size > 0)
    parts.push(`(${[...wanted.ip_address_substr].map(() => 'instr(ip_address, ?) > 0').join(' OR ')})`);
  const where = parts.length === 0 ? 'TRUE' : parts.join(' AND ');
  return {
    text: `id IN (SELECT port_id FROM fixed_ips WHERE ${where})`,
    values: [...wanted.ip_address, ...wanted.subnet_id, ...wanted.ip_address_substr],
  };
}

/** What was changed, or created, at that time or later; times without a zone are of UTC (neutron/services/timestamp/timestamp_db.py). */
function changedSince(values: readonly string[]): Fragment {
  const times = values.map((text) => {
    const match = /^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?<zone>Z|[+-]\d\d:?\d\d)?$/.exec(text);
    const time = new Date(`${match?.groups?.['time']}${match?.groups?.['zone'] ?? 'Z'}`);
    if (!Number.isNaN(time.getTime())) return timeText(time);
    throw invalidInput(`the changed_since ${quote(text)} is not of the form YYYY-MM-DDTHH:MM:SS[Z|+hh:mm|-hh:mm]`);
  });
  return { text: `(${['FALSE', ...times.map(() => 'updated_at >= ?')].join(' OR ')})`, values: times };
}

/** Lists of tags are separated by commas (docs.openstack.org/api-ref/network/v2, "Filtering by tags"). */
const TAG_FILTERS: ReadonlyMap<string, (values: readonly string[]) => Fragment> = new Map([
  ['tags', (values) => taggedWith(values, 'all', 'IN')],
  ['tags-any', (values) => taggedWith(values, 'any', 'IN')],
  ['not-tags', (values) => taggedWith(values, 'all', 'NOT IN')],
  ['not-tags-any', (values) => taggedWith(values, 'any', 'NOT IN')],
]);

function taggedWith(values: readonly string[], which: 'all' | 'any', not: 'IN' | 'NOT IN'): Fragment {
  const tags = [...new Set(values.flatMap((value) => value.split(',')).filter((tag) => tag !== ''))];
  const places = tags.map(() => '?').join(', ');
  const least = which === 'all' ? tags.length : 1;
  const tagged = `SELECT resource_id FROM tags WHERE tag IN (${places}) GROUP BY resource_id HAVING count(*) >= ?`;
  return tags.length === 0 ? { text: 'TRUE', values: [] } : { text: `id ${not} (${tagged})`, values: [...tags, least] };
}
