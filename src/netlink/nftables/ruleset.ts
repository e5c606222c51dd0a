// Reading all of our table back, as one consistent state: the kernel answers kind by kind, and each
// answer names the generation of the ruleset it was taken from, so answers of different generations
// are thrown away and asked for again.
//
// What the terms of a Ruleset cannot say is listed under a name that says it: a chain `x` with a
// policy of drop as `x (policy drop)`. No wanted ruleset has such a name, so it is a difference.

import { TABLE_NAME, type AddressSet, type Chain, type Ruleset, type Statement } from '../../host/ruleset.ts';
import type { ReceivedMessage } from '../attributes.ts';
import type { MessageBatch } from '../message.ts';
import { NFPROTO, writeFamily } from '../nfnetlink.ts';
import { NetlinkError, type NetlinkSocket } from '../socket.ts';
import { chainOf, decodeChain, type ReadChain } from './chain.ts';
import { readElements } from './element-dump.ts';
import { generationOf, NFT } from './message.ts';
import { decodeRule, NFTA_RULE_TABLE, type ReadRule } from './rule.ts';
import { decodeSet, kindOf, NFTA_SET_TABLE, type ReadSet } from './set.ts';
import type { OwnTable } from './table.ts';

/** A ruleset that changes during as many readings never rests. */
const READ_TRIES = 16;
const EAGAIN = 11;

/** Called with each message of a reading. */
type Watch = (message: ReceivedMessage) => void;

/**
 * Reads chains, rules, sets and elements of our table, which `readTables` has found. Costs 9 system
 * calls and 3 for each set, and one more for each 32 KiB of an answer. Throws NetlinkError, also
 * when the ruleset never rests, and MalformedReply.
 */
export function readRuleset(socket: NetlinkSocket, own: OwnTable): Ruleset {
  for (let attempt = 1; attempt <= READ_TRIES; attempt++) {
    const generations = new Set<number>();
    const ruleset = readOnce(socket, own, (message) => generations.add(generationOf(message)));
    if (generations.size <= 1) return ruleset;
  }
  throw new NetlinkError(EAGAIN, `the nftables ruleset changed during ${READ_TRIES} readings`);
}

function readOnce(socket: NetlinkSocket, own: OwnTable, watch: Watch): Ruleset {
  const chains = dumpAll(socket, NFT.GETCHAIN, undefined, decodeChain, watch);
  const rules = dumpAll(socket, NFT.GETRULE, NFTA_RULE_TABLE, decodeRule, watch);
  const sets = dumpAll(socket, NFT.GETSET, NFTA_SET_TABLE, decodeSet, watch);
  return {
    chains: chainsOf(chains, rules, own),
    sets: new Map(sets.map((set) => readSet(socket, set, watch))),
  };
}

/** Dumps objects of family ip: those of our table, where the kernel can be told by an attribute that only they are wanted. */
function dumpAll<T>(
  socket: NetlinkSocket,
  type: number,
  tableAttribute: number | undefined,
  decode: (message: ReceivedMessage) => T,
  watch: Watch,
): T[] {
  let objects: T[] = [];
  socket.dump(
    type,
    (batch: MessageBatch) => {
      writeFamily(batch, NFPROTO.IPV4);
      if (tableAttribute !== undefined) batch.attributeString(tableAttribute, TABLE_NAME);
    },
    (message) => {
      watch(message);
      objects.push(decode(message));
    },
    () => (objects = []),
  );
  return objects;
}

function chainsOf(chains: readonly ReadChain[], rules: readonly ReadRule[], own: OwnTable): Map<string, Chain> {
  const ours = chains.filter((chain) => chain.table === TABLE_NAME);
  const rulesOf = new Map<string, (readonly Statement[])[]>(ours.map((chain) => [chain.name, []]));
  for (const rule of rules) rulesOf.get(rule.chain)?.push(rule.statements);
  return new Map(
    ours.map((read): [string, Chain] => {
      const body = rulesOf.get(read.name) ?? [];
      const told = own.flags === 0 ? chainOf(read, body) : `in a table with flags ${own.flags}`;
      if (typeof told !== 'string') return [read.name, told];
      return [`${read.name} (${told})`, { type: 'filter', hook: 'prerouting', priority: read.priority, rules: body }];
    }),
  );
}

/** A set with its elements, under its name. */
function readSet(socket: NetlinkSocket, set: ReadSet, watch: Watch): [string, AddressSet] {
  const kind = kindOf(set);
  if (kind === undefined) return [`${set.name} (${describe(set)})`, { kind: 'set', elements: new Set() }];
  const dump = readElements(socket, set.name, watch);
  const { keys, pairs, counted } = dump;
  const ofKind = { set: keys, map: pairs, counters: counted }[kind].size;
  const isOfKind = !dump.foreign && ofKind === keys.size + pairs.size + counted.size;
  const name = isOfKind ? set.name : `${set.name} (elements of another kind)`;
  if (kind === 'map') return [name, { kind, elements: pairs }];
  return [name, { kind, elements: kind === 'set' ? keys : new Set(counted.keys()) }];
}

function describe({ flags, keyType, keyBytes, dataType, dataBytes, size, expression }: ReadSet): string {
  const what = `flags ${flags} key type ${keyType} of ${keyBytes} bytes, data type ${dataType} of ${dataBytes}, size ${size}`;
  return expression === undefined ? what : `${what}, with ${expression}`;
}
