import { hash } from 'node:crypto';
import { BuoyError } from '../errors.ts';
import type { MacAddress } from '../model/address.ts';
import { parseMac } from '../model/address.ts';
import type { LinkName } from '../model/names.ts';

/** The first byte of the MAC addresses of links that stand on no bridge: unicast, locally administered. */
export const ROUTER_LINK = '02';
/**
 * That of bridge ports. A bridge without an address of its own takes the lowest of its ports'
 * (br_stp_recalculate_bridge_id() in net/bridge/br_stp_if.c); this one is too high to be it, so that
 * plugging a port does not change the address that the host is known by.
 */
export const BRIDGE_PORT = 'fe';

/** A MAC address for a link of Buoy's own making: the same in every run, and another for every link. */
export function linkMac(
  firstByte: typeof ROUTER_LINK | typeof BRIDGE_PORT,
  name: LinkName,
  ownerId: string,
): MacAddress {
  const hex = hash('sha256', `${name} ${ownerId}`);
  const at = (byte: number): string => hex.slice(2 * byte, 2 * byte + 2);
  const mac = parseMac(`${firstByte}:${at(0)}:${at(1)}:${at(2)}:${at(3)}:${at(4)}`);
  if (mac === undefined) throw new BuoyError('BUOY_INTERNAL', `no MAC address for ${name}`);
  return mac;
}
