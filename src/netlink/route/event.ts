// What the kernel tells, unasked, those who listen: the groups of rtnetlink (RTNLGRP_* in linux/rtnetlink.h) that
// matter here, and their messages decoded.

import type { Rule } from '../../host/state.ts';
import type { MacAddress } from '../../model/address.ts';
import type { ReceivedMessage } from '../attributes.ts';
import { MalformedReply, needBytes } from '../attributes.ts';
import type { KernelAddress } from './address.ts';
import { readOneAddress } from './address.ts';
import { AF } from './families.ts';
import type { KernelLink } from './link.ts';
import { readLink } from './link.ts';
import { readNumber } from './namespace-id.ts';
import type { KernelNeighbour } from './neighbour.ts';
import { readNeighbour } from './neighbour.ts';
import type { KernelNetconf } from './netconf.ts';
import { readNetconf } from './netconf.ts';
import type { KernelRoute } from './route.ts';
import { readRoute } from './route.ts';
import { readRule } from './rule.ts';

export const ROUTE_GROUPS = {
  LINK: 1,
  NEIGH: 3,
  IPV4_IFADDR: 5,
  IPV4_ROUTE: 7,
  IPV4_RULE: 8,
  IPV6_IFADDR: 9,
  IPV6_ROUTE: 11,
  IPV6_RULE: 19,
  IPV4_NETCONF: 24,
  IPV6_NETCONF: 25,
  NSID: 28,
} as const;

const NEWLINK = 16;
const DELLINK = 17;
const NEWADDR = 20;
const DELADDR = 21;
const NEWROUTE = 24;
const DELROUTE = 25;
const NEWNEIGH = 28;
const DELNEIGH = 29;
const NEWRULE = 32;
const DELRULE = 33;
const NEWNETCONF = 80;
const DELNSID = 89;

export type RouteEvent =
  | { readonly kind: 'link'; readonly link: KernelLink; readonly isGone: boolean }
  | ({ readonly kind: 'address'; readonly isGone: boolean } & KernelAddress)
  /** `mac` undefined: no permanent one any more. */
  | ({ readonly kind: 'neighbour'; readonly mac: MacAddress | undefined } & Omit<KernelNeighbour, 'mac'>)
  | { readonly kind: 'route'; readonly route: KernelRoute; readonly isGone: boolean }
  | { readonly kind: 'rule'; readonly rule: Rule; readonly isGone: boolean }
  | ({ readonly kind: 'netconf' } & KernelNetconf)
  /** The namespace with that number is gone. */
  | { readonly kind: 'namespace'; readonly number: number };

/** Undefined for what tells nothing of the above. Throws MalformedReply. */
export function readRouteEvent({ type, buffer, start, end }: ReceivedMessage): RouteEvent | undefined {
  switch (type) {
    case NEWLINK:
    case DELLINK:
      needBytes(start, end, 1);
      // A bridge tells of its ports in a family of its own.
      if (buffer.readUInt8(start) !== AF.UNSPEC) return undefined;
      return { kind: 'link', link: readLink(buffer, start, end), isGone: type === DELLINK };
    case NEWADDR:
    case DELADDR: {
      const address = readOneAddress(buffer, start, end);
      return address && { kind: 'address', ...address, isGone: type === DELADDR };
    }
    case NEWNEIGH:
    case DELNEIGH: {
      const neighbour = readNeighbour(buffer, start, end);
      if (neighbour === undefined) return undefined;
      const { index, address, mac, isPermanent } = neighbour;
      return { kind: 'neighbour', index, address, mac: isPermanent && type === NEWNEIGH ? mac : undefined };
    }
    case NEWROUTE:
    case DELROUTE: {
      const route = readRoute(buffer, start, end);
      return route && { kind: 'route', route, isGone: type === DELROUTE };
    }
    case NEWRULE:
    case DELRULE: {
      const rule = readRule(buffer, start, end);
      return rule && { kind: 'rule', rule, isGone: type === DELRULE };
    }
    case NEWNETCONF: {
      const netconf = readNetconf(buffer, start, end);
      return netconf && { kind: 'netconf', ...netconf };
    }
    case DELNSID: {
      const number = readNumber(buffer, start, end);
      if (number === undefined) throw new MalformedReply('a namespace without a number');
      return { kind: 'namespace', number };
    }
    default:
      return undefined;
  }
}
