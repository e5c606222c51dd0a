// Intents that follow one another on a host: each asks for another kind of change. Between them they
// have all that a layout can ask of the kernel: ports on bridges and macvlans, several external
// networks, several subnets, extra routes.

import type { Model } from '../../src/model/model.ts';
import type { Entry, IntentText } from './intent.ts';
import { external, floatingIp, modelOf, router, subnet, tenant } from './intent.ts';
import { NOTHING } from './models.ts';

const UPLINK = { name: 'uplink', 'router:external': true, macvlan: 'nic0' };
const RED = { name: 'red', macvlan: 'nic1' };

interface Choices {
  /** The gateway of the network `public`. */
  readonly gateway?: string;
  /** The external network of the router `green`. */
  readonly ofGreen?: 'public' | 'uplink';
  readonly floatingips: readonly Entry[];
}

function intent({ gateway = '203.0.113.1', ofGreen = 'public', floatingips }: Choices): IntentText {
  return {
    networks: [external('public', 'br-ex'), UPLINK, tenant('blue'), tenant('green'), RED],
    subnets: [
      subnet('public', '203.0.113.0/24', { gateway_ip: gateway }),
      subnet('uplink', '198.51.100.0/24'),
      subnet('blue', '10.0.0.0/24'),
      subnet('blue', '10.0.1.0/24'),
      subnet('green', '10.0.0.0/24'),
      subnet('red', '10.0.0.0/24'),
    ],
    routers: [
      router('blue', 'public', ['blue-10.0.0.0', 'blue-10.0.1.0'], {
        routes: [{ destination: '192.168.7.0/24', nexthop: '10.0.0.77' }],
      }),
      router('green', ofGreen, ['green-10.0.0.0']),
      router('red', 'uplink', ['red-10.0.0.0']),
    ],
    floatingips,
  };
}

const OF_BLUE = [floatingIp('203.0.113.11', 'blue', '10.0.0.10'), floatingIp('203.0.113.12', 'blue', '10.0.1.10')];
const OF_GREEN = [floatingIp('203.0.113.21', 'green', '10.0.0.10'), floatingIp('203.0.113.22', 'green', '10.0.0.11')];
const OF_RED = [floatingIp('198.51.100.31', 'red', '10.0.0.10')];
/** From router to router, both ways, and from workload to workload. */
const MOVED = [
  floatingIp('203.0.113.11', 'green', '10.0.0.10'),
  floatingIp('203.0.113.12', 'blue', '10.0.0.10'),
  floatingIp('203.0.113.21', 'blue', '10.0.1.10'),
  floatingIp('203.0.113.22', 'green', '10.0.0.11'),
];
const ELSEWHERE = [
  floatingIp('198.51.100.21', 'green', '10.0.0.10'),
  floatingIp('198.51.100.22', 'green', '10.0.0.11'),
];
const GATEWAY = '203.0.113.2';

/** Under the name of the change that leads to it from the one before; the first one begins on an empty host. */
export const INTENTS_IN_TURN = {
  'create all': modelOf(intent({ floatingips: [...OF_BLUE, ...OF_GREEN, ...OF_RED] })),
  'move floating IPs': modelOf(intent({ floatingips: [...MOVED, ...OF_RED] })),
  'change the gateway': modelOf(intent({ gateway: GATEWAY, floatingips: [...MOVED, ...OF_RED] })),
  'change the external network': modelOf(
    intent({ gateway: GATEWAY, ofGreen: 'uplink', floatingips: [...OF_BLUE, ...ELSEWHERE, ...OF_RED] }),
  ),
  'delete all': NOTHING,
} as const satisfies Readonly<Record<string, Model>>;

export type Change = keyof typeof INTENTS_IN_TURN;

export function isChange(text: string | undefined): text is Change {
  return text !== undefined && text in INTENTS_IN_TURN;
}
