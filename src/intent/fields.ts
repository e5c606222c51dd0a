// The values that occur in every source, each read into its own type, with the words for what is
// expected when it cannot be. The metadata is that of JSON Schema, for editors.

import { z } from 'zod';
import {
  formatPrefix,
  isUnicastMac,
  networkOf,
  parseAddress,
  parseIpv4,
  parseMac,
  parsePrefix,
} from '../model/address.ts';
import type { MacAddress, Prefix } from '../model/address.ts';
import { parseLinkName, parseNamespaceName, routerNamespace } from '../model/names.ts';

// Zod would otherwise compile schemas by evaluating text that it makes.
z.config({ jitless: true });

interface Expectation {
  /** `an IPv4 address`: follows "is not". */
  readonly what: string;
  /** How to write one. */
  readonly remedy: string | ((text: string) => string);
  /** A name of something in the kernel. */
  readonly isName?: true;
}

function field<T>(parse: (text: string) => T | undefined, { what, remedy, isName }: Expectation) {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    const params = { remedy: typeof remedy === 'string' ? remedy : remedy(text), isName };
    context.addIssue({ code: 'custom', message: `is not ${what}`, params });
    return z.NEVER;
  });
}

export const ipv4Field = field(parseIpv4, {
  what: 'an IPv4 address',
  remedy: 'Write four numbers from 0 to 255, without leading zeros: 203.0.113.10.',
}).meta({ format: 'ipv4' });

export const addressField = field(parseAddress, {
  what: 'an IP address',
  remedy: 'Write an IPv4 address such as 203.0.113.10 or an IPv6 address such as 2001:db8::1, without a prefix length.',
}).meta({ anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] });

export const prefixField = field(parsePrefix, {
  what: 'a prefix',
  remedy: prefixRemedy,
}).meta({ examples: ['10.0.0.0/24', '2001:db8::/64'] });

export const macField = field(parseUnicastMac, {
  what: 'the MAC address of a device',
  remedy: 'Write six bytes in hexadecimal, of which the first is even: fa:16:3e:00:00:01.',
}).meta({ pattern: '^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$' });

export const linkNameField = field(parseLinkName, {
  what: 'a device name',
  remedy: 'A device name has 1 to 15 bytes and no `/`, `:` or white space.',
  isName: true,
}).meta({ minLength: 1, maxLength: 15, pattern: '^[^/:\\s]+$' });

export const idField = field(parseId, {
  what: 'an id',
  remedy:
    'An id has 1 to 247 bytes and no `/`, white space or control characters, because it becomes part of a namespace name.',
  isName: true,
}).meta({ minLength: 1, maxLength: 247, pattern: '^[^/\\s]+$' });

/** Bytes; the least that IPv4 allows (RFC 791) and the most that the kernel does (ETH_MAX_MTU). */
export const mtuField = z.int().min(68).max(65535);

/** `qrouter-` is the longest prefix of a namespace name. */
function parseId(text: string): string | undefined {
  return text !== '' && !/\s/.test(text) && parseNamespaceName(routerNamespace(text)) !== undefined ? text : undefined;
}

function parseUnicastMac(text: string): MacAddress | undefined {
  const mac = parseMac(text);
  return mac !== undefined && isUnicastMac(mac) ? mac : undefined;
}

function prefixRemedy(text: string): string {
  const meant = withoutHostBits(text);
  return meant === undefined
    ? 'Write the first address and the length: 10.0.0.0/24.'
    : `The bits after the length must be zero: ${formatPrefix(meant)}.`;
}

/** The prefix that was meant by one that has bits set after its length. */
function withoutHostBits(text: string): Prefix | undefined {
  const [addressText = '', lengthText = ''] = text.split('/');
  const address = parseAddress(addressText);
  const length = Number(lengthText);
  if (address === undefined || !/^\d{1,3}$/.test(lengthText)) return undefined;
  return length <= (typeof address === 'number' ? 32 : 128)
    ? { address: networkOf(address, length), length }
    : undefined;
}
