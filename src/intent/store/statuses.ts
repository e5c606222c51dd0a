// What became of intents on this host. Kept in memory only: after a start nothing is known.

import type { Router } from '../../model/model.ts';
import { formatIpv4, parseIpv4 } from '../../model/address.ts';
import type { Status } from './networking.ts';
import { textOf } from './row.ts';
import type { Sql } from './sql.ts';

/**
 * Floating IPs that came since the agent took the Model stay DOWN, because the status is not theirs yet.
 * @param router the router of the Model that the status is of; without it, all floating IPs of now.
 */
export function setRouterStatus(sql: Sql, routerId: string, { status, error }: Status, router?: Router): void {
  // The router may have been deleted while the agent was at work on it.
  const upsert = `INSERT INTO router_statuses (router_id, status, error) SELECT id, ?, ? FROM routers WHERE id = ?
    ON CONFLICT DO UPDATE SET status = excluded.status, error = excluded.error`;
  sql.run(upsert, status, error === undefined ? null : JSON.stringify(error), routerId);
  const query = `SELECT unsettled_floatingips.id, floating_ip_address, fixed_ip_address
    FROM unsettled_floatingips JOIN floatingips USING (id) WHERE unsettled_floatingips.router_id = ?`;
  for (const row of sql.all(query, routerId)) {
    const floating = parseIpv4(textOf(row, 'floating_ip_address'));
    const served = floating === undefined ? undefined : router?.floatingIps.get(floating);
    const isServed = served !== undefined && formatIpv4(served.fixed) === textOf(row, 'fixed_ip_address');
    if (router === undefined || isServed) sql.run('DELETE FROM unsettled_floatingips WHERE id = ?', textOf(row, 'id'));
  }
}
