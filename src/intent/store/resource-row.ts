// Resources from rows of the views.

import type { SQLOutputValue } from 'node:sqlite';
import type { Collection, Resource } from './networking.ts';
import { RESOURCES } from './resources/index.ts';
import type { AttributeKind } from './resources/index.ts';
import type { Row } from './row.ts';
import { textOf } from './row.ts';

export function resourceOf(collection: Collection, row: Row): Resource {
  const attributes: Record<string, unknown> = {};
  for (const [name, kind] of RESOURCES[collection].attributes) attributes[name] = attributeOf(kind, row[name]);
  return { ...attributes, id: textOf(row, 'id') };
}

function attributeOf(kind: AttributeKind, value: SQLOutputValue | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'boolean') return value !== 0;
  if (kind !== 'json' || typeof value !== 'string') return value;
  // Most lists are empty.
  return value === '[]' ? [] : JSON.parse(value);
}
