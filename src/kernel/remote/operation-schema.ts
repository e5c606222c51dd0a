// Operations as they come from the unprivileged process: JSON, read into branded types, with bounds. A Map
// is a list of pairs; an IPv4 address is its number, an IPv6 address its text; what is undefined is null.
//
// Whether an operation stays inside of what is ours is another question: src/host/owned-space.ts.

import { z } from 'zod';
import type { Operation, Step } from '../../host/plan.ts';
import { ipv4OfBits, isIpv4, networkOf, parseIpv6, parseMac } from '../../model/address.ts';
import type { IpAddress, Ipv4Address, MacAddress, Prefix } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST, parseForeignLinkName, parseNamespaceName } from '../../model/names.ts';

// Zod would otherwise compile schemas by evaluating text that it makes.
z.config({ jitless: true });

/** The longest name of a chain, set or table: NFT_NAME_MAXLEN, less its NUL. */
const TABLE_NAME_LENGTH = 255;
/** Text of the kernel's that is only shown: aliases (IFALIASZ), sysctls, words for kinds and selectors. */
const TEXT_LENGTH = 1024;
const MOST_MEMBERS = 1_000_000;
const U32 = 0xffffffff;

/** A value that a parser makes of what came, undefined if it cannot. */
function parsed<T>(parse: (value: unknown) => T | undefined) {
  return z.unknown().transform((value, context): T => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: 'is malformed' });
    return z.NEVER;
  });
}

function ofText<T>(parse: (text: string) => T | undefined) {
  return parsed((value) => (typeof value === 'string' ? parse(value) : undefined));
}

function parseIpAddress(value: unknown): IpAddress | undefined {
  return typeof value === 'string' ? parseIpv6(value) : ipv4OfBits(value);
}

/** What is undefined in a plan is null in JSON, and has its key. */
function orNone<T extends z.ZodType>(schema: T) {
  return schema.nullable().transform((value) => value ?? undefined);
}

function listOf<T extends z.ZodType>(member: T) {
  return z.array(member).max(MOST_MEMBERS);
}

/** As a list of pairs, with no key twice. */
function mapOf<T>(value: z.ZodType<T>) {
  return listOf(z.tuple([z.unknown(), z.unknown()])).transform((pairs, context): ReadonlyMap<string, T> => {
    const map = new Map<string, T>();
    for (const [key, raw] of pairs) {
      const [name, member] = [setName.safeParse(key), value.safeParse(raw)];
      if (name.success && member.success && !map.has(name.data)) map.set(name.data, member.data);
      else context.addIssue({ code: 'custom', message: 'is malformed' });
    }
    return map;
  });
}

const linkName = ofText<LinkName>(parseForeignLinkName);
const namespaceName = ofText<NamespaceName>((text) => (text === HOST ? HOST : parseNamespaceName(text)));
const ipv4 = parsed<Ipv4Address>(ipv4OfBits);
const ipAddress = parsed<IpAddress>(parseIpAddress);
const macAddress = ofText<MacAddress>(parseMac);
const number32 = z.int().min(0).max(U32);
/** An address with the length of a prefix, whatever is beyond that. */
const addressAndLength = z
  .strictObject({ address: ipAddress, length: z.int().min(0).max(128) })
  .refine(({ address, length }) => length <= bitsOf(address), 'has too long a prefix');
const prefix = addressAndLength.refine(isPrefix, 'is no prefix');
const setName = z
  .string()
  .regex(/^[A-Za-z0-9_./-]+$/)
  .max(TABLE_NAME_LENGTH);
const text = z.string().max(TEXT_LENGTH);

function isPrefix({ address, length }: Prefix): boolean {
  return networkOf(address, length) === address;
}

function bitsOf(address: IpAddress): number {
  return isIpv4(address) ? 32 : 128;
}

const linkEnd = z.strictObject({ namespace: namespaceName, link: linkName });

const linkKind = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('loopback') }),
  z.strictObject({ type: z.literal('veth'), peer: orNone(linkEnd) }),
  z.strictObject({ type: z.literal('macvlan'), parent: orNone(linkName) }),
  z.strictObject({ type: z.literal('other'), word: text }),
]);

const link = z.strictObject({
  name: linkName,
  kind: linkKind,
  mac: orNone(macAddress),
  mtu: orNone(number32),
  up: z.boolean(),
  master: orNone(linkName),
  alias: orNone(text),
});

const addressOnLink = z
  .strictObject({ link: linkName, address: ipAddress, length: z.int().min(0).max(128) })
  .refine(({ address, length }) => length <= bitsOf(address), 'has too long a prefix');

const nextHop = z.strictObject({
  link: linkName,
  gateway: orNone(ipAddress),
  protocol: z.int().min(0).max(255),
  type: z.string().max(32),
  other: z.strictObject({ metric: number32, tos: z.int().min(0).max(255) }).exactOptional(),
});

/** Of a route that is made. */
const unicastHop = nextHop.refine(({ type, other }) => type === 'unicast' && other === undefined, 'is never made');

const rule = z.strictObject({
  family: z.union([z.literal(4), z.literal(6)]),
  priority: number32,
  table: number32,
  // The kernel keeps what others gave it, bits beyond the length and all (fib4_rule_configure()).
  from: addressAndLength.exactOptional(),
  incoming: linkName.exactOptional(),
  mark: z.strictObject({ value: number32, mask: number32 }).exactOptional(),
  other: text.exactOptional(),
});

const plainRule = rule.refine(
  ({ other, from }) => other === undefined && (from === undefined || isPrefix(from)),
  'is never made',
);

const neighbour = z.strictObject({ link: linkName, address: ipAddress, mac: macAddress });

/** All but what Buoy never makes. */
const statement = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('interface'), direction: z.enum(['in', 'out']), name: linkName }),
  z.strictObject({ kind: z.enum(['source-in-set', 'destination-in-set']), set: setName }),
  z.strictObject({ kind: z.literal('set-mark-bits'), bits: number32 }),
  z.strictObject({ kind: z.literal('destination-nat'), map: setName }),
  z.strictObject({ kind: z.literal('source-nat'), map: setName }),
  z.strictObject({ kind: z.literal('notrack') }),
]);

const chain = z.strictObject({
  type: z.enum(['filter', 'nat']),
  hook: z.enum(['prerouting', 'postrouting']),
  priority: z.int().min(-0x80000000).max(0x7fffffff),
  rules: listOf(listOf(statement)),
});

const element = z.strictObject({ key: ipv4, value: orNone(ipv4), before: orNone(ipv4).exactOptional() });

const flushed = z.strictObject({ fixed: ipv4, floating: orNone(ipv4) });

/** A schema for every kind there is: the type of `SCHEMAS` says so. */
const SCHEMAS: { readonly [K in Operation['kind']]: z.ZodType<Extract<Operation, { kind: K }>> } = {
  'namespace.create': z.strictObject({ kind: z.literal('namespace.create'), namespace: namespaceName }),
  'namespace.delete': z.strictObject({
    kind: z.literal('namespace.delete'),
    namespace: namespaceName,
    ends: listOf(linkEnd),
  }),
  'sysctl.set': z.strictObject({
    kind: z.literal('sysctl.set'),
    namespace: namespaceName,
    name: text,
    value: text,
    before: orNone(text),
  }),
  'link.create': z.strictObject({
    kind: z.literal('link.create'),
    namespace: namespaceName,
    link,
    peer: orNone(link),
  }),
  'link.change': z.strictObject({ kind: z.literal('link.change'), namespace: namespaceName, link, before: link }),
  'link.delete': z.strictObject({ kind: z.literal('link.delete'), namespace: namespaceName, link: linkName }),
  'address.add': z.strictObject({
    kind: z.literal('address.add'),
    namespace: namespaceName,
    address: addressOnLink,
  }),
  'address.delete': z.strictObject({
    kind: z.literal('address.delete'),
    namespace: namespaceName,
    address: addressOnLink,
  }),
  'route.set': z.strictObject({
    kind: z.literal('route.set'),
    namespace: namespaceName,
    table: number32,
    destination: prefix,
    hop: unicastHop,
    before: orNone(nextHop),
  }),
  'route.delete': z.strictObject({
    kind: z.literal('route.delete'),
    namespace: namespaceName,
    table: number32,
    destination: prefix,
    hop: nextHop,
  }),
  'rule.add': z.strictObject({ kind: z.literal('rule.add'), namespace: namespaceName, rule: plainRule }),
  'rule.delete': z.strictObject({ kind: z.literal('rule.delete'), namespace: namespaceName, rule }),
  'neighbour.set': z.strictObject({
    kind: z.literal('neighbour.set'),
    namespace: namespaceName,
    neighbour,
    before: orNone(neighbour),
  }),
  'neighbour.delete': z.strictObject({ kind: z.literal('neighbour.delete'), namespace: namespaceName, neighbour }),
  'ruleset.define': z.strictObject({
    kind: z.literal('ruleset.define'),
    namespace: namespaceName,
    chains: mapOf(chain),
    sets: mapOf(z.enum(['set', 'map', 'counters'])),
    replace: z.boolean(),
  }),
  'elements.set': z.strictObject({
    kind: z.literal('elements.set'),
    namespace: namespaceName,
    set: setName,
    elements: listOf(element),
  }),
  'elements.delete': z.strictObject({
    kind: z.literal('elements.delete'),
    namespace: namespaceName,
    set: setName,
    elements: listOf(element),
  }),
  'table.delete': z.strictObject({
    kind: z.literal('table.delete'),
    namespace: namespaceName,
    table: z.string().max(2 * TABLE_NAME_LENGTH),
  }),
  'connections.flush': z.strictObject({
    kind: z.literal('connections.flush'),
    namespace: namespaceName,
    fixed: listOf(flushed),
    others: z.boolean(),
  }),
  'address.announce': z.strictObject({
    kind: z.literal('address.announce'),
    namespace: namespaceName,
    link: linkName,
    addresses: listOf(ipv4),
  }),
};

const BY_KIND: ReadonlyMap<unknown, z.ZodType<Operation>> = new Map(Object.entries(SCHEMAS));

/** An operation of any kind. */
const operation = parsed<Operation>((value) => {
  const kind: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'kind') : undefined;
  return BY_KIND.get(kind)?.safeParse(value).data;
});

/** A step of a plan. */
export const stepSchema: z.ZodType<Step> = z.strictObject({
  subject: namespaceName,
  operations: listOf(operation),
  after: listOf(namespaceName),
});

/** Names of namespaces to be read. */
export const namespacesSchema: z.ZodType<readonly NamespaceName[]> = listOf(namespaceName);
