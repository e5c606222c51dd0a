// Resources as JSON, which SQLite makes of rows of the views: nothing is taken apart only to be put together again.

import { BuoyError } from '../../errors.ts';
import type { Collection, Resource } from './networking.ts';
import { RESOURCES } from './resources/index.ts';
import type { AttributeKind } from './resources/index.ts';
import { column } from './sql.ts';

/** A query for the JSON of resources, as `text`, from a view under the name `shown`. Without fields: all attributes; others than there are, are passed over. */
export function selectText(collection: Collection, fields: readonly string[], from: string): string {
  const { attributes } = RESOURCES[collection];
  const names = fields.length === 0 ? [...attributes.keys()] : [...new Set(fields)];
  const members = names.flatMap((name) => {
    const kind = attributes.get(name);
    return kind === undefined ? [] : [`'${name}', ${valueOf(kind, `shown.${column(name)}`)}`];
  });
  return `SELECT json_object(${members.join(', ')}) AS text FROM ${from}`;
}

/** All attributes of one, by its id. */
export const SELECT_ONE: Readonly<Record<Collection, string>> = {
  networks: selectText('networks', [], 'networks_shown AS shown WHERE id = ?'),
  subnets: selectText('subnets', [], 'subnets_shown AS shown WHERE id = ?'),
  ports: selectText('ports', [], 'ports_shown AS shown WHERE id = ?'),
  routers: selectText('routers', [], 'routers_shown AS shown WHERE id = ?'),
  floatingips: selectText('floatingips', [], 'floatingips_shown AS shown WHERE id = ?'),
};

export function resourcesOf(pieces: readonly string[]): readonly Resource[] {
  const value: unknown = JSON.parse(`[${pieces.join(',')}]`);
  if (Array.isArray(value) && value.every(isResource)) return value;
  throw new BuoyError('BUOY_INTERNAL', 'the store shows something that is no resource');
}

export function resourceOf(text: string): Resource {
  const value: unknown = JSON.parse(text);
  if (isResource(value)) return value;
  throw new BuoyError('BUOY_INTERNAL', `the store shows a resource as ${text}`);
}

function valueOf(kind: AttributeKind, value: string): string {
  if (kind === 'boolean') return `json(iif(${value}, 'true', 'false'))`;
  return kind === 'json' ? `json(${value})` : value;
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
}
