// Tags of resources.

import { z } from 'zod';
import { readBody } from './body.ts';
import type { Collection } from './networking.ts';
import { tagsField } from './resources/fields.ts';
import { textOf } from './row.ts';
import type { Transaction } from './transaction.ts';

export const tagsBody = z.strictObject({ tags: tagsField });

export function tagsOf(tx: Transaction, collection: Collection, id: string): readonly string[] {
  tx.row(collection, id);
  return tx.sql.all('SELECT tag FROM tags WHERE resource_id = ? ORDER BY tag', id).map((row) => textOf(row, 'tag'));
}

/** Replaces all tags of a resource. Throws 400 for what is no tag. */
export function setTags(tx: Transaction, collection: Collection, id: string, tags: readonly string[]): void {
  tx.row(collection, id);
  const wanted = readBody(tagsBody, { tags }).tags;
  tx.sql.run('DELETE FROM tags WHERE resource_id = ?', id);
  tx.tag(id, wanted);
  tx.revise(collection, id);
}
