// The ruleset of a router with one floating IP, as Buoy has it and as nft(8) lists it.

import type { Ruleset } from '../../../src/host/ruleset.ts';
import { parseIpv4 } from '../../../src/model/address.ts';
import { parseLinkName } from '../../../src/model/names.ts';
import { must } from '../../support/must.ts';

export const ipv4 = (text: string) => must(parseIpv4(text));
export const linkName = (text: string) => must(parseLinkName(text));

const rfp = linkName('rfp-11111111-11');
const floating = ipv4('203.0.113.5');
const fixed = ipv4('10.0.0.5');

export const EXAMPLE: Ruleset = {
  sets: new Map([
    ['marked', { kind: 'set', elements: new Set([fixed]) }],
    ['floating', { kind: 'map', elements: new Map([[floating, fixed]]) }],
    ['fixed', { kind: 'map', elements: new Map([[fixed, floating]]) }],
    ['received', { kind: 'counters', elements: new Set([floating]) }],
  ]),
  chains: new Map([
    ['prerouting-raw', { type: 'filter', hook: 'prerouting', priority: -300, rules: [[{ kind: 'notrack' }]] }],
    [
      'prerouting-mark',
      {
        type: 'filter',
        hook: 'prerouting',
        priority: -150,
        rules: [
          [
            { kind: 'source-in-set', set: 'marked' },
            { kind: 'set-mark-bits', bits: 0x10 },
          ],
          [
            { kind: 'interface', direction: 'in', name: rfp },
            { kind: 'destination-in-set', set: 'received' },
          ],
        ],
      },
    ],
    [
      'prerouting-nat',
      {
        type: 'nat',
        hook: 'prerouting',
        priority: -100,
        rules: [
          [
            { kind: 'interface', direction: 'in', name: rfp },
            { kind: 'destination-nat', map: 'floating' },
          ],
        ],
      },
    ],
    [
      'postrouting-nat',
      {
        type: 'nat',
        hook: 'postrouting',
        priority: 100,
        rules: [
          [
            { kind: 'interface', direction: 'out', name: rfp },
            { kind: 'source-nat', map: 'fixed' },
          ],
        ],
      },
    ],
  ]),
};

/** What nft(8) lists, which it also reads. */
export const EXAMPLE_LISTING = `table ip buoy {
	comment "host1"
	set marked {
		type ipv4_addr
		elements = { 10.0.0.5 }
	}

	map floating {
		type ipv4_addr : ipv4_addr
		elements = { 203.0.113.5 : 10.0.0.5 }
	}

	map fixed {
		type ipv4_addr : ipv4_addr
		elements = { 10.0.0.5 : 203.0.113.5 }
	}

	set received {
		type ipv4_addr
		counter
		elements = { 203.0.113.5 counter packets 0 bytes 0 }
	}

	chain prerouting-raw {
		type filter hook prerouting priority raw; policy accept;
		notrack
	}

	chain prerouting-mark {
		type filter hook prerouting priority mangle; policy accept;
		ip saddr @marked meta mark set meta mark | 0x00000010
		iifname "rfp-11111111-11" ip daddr @received
	}

	chain prerouting-nat {
		type nat hook prerouting priority dstnat; policy accept;
		iifname "rfp-11111111-11" dnat to ip daddr map @floating
	}

	chain postrouting-nat {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "rfp-11111111-11" snat to ip saddr map @fixed
	}
}
`;
