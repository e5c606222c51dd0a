import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, parsePrefix, prefixContains } from '../../src/model/address.ts';
import { defaultGateway, hostRange, isHostAddress } from '../../src/model/subnet.ts';
import { must } from '../support/must.ts';
import { anyAddress, anyPrefix } from './arbitraries.ts';

test.each([
  ['10.0.0.0/24', '10.0.0.1', '10.0.0.254', '10.0.0.1'],
  ['10.0.0.0/30', '10.0.0.1', '10.0.0.2', '10.0.0.1'],
  ['10.0.0.0/31', '10.0.0.0', '10.0.0.1', '10.0.0.1'],
  ['10.0.0.0/32', '10.0.0.0', '10.0.0.0', undefined],
  ['255.255.255.255/32', '255.255.255.255', '255.255.255.255', undefined],
  ['2001:db8::/64', '2001:db8::', '2001:db8::ffff:ffff:ffff:ffff', '2001:db8::1'],
  ['2001:db8::1/128', '2001:db8::1', '2001:db8::1', undefined],
])('hosts of %s are %s to %s, and its gateway is %s', (text, first, last, gateway) => {
  const subnet = must(parsePrefix(text));
  expect(formatAddress(hostRange(subnet).first)).toBe(first);
  expect(formatAddress(hostRange(subnet).last)).toBe(last);
  const found = defaultGateway(subnet);
  expect(found === undefined ? undefined : formatAddress(found)).toBe(gateway);
});

test('only addresses in the subnet are for hosts', () => {
  fc.assert(
    fc.property(anyPrefix, anyAddress, (subnet, address) => {
      if (isHostAddress(subnet, address)) expect(prefixContains(subnet, address)).toBe(true);
      const gateway = defaultGateway(subnet);
      if (gateway !== undefined) expect(isHostAddress(subnet, gateway)).toBe(true);
    }),
  );
});
