// Ports as rows: made and deleted for whoever has a use for one, without asking whether they may.

import { allocate, fixedIpsOf, release } from './fixed-ips.ts';
import { conflict } from './refusals.ts';
import type { FixedIpInput } from './resources/fields.ts';
import type { Transaction } from './transaction.ts';

/** Owners of ports that the store makes and deletes by itself (neutron_lib/constants.py). */
export const OWNER = {
  routerInterface: 'network:router_interface_distributed',
  routerGateway: 'network:router_gateway',
  floatingIp: 'network:floatingip',
  agentGateway: 'network:floatingip_agent_gateway',
} as const;

/** Ports that nobody asked for take the end of a pool, so that they are in nobody's way who counts addresses from its beginning. */
const AT_THE_END: ReadonlySet<string> = new Set([OWNER.routerGateway, OWNER.agentGateway]);

/** Neutron's default `base_mac`. */
const MAC_PREFIX = 'fa:16:3e';

export interface NewPort {
  readonly network_id: string;
  readonly project_id: string;
  readonly device_owner: string;
  readonly device_id: string;
  readonly fixed_ips: readonly FixedIpInput[] | undefined;
  readonly mac_address?: string | undefined;
  readonly name?: string;
  readonly description?: string;
  readonly admin_state_up?: boolean;
  readonly 'binding:host_id'?: string;
  readonly 'binding:profile'?: Readonly<Record<string, unknown>>;
  readonly tags?: readonly string[] | undefined;
}

/** Answers its id. Throws what `allocate` does, and 409 MacAddressInUse. */
export function insertPort(tx: Transaction, port: NewPort): string {
  const { fixed_ips: fixedIps, tags, ...columns } = port;
  const id = tx.insert(
    'ports',
    {
      name: '',
      description: '',
      admin_state_up: true,
      'binding:host_id': '',
      'binding:profile': {},
      ...columns,
      mac_address: macFor(tx, port.network_id, port.mac_address),
    },
    tags,
  );
  const isGuest = port.device_owner === OWNER.routerInterface || !isOwn(port.device_owner);
  const which = AT_THE_END.has(port.device_owner) ? 'highest' : 'lowest';
  allocate(tx, { portId: id, networkId: port.network_id, fixedIps, mayBeGateway: isGuest, which });
  return id;
}

export function deletePortRow(tx: Transaction, id: string): void {
  for (const fixedIp of fixedIpsOf(tx, id)) release(tx, fixedIp);
  tx.remove('ports', id);
}

/** Whether a port with that owner is the store's own. */
export function isOwn(deviceOwner: string): boolean {
  return deviceOwner.startsWith('network:router_') || deviceOwner.startsWith('network:floatingip');
}

/** The address that is asked for, or a random one. Throws 409 MacAddressInUse. */
export function macFor(tx: Transaction, networkId: string, wanted: string | undefined): string {
  for (;;) {
    const mac =
      wanted ??
      [MAC_PREFIX, ...[...tx.settings.chance.macBytes()].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
    if (!tx.sql.has('SELECT 1 FROM ports WHERE network_id = ? AND mac_address = ?', networkId, mac)) return mac;
    if (wanted === undefined) continue;
    const message = `Unable to complete operation for network ${networkId}. The mac address ${mac} is in use.`;
    throw conflict('MacAddressInUse', message);
  }
}
