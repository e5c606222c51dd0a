// What became of intents on this host. Kept in memory only: after a start nothing is known.

import type { Router } from '../../model/model.ts';
import { formatIpv4, parseIpv4 } from '../../model/address.ts';
import type { Status } from './networking.ts';
import { textOf } from './row.ts';
import type { Sql } from './sql.ts';
import type { Transaction } from './transaction.ts';

/** What a status is of. */
export interface Applied {
  /** The router of the Model; without it, the router as it is now with all of its floating IPs. */
  readonly router: Router | undefined;
  /** Whether the router is still to be like that, but for its floating IPs. */
  readonly isCurrent: boolean;
}

/**
 * Takes note that a router is to be another than before, but for its floating IPs. It serves on as it was, and they with it, but
 * is shown as ACTIVE only when the host has it as it is now.
 */
export function changeRouter(tx: Transaction, id: string): void {
  tx.changes.routers.add(id);
  tx.sql.run('UPDATE router_statuses SET is_current = 0 WHERE router_id = ?', id);
}

/** Floating IPs that came since the agent took the Model stay DOWN, because the status is not theirs yet. */
export function setRouterStatus(
  sql: Sql,
  routerId: string,
  { status, error }: Status,
  { router, isCurrent }: Applied,
): void {
  // The router may have been deleted while the agent was at work on it.
  const upsert = `INSERT INTO router_statuses (router_id, status, error, is_current)
    SELECT id, ?, ?, ? FROM routers WHERE id = ?
    ON CONFLICT DO UPDATE SET status = excluded.status, error = excluded.error, is_current = excluded.is_current`;
  sql.run(upsert, status, error === undefined ? null : JSON.stringify(error), isCurrent ? 1 : 0, routerId);
  const query = `SELECT unsettled_floatingips.id, floating_ip_address, fixed_ip_address
    FROM unsettled_floatingips JOIN floatingips USING (id) WHERE unsettled_floatingips.router_id = ?`;
  for (const row of sql.all(query, routerId)) {
    const floating = parseIpv4(textOf(row, 'floating_ip_address'));
    const served = floating === undefined ? undefined : router?.floatingIps.get(floating);
    const isServed = served !== undefined && formatIpv4(served.fixed) === textOf(row, 'fixed_ip_address');
    if (router === undefined || isServed) sql.run('DELETE FROM unsettled_floatingips WHERE id = ?', textOf(row, 'id'));
  }
}
