import { BlockList, isIP } from 'node:net';
import { BuoyError } from '../../errors.ts';
import type { TcpListener } from '../options.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Throws BUOY_API_UNPROTECTED for a port that lacks TLS or tokens, unless it is on loopback and declared open. */
export function checkPolicy({ host, tls, tokenFile, isOpen }: TcpListener): void {
  const family = isIP(host);
  if (family === 0) throw new BuoyError('BUOY_API_ADDRESS', `${host} is not an IP address`);
  if (tls !== undefined && tokenFile !== undefined) return;
  const lacks = [tls === undefined ? ['TLS'] : [], tokenFile === undefined ? ['tokens'] : []].flat().join(' and ');
  if (!loopback.check(host, family === 4 ? 'ipv4' : 'ipv6'))
    throw new BuoyError('BUOY_API_UNPROTECTED', `A port on ${host} without ${lacks} would be open to the network.`);
  if (isOpen !== true)
    throw new BuoyError(
      'BUOY_API_UNPROTECTED',
      `A port on ${host} without ${lacks} is open to everybody on this host.`,
      {
        remedy: 'Say so explicitly, or give it a certificate and a token file.',
      },
    );
}
