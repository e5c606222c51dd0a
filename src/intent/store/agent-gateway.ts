// This host's own port on an external network (`network:floatingip_agent_gateway`), which is there as
// long as some router has its gateway on that network.

import { uuidFromText } from '../../model/names.ts';
import { deletePortRow, insertPort, OWNER } from './port-rows.ts';
import { textOf } from './row.ts';
import type { Transaction } from './transaction.ts';
import { withdraw } from './withdrawn.ts';

/** The id that this host's L3 agent has in the list of agents. */
export function agentId(host: string): string {
  return uuidFromText(`l3-agent ${host}`);
}

/** Makes or deletes the port as the routers need it. Throws 409 when the network has no address for it. */
export function settleAgentGateway(tx: Transaction, networkId: string): void {
  const isUsed = tx.sql.has('SELECT 1 FROM routers WHERE external_network_id = ?', networkId);
  const port = tx.sql.get(
    'SELECT id FROM ports WHERE device_owner = ? AND network_id = ?',
    OWNER.agentGateway,
    networkId,
  );
  if (isUsed && port === undefined) {
    const { host } = tx.settings;
    insertPort(tx, {
      network_id: networkId,
      project_id: '',
      device_owner: OWNER.agentGateway,
      device_id: agentId(host),
      'binding:host_id': host,
      fixed_ips: undefined,
    });
  }
  if (!isUsed && port !== undefined) {
    deletePortRow(tx, textOf(port, 'id'));
    withdraw(tx, networkId);
  }
  tx.changes.networks.add(networkId);
}

/** After the host has got another name. */
export function renameHost(tx: Transaction): void {
  const { host } = tx.settings;
  const query = 'SELECT id FROM ports WHERE device_owner = ? AND "binding:host_id" <> ?';
  for (const row of tx.sql.all(query, OWNER.agentGateway, host)) {
    tx.update('ports', textOf(row, 'id'), { 'binding:host_id': host, device_id: agentId(host) });
  }
}
