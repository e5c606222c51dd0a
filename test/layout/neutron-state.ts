// Reads what was captured of a namespace that neutron-l3-agent made, and puts both that and a
// NamespaceState of ours into the same words: one line for every object that somebody configured.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  formatAddress,
  formatIpv4,
  formatPrefix,
  linkLocalOf,
  networkOf,
  parseAddress,
  parseMac,
} from '../../src/model/address.ts';
import type { Chain, Statement } from '../../src/host/ruleset.ts';
import type { NamespaceState, NextHop } from '../../src/host/state.ts';
import { statementsText } from '../../src/host/text.ts';
import { must } from '../support/must.ts';

const LINKS = z.array(
  z.object({
    ifname: z.string(),
    flags: z.array(z.string()),
    mtu: z.number(),
    address: z.string(),
    linkinfo: z.object({ info_kind: z.string() }).optional(),
  }),
);
const ADDRESSES = z.array(
  z.object({
    ifname: z.string(),
    address: z.string(),
    addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number() })),
  }),
);
const ROUTES = z.array(
  z.object({
    dst: z.string(),
    dev: z.string(),
    gateway: z.string().optional(),
    table: z.string().optional(),
    protocol: z.string(),
    type: z.string().optional(),
  }),
);
const RULES = z.array(
  z.object({
    priority: z.number(),
    src: z.string(),
    srclen: z.number().optional(),
    iif: z.string().optional(),
    table: z.string(),
  }),
);
const NEIGHBOURS = z.array(
  z.object({ dst: z.string(), dev: z.string(), lladdr: z.string(), state: z.array(z.string()) }),
);
const SYSCTLS = z.record(z.string(), z.object({ fresh: z.string(), here: z.string() }));

/** The namespace in a folder of captures, in lines. */
export function neutronLines(folder: string): string[] {
  const read = <T>(file: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(text(folder, file)));
  return [
    ...read('link.json', LINKS).flatMap(({ ifname, flags, mtu, address, linkinfo }) =>
      linkLines(ifname, linkinfo?.info_kind, address, mtu, flags.includes('UP'), flags.includes('PROMISC')),
    ),
    ...read('addr.json', ADDRESSES).flatMap(({ ifname, address, addr_info }) =>
      addr_info
        .filter(({ local }) => !isMadeByKernel(ifname, address, local))
        .map(({ local, prefixlen }) => `addr ${local}/${prefixlen} dev ${ifname}`),
    ),
    // The capture of IPv4 has all tables, and with them IPv6's once more.
    ...read('route4.json', ROUTES)
      .filter(({ dst, gateway = '' }) => !`${dst}${gateway}`.includes(':'))
      .flatMap(routeLine),
    ...read('route6.json', ROUTES).flatMap(routeLine),
    ...read('rule4.json', RULES).flatMap(ruleLine),
    ...read('rule6.json', RULES).flatMap(ruleLine),
    ...read('neigh.json', NEIGHBOURS)
      .filter(({ state }) => state.includes('PERMANENT'))
      .map(({ dst, dev, lladdr }) => `neigh ${dst} dev ${dev} lladdr ${lladdr}`),
    ...Object.entries(read('sysctl-diff-from-fresh.json', SYSCTLS)).map(
      ([name, { here }]) => `sysctl ${name} = ${here}`,
    ),
    ...iptablesLines('iptables', text(folder, 'iptables-save.txt')),
    ...iptablesLines('ip6tables', text(folder, 'ip6tables-save.txt')),
  ];
}

/** A namespace of ours, in lines. */
export function buoyLines(state: NamespaceState): string[] {
  return [
    ...[...state.links.values()].flatMap(({ name, kind, mac, mtu, up }) =>
      linkLines(name, kind.type, mac, mtu, up, false),
    ),
    ...[...state.addresses.values()].map(
      ({ link, address, length }) => `addr ${formatAddress(address)}/${length} dev ${link}`,
    ),
    ...[...state.routes].flatMap(([table, { prefixes, hosts }]) => [
      ...[...prefixes.values()].map(({ destination, hop }) => ownRouteLine(table, formatPrefix(destination), hop)),
      ...[...hosts].map(([address, hop]) => ownRouteLine(table, `${formatIpv4(address)}/32`, hop)),
    ]),
    ...[...state.rules.values()].map(({ family, priority, from, incoming, mark, table }) =>
      [
        `rule ipv${family} ${priority}: from ${from === undefined ? 'all' : formatPrefix(from)}`,
        incoming === undefined ? '' : ` iif ${incoming}`,
        mark === undefined ? '' : ` fwmark ${mark.value}/${mark.mask}`,
        ` lookup ${table}`,
      ].join(''),
    ),
    ...[...state.neighbours.values()].map(
      ({ link, address, mac }) => `neigh ${formatAddress(address)} dev ${link} lladdr ${mac}`,
    ),
    ...sysctlLines(state),
    ...[...(state.ruleset?.chains ?? [])].flatMap(([name, chain]) =>
      chain.rules.map((rule) => chainLine(name, chain, rule)),
    ),
    ...translationLines(state),
  ];
}

function linkLines(
  name: string,
  kind: string | undefined,
  mac: string | undefined,
  mtu: number | undefined,
  up: boolean,
  promiscuous: boolean,
): string[] {
  const lines = [`link ${name} ${up ? 'up' : 'down'}`];
  if (name === 'lo') return lines;
  lines.push(`link ${name} mtu ${mtu}`, `link ${name} address ${mac}`, `link ${name} type ${kind}`);
  if (promiscuous) lines.push(`link ${name} promiscuous`);
  return lines;
}

/** 127.0.0.1 and ::1, and the link-local address of a MAC. */
function isMadeByKernel(link: string, mac: string, local: string): boolean {
  return link === 'lo' || local === formatAddress(linkLocalOf(must(parseMac(mac))));
}

function routeLine({
  dst,
  dev,
  gateway,
  table = 'main',
  protocol,
  type = 'unicast',
}: z.infer<typeof ROUTES>[number]): string[] {
  if (protocol === 'kernel') return [];
  const isIpv6 = `${dst}${gateway ?? ''}`.includes(':');
  const destination =
    dst === 'default' ? (isIpv6 ? '::/0' : '0.0.0.0/0') : dst.includes('/') ? dst : `${dst}/${isIpv6 ? 128 : 32}`;
  return [
    `route ${type} ${destination}${gateway === undefined ? '' : ` via ${gateway}`} dev ${dev} table ${table} proto ${protocol}`,
  ];
}

function ownRouteLine(table: number, destination: string, { link, gateway, protocol, type }: NextHop): string {
  const via = gateway === undefined ? '' : ` via ${formatAddress(gateway)}`;
  return `route ${type} ${destination}${via} dev ${link} table ${table === 254 ? 'main' : table} proto ${protocol === 4 ? 'static' : protocol}`;
}

/** `local`, `main` and `default` have their rules in every namespace. */
function ruleLine({ priority, src, srclen, iif, table }: z.infer<typeof RULES>[number]): string[] {
  if (['local', 'main', 'default'].includes(table)) return [];
  const address = parseAddress(src);
  const from =
    address === undefined ? 'all' : formatPrefix({ address: networkOf(address, srclen ?? 32), length: srclen ?? 32 });
  return [`rule ipv4 ${priority}: from ${from}${iif === undefined ? '' : ` iif ${iif}`} lookup ${table}`];
}

/**
 * Rules that translate or stop the tracking of connections are put in words of their own, as ours
 * are; the others stay as they are.
 */
function iptablesLines(program: string, save: string): string[] {
  let table = '';
  return save.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1);
    if (!line.startsWith('-A')) return [];
    const dnat = /-d (\S+)\/32 -i (\S+) -j DNAT --to-destination (\S+)$/.exec(line);
    if (dnat !== null) return [`translate to ${dnat[1]} from ${dnat[2]}: to ${dnat[3]}`];
    const snat = /-s (\S+)\/32 -j SNAT --to-source (\S+) --random-fully$/.exec(line);
    if (snat !== null) return [`translate from ${snat[1]}: from ${snat[2]}`];
    if (line.endsWith(' -j CT --notrack')) return ['track no connections of IPv4'];
    return [`${program} ${table} ${line}`];
  });
}

function chainLine(name: string, { type, hook, priority }: Chain, rule: readonly Statement[]): string {
  const words = statementsText(rule);
  return words === 'notrack' ? 'track no connections of IPv4' : `chain ${name} (${type} ${hook} ${priority}): ${words}`;
}

function translationLines({ ruleset, links }: NamespaceState): string[] {
  const from = [...links.keys()].find((name) => name.startsWith('rfp-'));
  return [...(ruleset?.sets ?? [])].flatMap(([name, set]) => {
    if (set.kind !== 'map') return [...set.elements].map((address) => `element ${name} ${formatIpv4(address)}`);
    return [...set.elements].map(([key, value]) =>
      name === 'floating'
        ? `translate to ${formatIpv4(key)} from ${from}: to ${formatIpv4(value)}`
        : `translate from ${formatIpv4(key)}: from ${formatIpv4(value)}`,
    );
  });
}

/** What the sysctls of a new namespace are. */
const FRESH: Readonly<Record<string, string>> = {
  'net.ipv4.conf.default.send_redirects': '1',
  'net.ipv4.conf.all.send_redirects': '1',
};

/**
 * The sysctls that we set, and those that the kernel sets along with them: forwarding of all is that
 * of each (inet_forward_change() in net/ipv4/devinet.c, addrconf_fixup_forwarding() in
 * net/ipv6/addrconf.c), a link begins with the values of `default`, and IPv6 has the link's MTU.
 */
function sysctlLines({ sysctls, links }: NamespaceState): string[] {
  const values = new Map(sysctls);
  for (const { name, mtu } of links.values()) {
    if (sysctls.get('net.ipv4.ip_forward') === '1') values.set(`net.ipv4.conf.${name}.forwarding`, '1');
    if (sysctls.get('net.ipv6.conf.all.forwarding') === '1') values.set(`net.ipv6.conf.${name}.forwarding`, '1');
    if (name === 'lo') continue;
    values.set(`net.ipv6.conf.${name}.mtu`, String(mtu));
    const redirects = sysctls.get('net.ipv4.conf.default.send_redirects');
    if (redirects !== undefined) values.set(`net.ipv4.conf.${name}.send_redirects`, redirects);
  }
  if (sysctls.get('net.ipv4.ip_forward') === '1') {
    for (const group of ['all', 'default']) values.set(`net.ipv4.conf.${group}.forwarding`, '1');
    values.set('net.ipv4.conf.all.accept_redirects', '0');
  }
  if (sysctls.get('net.ipv6.conf.all.forwarding') === '1') values.set('net.ipv6.conf.default.forwarding', '1');
  return [...values]
    .filter(([name, value]) => FRESH[name] !== value)
    .map(([name, value]) => `sysctl ${name} = ${value}`);
}

function text(folder: string, file: string): string {
  return readFileSync(`${folder}/${file}`, 'utf8');
}
