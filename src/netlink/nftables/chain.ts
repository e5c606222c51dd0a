// Base chains: NFT_MSG_NEWCHAIN and GETCHAIN.

import { TABLE_NAME, type Chain } from '../../host/ruleset.ts';
import {
  eachAttribute,
  expectBytes,
  MalformedReply,
  readBe32,
  readString,
  type ReceivedMessage,
} from '../attributes.ts';
import { NLM_F, type MessageBatch } from '../message.ts';
import { attributesStart } from '../nfnetlink.ts';
import { beginMessage, NFT } from './message.ts';
import { addRule, deleteRules } from './rule.ts';

const NFTA_CHAIN_TABLE = 1;
const NFTA_CHAIN_NAME = 3;
const NFTA_CHAIN_HOOK = 4;
const NFTA_CHAIN_POLICY = 5;
const NFTA_CHAIN_TYPE = 7;
const NFTA_CHAIN_FLAGS = 10;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;

const NF_ACCEPT = 1;
/** `NFT_CHAIN_BASE`: it hangs on a hook. */
const CHAIN_BASE = 1;
/** `NF_INET_*` (linux/netfilter.h). */
const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;

/**
 * Gives our table a chain with exactly these rules: one that is there already stays, and its rules
 * are replaced. EEXIST or EOPNOTSUPP if it is there with another hook, type or priority. The sets
 * that the rules name must be there, or earlier in the transaction.
 */
export function defineChain(batch: MessageBatch, name: string, { type, hook, priority, rules }: Chain): void {
  beginMessage(batch, NFT.NEWCHAIN, NLM_F.CREATE);
  batch.attributeString(NFTA_CHAIN_TABLE, TABLE_NAME);
  batch.attributeString(NFTA_CHAIN_NAME, name);
  batch.attributeString(NFTA_CHAIN_TYPE, type);
  batch.attributeBe32(NFTA_CHAIN_POLICY, NF_ACCEPT);
  const nested = batch.beginNested(NFTA_CHAIN_HOOK);
  batch.attributeBe32(NFTA_HOOK_HOOKNUM, HOOKS.indexOf(hook));
  batch.attributeBe32(NFTA_HOOK_PRIORITY, priority);
  batch.endNested(nested);
  batch.end();
  deleteRules(batch, name);
  for (const statements of rules) addRule(batch, name, statements);
}

/** A chain as the kernel describes it, without its rules. */
export interface ReadChain {
  readonly table: string;
  readonly name: string;
  readonly type: string | undefined;
  readonly hook: string | undefined;
  readonly priority: number;
  readonly policy: number;
  readonly flags: number;
}

/** Throws MalformedReply. */
export function decodeChain(message: ReceivedMessage): ReadChain {
  const { buffer, end } = message;
  let table: string | undefined;
  let name: string | undefined;
  let type: string | undefined;
  let hook: string | undefined;
  let priority = 0;
  let policy = NF_ACCEPT;
  let flags = 0;
  eachAttribute(buffer, attributesStart(message), end, (attribute, from, to) => {
    if (attribute === NFTA_CHAIN_TABLE) table = readString(buffer, from, to);
    else if (attribute === NFTA_CHAIN_NAME) name = readString(buffer, from, to);
    else if (attribute === NFTA_CHAIN_TYPE) type = readString(buffer, from, to);
    else if (attribute === NFTA_CHAIN_POLICY) policy = readBe32(buffer, from, to);
    else if (attribute === NFTA_CHAIN_FLAGS) flags = readBe32(buffer, from, to);
    else if (attribute === NFTA_CHAIN_HOOK) {
      eachAttribute(buffer, from, to, (part, start, stop) => {
        if (part === NFTA_HOOK_HOOKNUM) hook = hookWord(readBe32(buffer, start, stop));
        else if (part === NFTA_HOOK_PRIORITY) priority = readSigned(buffer, start, stop);
      });
    }
  });
  if (table === undefined || name === undefined) throw new MalformedReply('chain without a table or name');
  return { table, name, type, hook, priority, policy, flags };
}

/** The chain in Buoy's terms, or what about it those cannot say. */
export function chainOf(read: ReadChain, rules: Chain['rules']): Chain | string {
  const { type, hook, priority, policy, flags } = read;
  if (type === undefined || hook === undefined) return 'not a base chain';
  if (type !== 'filter' && type !== 'nat') return `type ${type}`;
  if (hook !== 'prerouting' && hook !== 'postrouting') return `hook ${hook}`;
  if (policy !== NF_ACCEPT) return 'policy drop';
  if ((flags & ~CHAIN_BASE) !== 0) return `flags ${flags}`;
  return { type, hook, priority, rules };
}

function hookWord(number: number): string {
  return HOOKS[number] ?? String(number);
}

function readSigned(buffer: Buffer, start: number, end: number): number {
  expectBytes(start, end, 4);
  return buffer.readInt32BE(start);
}
