// What an administrator might do by mistake to namespaces of Buoy's: each deed with the command that does the same.

import { MessageBatch } from '../../netlink/message.ts';
import { beginTransaction, deleteRules, endTransaction, readRuleset } from '../../netlink/nftables/index.ts';
import {
  changeLink,
  deleteAddress,
  deleteRoute,
  deleteRule,
  readAddresses,
  readLinks,
  readRoutes,
  readRules,
} from '../../netlink/route/index.ts';
import type { KernelRoute } from '../../netlink/route/index.ts';
import { BuoyError } from '../../errors.ts';
import type { OpenNamespace } from '../../kernel/linux/index.ts';
import type { Ipv4Address } from '../../model/address.ts';
import { formatAddress } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { SystemError } from '../../sys/system-error.ts';
import type { Playground } from '../playground.ts';
import { shortName } from './short-name.ts';

export interface Deed {
  /** In words of ip(8) and nft(8), with names cut short. */
  readonly command: string;
  /** Does it; answers when, by `performance.now()`. Throws SystemError, BUOY_KERNEL_REFUSED. */
  readonly act: (playground: Playground) => Promise<number>;
}

const POLICY_TABLE = 16;
const NO_FLAGS = 0;
const EBUSY = 16;

export function deleteDefaultRoute(namespace: NamespaceName): Deed {
  return deed(namespace, `route del default table ${POLICY_TABLE}`, ({ route }, batch) => {
    const isIt = ({ table, destination }: KernelRoute): boolean => table === POLICY_TABLE && destination.length === 0;
    deleteRoute(batch, theOnly(routesOf(route).filter(isIt)));
  });
}

export function deleteHostRoute(namespace: NamespaceName, address: Ipv4Address): Deed {
  return deed(namespace, `route del ${formatAddress(address)}`, ({ route }, batch) => {
    const isIt = ({ destination, type }: KernelRoute): boolean =>
      destination.address === address && destination.length === 32 && type === 'unicast';
    deleteRoute(batch, theOnly(routesOf(route).filter(isIt)));
  });
}

export function deleteMarkRule(namespace: NamespaceName): Deed {
  return deed(namespace, `rule del table ${POLICY_TABLE}`, ({ route }, batch) => {
    deleteRule(
      batch,
      theOnly(readRules(route).own.filter(({ table, family }) => table === POLICY_TABLE && family === 4)),
    );
  });
}

export function deleteAddressOf(namespace: NamespaceName, link: LinkName, address: Ipv4Address): Deed {
  const words = `addr del ${formatAddress(address)} dev ${shortName(link)}`;
  return deed(namespace, words, ({ route }, batch) => {
    deleteAddress(batch, theOnly(readAddresses(route).filter((one) => one.address === address)));
  });
}

export function takeDown(namespace: NamespaceName, link: LinkName): Deed {
  return deed(namespace, `link set ${shortName(link)} down`, ({ route }, batch) => {
    changeLink(batch, theOnly(readLinks(route).filter(({ name }) => name === link)).index, { up: false });
  });
}

export function flushTable(namespace: NamespaceName): Deed {
  const command = `ip netns exec ${shortName(namespace)} nft flush table ip buoy`;
  const act = async (playground: Playground): Promise<number> => {
    using open = await playground.open(namespace);
    const { chains } = readRuleset(open.netfilter, { comment: undefined, flags: NO_FLAGS });
    const batch = new MessageBatch(1);
    beginTransaction(batch);
    for (const chain of chains.keys()) deleteRules(batch, chain);
    endTransaction(batch);
    const at = performance.now();
    refuseNothing(open.netfilter.exchangeTransaction(batch));
    return at;
  };
  return { command, act };
}

export function deleteNamespace(namespace: NamespaceName): Deed {
  const act = async (playground: Playground): Promise<number> => {
    const at = performance.now();
    try {
      playground.unname(namespace);
    } catch (error) {
      // Between the two steps that this takes, the agent can have made it anew.
      if (!(error instanceof SystemError && error.errno === EBUSY)) throw error;
    }
    return Promise.resolve(at);
  };
  return { command: `ip netns delete ${shortName(namespace)}`, act };
}

/** One message to a namespace, written when it is seen what is there. */
function deed(
  namespace: NamespaceName,
  words: string,
  write: (open: OpenNamespace, batch: MessageBatch) => void,
): Deed {
  const act = async (playground: Playground): Promise<number> => {
    using open = await playground.open(namespace);
    const batch = new MessageBatch(1);
    write(open, batch);
    const at = performance.now();
    refuseNothing(open.route.exchange(batch));
    return at;
  };
  return { command: `ip -n ${shortName(namespace)} ${words}`, act };
}

function routesOf(socket: OpenNamespace['route']): KernelRoute[] {
  let routes: KernelRoute[] = [];
  readRoutes(
    socket,
    () => (routes = []),
    (route) => routes.push(route),
  );
  return routes;
}

function theOnly<T>(found: readonly T[]): T {
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new BuoyError('BUOY_INTERNAL', `${found.length} objects are there where one is to be deleted`);
  return only;
}

function refuseNothing([refusal]: readonly { readonly message: string }[]): void {
  if (refusal !== undefined) throw new BuoyError('BUOY_KERNEL_REFUSED', refusal.message);
}
