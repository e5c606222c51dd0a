// Whose namespaces a host may still have when there is nothing that says so any more: routers that were deleted, and external
// networks that the last router has left. It is how a store in which nothing is left is told from one that is not this host's.

import type { Sql } from './sql.ts';
import type { Transaction } from './transaction.ts';

/** More of them than any host has to be rid of at a time. */
const MOST = 1000;

/** Remembers a router or a network that the host is not to have any more. */
export function withdraw(tx: Transaction, id: string): void {
  tx.sql.run('INSERT OR REPLACE INTO withdrawn (id) VALUES (?)', id);
  tx.sql.run('DELETE FROM withdrawn WHERE number <= (SELECT max(number) FROM withdrawn) - ?', MOST);
}

/** Whether a router or a network is there, or was. */
export function knows(sql: Sql, id: string): boolean {
  const tables = ['routers', 'networks', 'withdrawn'];
  return sql.has(tables.map((table) => `SELECT 1 FROM ${table} WHERE id = ?1`).join(' UNION ALL '), id);
}
