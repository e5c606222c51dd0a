// RTM_*RULE: policy routing rules (linux/fib_rules.h).

import type { IpAddress } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import type { Rule } from '../../host/state.ts';
import { eachAttribute, MalformedReply, needBytes, readU32 } from '../attributes.ts';
import type { MessageBatch } from '../message.ts';
import { NLM_F } from '../message.ts';
import type { NetlinkSocket } from '../socket.ts';
import { AF, checkLength, readAddressOf } from './families.ts';
import { readLinkName } from './link-name.ts';

const RTM_NEWRULE = 32;
const RTM_DELRULE = 33;
const RTM_GETRULE = 34;

const FRA = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  PRIORITY: 6,
  FWMARK: 10,
  SUPPRESS_PREFIXLEN: 14,
  TABLE: 15,
  FWMASK: 16,
  PROTOCOL: 21,
} as const;
const FR_ACT_TO_TBL = 1;
const FIB_RULE_INVERT = 0x2;
const FIB_RULE_HDR_BYTES = 12;

/** The rules that every namespace is born with (fib_default_rules_init(), fib6_rules_net_init()). */
const DEFAULT_RULES: readonly Rule[] = [
  { family: 4, priority: 0, table: 255 },
  { family: 4, priority: 32766, table: 254 },
  { family: 4, priority: 32767, table: 253 },
  { family: 6, priority: 0, table: 255 },
  { family: 6, priority: 32766, table: 254 },
];

/** The rules of a namespace. */
export interface RuleList {
  /** All but the default ones. */
  readonly own: readonly Rule[];
  /** Default ones that are not there; of IPv6 none where it has no rules at all, as the kernel may be without it. */
  readonly lost: readonly Rule[];
}

/** Adds a rule; the kernel refuses (EEXIST) one that is there. */
export function addRule(batch: MessageBatch, rule: Rule): void {
  batch.begin(RTM_NEWRULE, NLM_F.REQUEST | NLM_F.CREATE | NLM_F.EXCL);
  writeRule(batch, rule);
}

export function deleteRule(batch: MessageBatch, rule: Rule): void {
  batch.begin(RTM_DELRULE, NLM_F.REQUEST);
  writeRule(batch, rule);
}

/** All rules of the socket's namespace, both families. */
export function readRules(socket: NetlinkSocket): RuleList {
  let rules: Rule[] = [];
  socket.dump(
    RTM_GETRULE,
    // The whole `struct fib_rule_hdr` zero: both families.
    (batch) => batch.u32(0).u32(0).u32(0),
    ({ buffer, start, end }) => {
      const rule = readRule(buffer, start, end);
      if (rule !== undefined) rules.push(rule);
    },
    () => (rules = []),
  );
  const own = rules.filter((rule) => !isDefaultRule(rule));
  if (own.length === rules.length - DEFAULT_RULES.length) return { own, lost: [] };
  const isThere = (one: Rule): boolean => rules.some((rule) => isDefaultRule(rule) && isSamePlace(rule, one));
  const hasIpv6 = rules.some(({ family }) => family === 6);
  return { own, lost: DEFAULT_RULES.filter((rule) => (rule.family === 4 || hasIpv6) && !isThere(rule)) };
}

/** Whether every namespace is born with the rule. */
export function isDefaultRule(rule: Rule): boolean {
  const { from, incoming, mark, other } = rule;
  const isBare = from === undefined && incoming === undefined && mark === undefined && other === undefined;
  return isBare && DEFAULT_RULES.some((one) => isSamePlace(one, rule));
}

function isSamePlace(one: Rule, other: Rule): boolean {
  return one.family === other.family && one.priority === other.priority && one.table === other.table;
}

/** A rule in the answer to a dump, or in what the kernel tells of changes; undefined for one that is neither of IPv4 nor of IPv6. Throws MalformedReply. */
export function readRule(buffer: Buffer, start: number, end: number): Rule | undefined {
  needBytes(start, end, FIB_RULE_HDR_BYTES);
  const family = buffer.readUInt8(start);
  if (family !== AF.INET && family !== AF.INET6) return undefined;
  let [priority, table, value, mask] = [0, buffer.readUInt8(start + 4), 0, 0];
  let source: IpAddress | undefined;
  let incoming: LinkName | undefined;
  const others: string[] = [];
  const action = buffer.readUInt8(start + 7);
  if (action !== FR_ACT_TO_TBL) others.push(`action ${action}`);
  if ((buffer.readUInt32LE(start + 8) & FIB_RULE_INVERT) !== 0) others.push('not');
  if (buffer.readUInt8(start + 3) !== 0) others.push(`tos ${buffer.readUInt8(start + 3)}`);
  eachAttribute(buffer, start + FIB_RULE_HDR_BYTES, end, (type, from, to) => {
    if (type === FRA.PRIORITY) priority = readU32(buffer, from, to);
    else if (type === FRA.TABLE) table = readU32(buffer, from, to);
    else if (type === FRA.SRC) source = readAddressOf(family, buffer, from, to);
    else if (type === FRA.IIFNAME) incoming = readLinkName(buffer, from, to);
    else if (type === FRA.FWMARK) value = readU32(buffer, from, to);
    else if (type === FRA.FWMASK) mask = readU32(buffer, from, to);
    else if (type === FRA.SUPPRESS_PREFIXLEN && readU32(buffer, from, to) === 0xffffffff) return;
    else if (type !== FRA.PROTOCOL) others.push(`attribute ${type} ${buffer.toString('hex', from, to)}`);
  });
  const sourceBits = buffer.readUInt8(start + 2);
  if (source !== undefined) checkLength(source, sourceBits);
  else if (sourceBits > 0) throw new MalformedReply(`a rule from ${sourceBits} bits of no address`);
  return {
    family: family === AF.INET ? 4 : 6,
    priority,
    table,
    ...(source !== undefined && { from: { address: source, length: sourceBits } }),
    ...(incoming !== undefined && { incoming }),
    ...(mask !== 0 && { mark: { value, mask } }),
    ...(others.length > 0 && { other: others.join(' ') }),
  };
}

/** `struct fib_rule_hdr` and the attributes of a rule that Buoy makes. */
function writeRule(batch: MessageBatch, rule: Rule): void {
  batch
    .u8(rule.family === 4 ? AF.INET : AF.INET6)
    .u8(0)
    .u8(rule.from?.length ?? 0)
    .u8(0);
  // Deleting a rule of somebody else's making: action 0 matches any.
  batch
    .u8(0)
    .u8(0)
    .u8(0)
    .u8(rule.other === undefined ? FR_ACT_TO_TBL : 0)
    .u32(0);
  batch.attributeU32(FRA.PRIORITY, rule.priority);
  batch.attributeU32(FRA.TABLE, rule.table);
  if (rule.from !== undefined) batch.attributeAddress(FRA.SRC, rule.from.address);
  if (rule.incoming !== undefined) batch.attributeString(FRA.IIFNAME, rule.incoming);
  if (rule.mark !== undefined) {
    batch.attributeU32(FRA.FWMARK, rule.mark.value);
    batch.attributeU32(FRA.FWMASK, rule.mark.mask);
  }
  batch.end();
}
