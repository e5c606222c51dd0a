// What associates a floating IP with a port, as rows.

import type { Row } from './row.ts';
import { textOf, textOrNull } from './row.ts';
import type { Transaction } from './transaction.ts';

export interface Association {
  readonly portId: string;
  readonly fixedAddress: string;
  readonly routerId: string;
}

/** Takes a floating IP from its port and router, if it has them. */
export function dissociate(tx: Transaction, floatingIp: Row): void {
  if (textOrNull(floatingIp, 'port_id') === null) return;
  setAssociation(tx, floatingIp, undefined);
}

export function setAssociation(tx: Transaction, floatingIp: Row, association: Association | undefined): void {
  const id = textOf(floatingIp, 'id');
  const address = textOf(floatingIp, 'floating_ip_address');
  const formerRouter = textOrNull(floatingIp, 'router_id');
  if (formerRouter !== null) tx.changes.floatingIp(formerRouter, address);
  tx.update('floatingips', id, {
    port_id: association?.portId ?? null,
    fixed_ip_address: association?.fixedAddress ?? null,
    router_id: association?.routerId ?? null,
  });
  forgetUnsettled(tx, id);
  if (association === undefined) return;
  tx.changes.floatingIp(association.routerId, address);
  unsettle(tx, id, association.routerId);
}

/** A floating IP is DOWN until its router has been applied with it. */
export function unsettle(tx: Transaction, id: string, routerId: string): void {
  tx.sql.run('INSERT OR REPLACE INTO unsettled_floatingips (id, router_id) VALUES (?, ?)', id, routerId);
}

export function forgetUnsettled(tx: Transaction, id: string): void {
  tx.sql.run('DELETE FROM unsettled_floatingips WHERE id = ?', id);
}
