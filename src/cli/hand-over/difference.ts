// What has to be called so that an agent has what a file wants, and in which order.
//
// Things are made before others are deleted, and a floating IP that stays is moved by one call from one port to another,
// once everything that it needs is there. New floating IPs are made before routers get gateways, so that the address
// of none is given to a gateway. Where the API allows no order without a gap, because one thing must be gone
// before the other can be, the floating IPs concerned lead nowhere meanwhile, and are named.

import type { Report } from '../../model/problem.ts';
import { associations } from './associations.ts';
import type { HandOver } from './call.ts';
import { lastPortCalls, newFloatingIpCalls, newPortCalls } from './floating-ip-calls.ts';
import { interfaceChanges } from './interface-changes.ts';
import { match } from './match.ts';
import { gatewayCalls, lastNetworkCalls, networkCalls, subnetCalls } from './network-calls.ts';
import {
  earlyRemovals,
  firstRouterCalls,
  gatewayChanges,
  lastRouterCalls,
  regatewayed,
  routeCalls,
} from './router-calls.ts';
import type { Stored } from './stored.ts';
import type { Wanted } from './wanted.ts';

/** No call when there is nothing to do. If a problem is reported, none of the calls may be made. */
export function difference(wanted: Wanted, stored: Stored, report: Report): HandOver {
  const matches = match(wanted, stored, report);
  const interfaces = interfaceChanges(matches, stored);
  const circumstances = {
    early: interfaces.early,
    regatewayed: new Set(regatewayed(matches).map(({ ref }) => ref.id)),
  };
  const { early, first, second, interrupted } = associations(matches, stored, circumstances, report);
  return {
    calls: [
      ...networkCalls(matches),
      ...subnetCalls(matches),
      ...newFloatingIpCalls(matches, stored, report),
      ...firstRouterCalls(matches),
      ...early,
      ...earlyRemovals(interfaces),
      ...gatewayCalls(matches),
      ...interfaces.additions,
      ...routeCalls(matches, interfaces),
      ...newPortCalls(matches),
      ...first,
      ...gatewayChanges(matches, interfaces),
      ...second,
      ...lastRouterCalls(matches, interfaces, stored),
      ...lastPortCalls(matches, stored),
      ...lastNetworkCalls(matches, stored),
    ],
    interrupted,
  };
}
