import { createHash } from 'node:crypto';
import type { MacAddress } from './address.ts';

/**
 * A MAC address for a port, derived from its id and therefore the same in every run: Neutron's
 * prefix (`base_mac` fa:16:3e) and three bytes of a hash. A MAC address that is taken is passed
 * over for that of the next hash.
 */
export function deriveMac(portId: string, taken: ReadonlySet<MacAddress>): MacAddress {
  for (let attempt = 0; ; attempt++) {
    const hex = createHash('sha256').update(`${portId} ${attempt}`).digest('hex');
    const mac = `fa:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}` as MacAddress;
    if (!taken.has(mac)) return mac;
  }
}
