import { BuoyError } from '../errors.ts';
import { LOOPBACK } from '../model/names.ts';
import { readLinks } from '../netlink/route/index.ts';
import { NETLINK, NetlinkSocket } from '../netlink/socket.ts';

/**
 * Makes sure that a playground can do no harm: the caller must know that it entered a sandbox, and
 * the network must look like one, without any device in use. (Some kernels put tunnel devices that
 * are down into every new network namespace.) Throws BUOY_NOT_IN_SANDBOX.
 */
export function requireSandbox(entered: boolean): void {
  if (!entered) throw new BuoyError('BUOY_NOT_IN_SANDBOX', 'no sandbox was entered');
  using socket = NetlinkSocket.open(NETLINK.ROUTE);
  const used = readLinks(socket).filter((link) => link.up && link.name !== LOOPBACK);
  if (used.length === 0) return;
  const names = used.map((link) => link.name).join(', ');
  throw new BuoyError('BUOY_NOT_IN_SANDBOX', `the network has devices in use: ${names}`);
}
