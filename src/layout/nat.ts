// NAT 1:1 between floating and fixed IPs, in two maps, so that a packet costs the same with one
// floating IP and with ten thousand. And counters, in two sets of floating IPs, which are asked where a packet has
// its floating IP: before it is translated inwards, after it is translated outwards. Chains of type nat
// see only the first packet of a connection, so neither can be asked there.

import type { Ipv4Address } from '../model/address.ts';
import type { Router } from '../model/model.ts';
import { routerToFipName } from '../model/names.ts';
import type { Chain, Ruleset } from '../host/ruleset.ts';
import { FIXED, FLOATING, MARKED, RECEIVED, SENT } from '../host/translation.ts';
import { DerivedMap } from './derived-map.ts';
import { FIP_MARK } from './router-link.ts';

/** Neutron's places for the same rules: the iptables table `mangle`, and DNAT and SNAT of `nat` (linux/netfilter_ipv4.h). */
const MANGLE = -150;
const NAT_DESTINATION = -100;
const NAT_SOURCE = 100;
/** After all NAT: the kernel translates what belongs to a connection at NAT_SOURCE too. */
const COUNT_SENT = NAT_SOURCE + 10;

/**
 * The same chains and sets for every router, whether it has floating IPs, or a gateway, or not: then
 * only elements change while it lives.
 */
export function routerRuleset(router: Router): Ruleset {
  const { floatingIps } = router;
  const size = (): number => floatingIps.size;
  const floating = new DerivedMap<Ipv4Address, Ipv4Address>(
    size,
    (visit) => floatingIps.forEach((floatingIp, key) => visit(floatingIp.fixed, key)),
    (key) => floatingIps.get(key)?.fixed,
  );
  const fixed = new DerivedMap<Ipv4Address, Ipv4Address>(size, (visit) =>
    floatingIps.forEach((floatingIp, key) => visit(key, floatingIp.fixed)),
  );
  const marked = new Set<Ipv4Address>();
  floatingIps.forEach((floatingIp) => marked.add(floatingIp.fixed));
  const counted = new Set(floatingIps.keys());
  return {
    chains: routerChains(router.id),
    // They are filled in this order: a floating IP leads to a workload when its answers find the way back, and all
    // its packets are counted.
    sets: new Map([
      [FIXED, { kind: 'map', elements: fixed }],
      [MARKED, { kind: 'set', elements: marked }],
      [RECEIVED, { kind: 'counters', elements: counted }],
      [SENT, { kind: 'counters', elements: counted }],
      [FLOATING, { kind: 'map', elements: floating }],
    ]),
  };
}

/** No chain is called by a word of nft(8)'s own (`mark`, `dnat`, `snat`): one could not name it on its command line. */
function routerChains(routerId: string): ReadonlyMap<string, Chain> {
  const name = routerToFipName(routerId);
  return new Map<string, Chain>([
    [
      'mark-fixed',
      {
        type: 'filter',
        hook: 'prerouting',
        priority: MANGLE,
        rules: [
          [
            { kind: 'source-in-set', set: MARKED },
            { kind: 'set-mark-bits', bits: FIP_MARK },
          ],
          // Not a chain of its own: a packet pays for each that it passes. The link, because a packet from here to a
          // floating IP of this router passes twice, and is received once.
          [
            { kind: 'interface', direction: 'in', name },
            { kind: 'destination-in-set', set: RECEIVED },
          ],
        ],
      },
    ],
    [
      'nat-in',
      {
        type: 'nat',
        hook: 'prerouting',
        priority: NAT_DESTINATION,
        rules: [
          [
            { kind: 'interface', direction: 'in', name },
            { kind: 'destination-nat', map: FLOATING },
          ],
        ],
      },
    ],
    [
      'nat-out',
      {
        type: 'nat',
        hook: 'postrouting',
        priority: NAT_SOURCE,
        rules: [
          [
            { kind: 'interface', direction: 'out', name },
            { kind: 'source-nat', map: FIXED },
          ],
        ],
      },
    ],
    [
      'count-sent',
      {
        type: 'filter',
        hook: 'postrouting',
        priority: COUNT_SENT,
        rules: [
          [
            { kind: 'interface', direction: 'out', name },
            { kind: 'source-in-set', set: SENT },
          ],
        ],
      },
    ],
  ]);
}
