// Address families (linux/socket.h) as rtnetlink messages carry them.

import type { IpAddress } from '../../model/address.ts';
import { isIpv4 } from '../../model/address.ts';

export const AF = { UNSPEC: 0, INET: 2, INET6: 10 } as const;

export function familyOf(address: IpAddress): number {
  return isIpv4(address) ? AF.INET : AF.INET6;
}
