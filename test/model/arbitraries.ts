// Values for properties of the model.

import fc from 'fast-check';
import { networkOf, parseAddress, parseIpv4 } from '../../src/model/address.ts';
import type { IpAddress, Ipv4Address, Prefix } from '../../src/model/address.ts';
import { must } from '../support/must.ts';

const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
// Few different values, so that runs of zeros and equal parts are common.
const group = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff));

const anyIpv4: fc.Arbitrary<Ipv4Address> = octets.map((bytes) => must(parseIpv4(bytes.join('.'))));
const anyIpv6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => must(parseAddress(groups.map((one) => one.toString(16)).join(':'))));
export const anyAddress: fc.Arbitrary<IpAddress> = fc.oneof(anyIpv4, anyIpv6);

export const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(prefixOf(anyIpv4, 32), prefixOf(anyIpv6, 128));

/** Prefixes that begin at few addresses, of which many overlap. */
export const crowdedPrefix: fc.Arbitrary<Prefix> = prefixOf(
  fc
    .tuple(fc.nat(2), fc.constantFrom(0, 128, 255), fc.constantFrom(0, 1, 255))
    .map(([a, b, c]) => must(parseIpv4(`10.${a}.${b}.${c}`))),
  32,
  8,
);

function prefixOf(address: fc.Arbitrary<IpAddress>, longest: number, shortest = 0): fc.Arbitrary<Prefix> {
  return fc
    .tuple(address, fc.integer({ min: shortest, max: longest }))
    .map(([bits, length]) => ({ address: networkOf(bits, length), length }));
}

/** Text that comes close to being right, and text that does not. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF.:/- \n\u0000'.split('')), maxLength: 50 }),
  fc.tuple(anyAddress, fc.nat(60), fc.string({ unit: 'binary', maxLength: 3 })).map(([address, at, noise]) => {
    const text = String(address);
    return text.slice(0, at) + noise + text.slice(at);
  }),
);
