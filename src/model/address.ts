// IP and MAC addresses as values. An IPv4 address is an unsigned 32-bit number and an IPv6 address
// a bigint, so that they compare, sort, mask and key a Map as they are; `typeof` tells the family.

declare const brand: unique symbol;

/** An IPv4 address as an unsigned 32-bit number: 10.0.0.1 is 0x0a000001. */
export type Ipv4Address = number & { readonly [brand]: 'Ipv4Address' };
/** An IPv6 address as an unsigned 128-bit bigint. */
export type Ipv6Address = bigint & { readonly [brand]: 'Ipv6Address' };
export type IpAddress = Ipv4Address | Ipv6Address;
/** A MAC address in lower case with colons: `fa:16:3e:00:00:01`. */
export type MacAddress = string & { readonly [brand]: 'MacAddress' };

/** A range of addresses that share their first `length` bits; the bits after them are zero. */
export interface Prefix {
  readonly address: IpAddress;
  /** 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly length: number;
}

/** 127.0.0.1, which the kernel gives to a loopback device that comes up. */
export const LOOPBACK_IPV4 = 0x7f000001 as Ipv4Address;

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const IPV6_BITS = (1n << 128n) - 1n;

export function isIpv4(address: IpAddress): address is Ipv4Address {
  return typeof address === 'number';
}

/** A number or bigint of an address's range as that address; undefined for any other value. */
export function addressOfBits(bits: unknown): IpAddress | undefined {
  if (typeof bits === 'number') return ipv4OfBits(bits);
  return typeof bits === 'bigint' && bits >= 0n && bits <= IPV6_BITS ? (bits as Ipv6Address) : undefined;
}

/** A number of the range of IPv4 addresses as such; undefined for any other value. */
export function ipv4OfBits(bits: unknown): Ipv4Address | undefined {
  const isAddress = typeof bits === 'number' && Number.isInteger(bits) && bits >= 0 && bits <= 0xffffffff;
  return isAddress && !Object.is(bits, -0) ? (bits as Ipv4Address) : undefined;
}

/** Reads a dotted quad; octets with leading zeros, which some programs read as octal, are refused. */
export function parseIpv4(text: string): Ipv4Address | undefined {
  const match = IPV4.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (let octet = 1; octet <= 4; octet++) {
    const number = Number(match[octet]);
    if (number > 255) return undefined;
    value = value * 256 + number;
  }
  return value as Ipv4Address;
}

/** Reads any textual form of RFC 4291 section 2.2, without a zone. */
export function parseIpv6(text: string): Ipv6Address | undefined {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) {
    value = (value << 16n) | BigInt(group);
  }
  return value as Ipv6Address;
}

/** The 16-bit groups of one side of `::`; a dotted quad counts for two and may only stand last. */
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (quad === undefined) return undefined;
    groups.push(quad >>> 16, quad & 0xffff);
  }
  return groups;
}

export function parseAddress(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Reads `address/length`; bits set after the prefix are refused, as they are by the kernel. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > addressBits(address)) return undefined;
  return networkOf(address, length) === address ? { address, length } : undefined;
}

/** Reads a unicast MAC address, in either case, with colons; answers it in lower case. */
export function parseMac(text: string): MacAddress | undefined {
  const lower = text.toLowerCase();
  return MAC.test(lower) ? (lower as MacAddress) : undefined;
}

/** Whether a MAC address may be a device's own: not a group address, not all zero. */
export function isUnicastMac(mac: MacAddress): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0 && mac !== '00:00:00:00:00:00';
}

export function formatAddress(address: IpAddress): string {
  return isIpv4(address) ? formatIpv4(address) : formatIpv6(address);
}

export function formatIpv4(address: Ipv4Address): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The canonical text of RFC 5952: lower case, the longest run of two or more zero groups as `::`. */
function formatIpv6(address: Ipv6Address): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((address >> shift) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (best.start < 0) return text(0, 8);
  return `${text(0, best.start)}::${text(best.start + best.length, 8)}`;
}

/** `address/length`, the text that `parsePrefix` reads. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

export function addressBits(address: IpAddress): 32 | 128 {
  return isIpv4(address) ? 32 : 128;
}

/** The address with every bit after the first `length` cleared. */
export function networkOf<A extends IpAddress>(address: A, length: number): A {
  if (isIpv4(address)) {
    return (length === 0 ? 0 : (address & (-1 << (32 - length))) >>> 0) as A;
  }
  const mask = IPV6_BITS ^ ((1n << BigInt(128 - length)) - 1n);
  return ((address as bigint) & mask) as A;
}

/** The last address of a prefix: for IPv4 subnets up to /30, the broadcast address. */
export function lastAddress(prefix: Prefix): IpAddress {
  const { address, length } = prefix;
  if (isIpv4(address)) {
    return (length === 0 ? 0xffffffff : (address | (2 ** (32 - length) - 1)) >>> 0) as Ipv4Address;
  }
  return (address | ((1n << BigInt(128 - length)) - 1n)) as Ipv6Address;
}

/** The address so many after it. The caller sees to it that there is one. */
export function addressAfter(address: Ipv4Address, distance: number): Ipv4Address {
  return (address + distance) as Ipv4Address;
}

export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (isIpv4(prefix.address) !== isIpv4(address)) return false;
  return networkOf(address, prefix.length) === prefix.address;
}

export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? prefixContains(a, b.address) : prefixContains(b, a.address);
}

/** Orders IPv4 before IPv6 and each by value. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (isIpv4(a) !== isIpv4(b)) return isIpv4(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The link-local address that the kernel derives from a MAC address (RFC 4291 appendix A). */
export function linkLocalOf(mac: MacAddress): Ipv6Address {
  const bytes = mac.split(':').map((byte) => BigInt(Number.parseInt(byte, 16)));
  const eui64 = [(bytes[0] ?? 0n) ^ 2n, bytes[1], bytes[2], 0xffn, 0xfen, bytes[3], bytes[4], bytes[5]];
  const identifier = eui64.reduce<bigint>((value, byte) => (value << 8n) | (byte ?? 0n), 0n);
  return ((0xfe80n << 112n) | identifier) as Ipv6Address;
}
