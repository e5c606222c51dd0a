// How many resources of each kind a project may have.

import { z } from 'zod';
import { readBody } from './body.ts';
import type { Collection } from './networking.ts';
import { conflict } from './refusals.ts';
import { integerField } from './resources/fields.ts';
import { RESOURCES } from './resources/index.ts';
import { integerOf, textOf } from './row.ts';
import type { Transaction } from './transaction.ts';

const limit = integerField(z.int().min(-1).max(2_147_483_647));

/** Limits under the names of resources; -1 is no limit. */
export const quotaBody = z
  .strictObject({ network: limit, subnet: limit, port: limit, router: limit, floatingip: limit })
  .partial();

export type Quota = Readonly<Record<string, number>>;

/** Without a project: what one has that has set none. */
export function quotaOf(tx: Transaction, projectId?: string): Quota {
  if (projectId === undefined) return tx.settings.quotas;
  const rows = tx.sql.all('SELECT resource, most FROM quotas WHERE project_id = ?', projectId);
  const own = rows.map((row) => [textOf(row, 'resource'), integerOf(row, 'most')] as const);
  return { ...tx.settings.quotas, ...Object.fromEntries(own) };
}

export function quotaProjects(tx: Transaction): readonly string[] {
  return tx.sql
    .all('SELECT DISTINCT project_id FROM quotas ORDER BY project_id')
    .map((row) => textOf(row, 'project_id'));
}

export function setQuota(tx: Transaction, projectId: string, body: unknown): void {
  const upsert = `INSERT INTO quotas (project_id, resource, most) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET most = excluded.most`;
  for (const [resource, most] of Object.entries(readBody(quotaBody, body))) {
    if (most !== undefined) tx.sql.run(upsert, projectId, resource, most);
  }
}

export function deleteQuota(tx: Transaction, projectId: string): void {
  tx.sql.run('DELETE FROM quotas WHERE project_id = ?', projectId);
}

export function countOf(tx: Transaction, collection: Collection, projectId: string): number {
  const row = tx.sql.get(`SELECT count(*) AS number FROM ${collection} WHERE project_id = ?`, projectId);
  return row === undefined ? 0 : integerOf(row, 'number');
}

/** Throws 409 OverQuota when a project has more than it may, after something was made for it. */
export function enforceQuota(tx: Transaction, collection: Collection, ids: readonly string[]): void {
  const { singular } = RESOURCES[collection];
  for (const projectId of new Set(ids.map((id) => textOf(tx.row(collection, id), 'project_id')))) {
    const most = quotaOf(tx, projectId)[singular] ?? -1;
    if (most < 0) continue;
    if (countOf(tx, collection, projectId) > most)
      throw conflict('OverQuota', `Quota exceeded for resources: ['${singular}'].`);
  }
}
