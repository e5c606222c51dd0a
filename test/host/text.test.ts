import { describe, expect, test } from 'vitest';
import type { NextHop, Rule } from '../../src/host/state.ts';
import { linkChangeText, linkText, routeChangeText, routeText, ruleText, statementsText } from '../../src/host/text.ts';
import { link, ip, mac, prefix } from '../support/models.ts';

const HOP: NextHop = { link: link('eth0'), gateway: ip('10.0.0.1'), protocol: 4, type: 'unicast' };
const LINK = {
  name: link('eth0'),
  kind: { type: 'other', word: 'dummy' },
  mac: mac('02:00:00:00:00:01'),
  mtu: 1500,
  up: true,
  master: undefined,
  alias: undefined,
} as const;

describe('In text', () => {
  test.each([
    [routeText(254, prefix('0.0.0.0/0'), HOP), 'route default via 10.0.0.1 dev eth0'],
    [routeText(254, prefix('::/0'), { ...HOP, gateway: ip('fe80::1') }), 'route ::/0 via fe80::1 dev eth0'],
    [routeText(16, prefix('10.0.0.0/8'), { ...HOP, gateway: undefined }), 'route 10.0.0.0/8 dev eth0 table 16'],
    [
      routeText(254, prefix('10.0.0.1/32'), { ...HOP, protocol: 186, type: 'blackhole' }),
      'route blackhole 10.0.0.1/32 via 10.0.0.1 dev eth0 proto 186',
    ],
  ])('a route says where it leads, and what is unusual about it: %s', (text, expected) => {
    expect(text).toBe(expected);
  });

  test('a route that changes says from what to what', () => {
    const after = { ...HOP, gateway: undefined, type: 'unreachable' };
    expect(routeChangeText(16, prefix('0.0.0.0/0'), HOP, after)).toBe(
      'route default table 16 unicast via 10.0.0.1 dev eth0 → unreachable dev eth0',
    );
  });

  test.each<[Rule, string]>([
    [{ family: 4, priority: 5, table: 254 }, 'rule 5: from all lookup main'],
    [{ family: 6, priority: 5, table: 16, from: prefix('2001:db8::/32') }, 'rule6 5: from 2001:db8::/32 lookup 16'],
    [
      { family: 4, priority: 5, table: 16, incoming: link('eth0'), mark: { value: 16, mask: 255 } },
      'rule 5: from all iif eth0 fwmark 0x10/0xff lookup 16',
    ],
    [{ family: 4, priority: 5, table: 16, other: 'tos 0x10' }, 'rule 5: from all tos 0x10 lookup 16'],
  ])('a rule has all its selectors: %#', (rule, expected) => {
    expect(ruleText(rule)).toBe(expected);
  });

  test('a link has what is set of it', () => {
    expect(linkText(LINK)).toBe('link eth0 address 02:00:00:00:00:01 mtu 1500 up type dummy');
    const bare = {
      ...LINK,
      mac: undefined,
      mtu: undefined,
      up: false,
      alias: 'a "b"',
      kind: { type: 'macvlan', parent: undefined },
    } as const;
    expect(linkText(bare)).toBe('link eth0 alias "a \\"b\\"" down type macvlan on something else');
    expect(linkText({ ...bare, alias: undefined, kind: { type: 'veth', peer: undefined } })).toBe(
      'link eth0 down type veth peer elsewhere',
    );
  });

  test('a link that changes says only what changes', () => {
    const after = { ...LINK, mac: undefined, mtu: 9000, up: false, master: link('br0'), alias: 'x' };
    expect(linkChangeText(LINK, after)).toBe(
      'link eth0 mtu 1500 → 9000, master none → br0, alias none → "x", up → down',
    );
    expect(linkChangeText(after, { ...LINK, mtu: undefined })).toBe(
      'link eth0 address none → 02:00:00:00:00:01, master br0 → none, alias "x" → none, down → up',
    );
  });

  test('a rule of a chain reads as in nft, and what is not known in brackets', () => {
    const name = link('rfp-1');
    expect(
      statementsText([
        { kind: 'interface', direction: 'in', name },
        { kind: 'destination-nat', map: 'm' },
      ]),
    ).toBe('iifname "rfp-1" dnat to ip daddr map @m');
    expect(
      statementsText([
        { kind: 'interface', direction: 'out', name },
        { kind: 'source-nat', map: 'm' },
      ]),
    ).toBe('oifname "rfp-1" snat to ip saddr map @m');
    expect(statementsText([{ kind: 'unknown', text: 'counter' }, { kind: 'notrack' }])).toBe('(counter) notrack');
  });
});
