import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPrefix, networkOf, prefixesOverlap } from '../../src/model/address.ts';
import type { Prefix } from '../../src/model/address.ts';
import type { Draft, DraftNetwork, DraftPort, DraftRouter } from '../../src/model/draft.ts';
import { formatPath, quote } from '../../src/model/problem.ts';
import { validate } from '../../src/model/validate.ts';
import { bridge, ipv4 } from '../support/models.ts';
import { crowdedPrefix } from './arbitraries.ts';

const EXTERNAL: DraftNetwork = network('public', [prefixOf('203.0.113.0/24')], true);

function prefixOf(text: string): Prefix {
  const [address = '', length = ''] = text.split('/');
  return { address: ipv4(address), length: Number(length) };
}

function network(id: string, subnets: readonly Prefix[], external = false): DraftNetwork {
  return {
    id: { value: id, path: ['networks', id] },
    external,
    mtu: 1500,
    plug: bridge('br-x'),
    subnets: subnets.map((cidr, index) => ({
      id: { value: `${id}-${index}`, path: ['networks', id, index] },
      cidr: { value: cidr, path: ['networks', id, index, 'cidr'] },
      gateway: undefined,
    })),
    agentGateway: undefined,
    complete: true,
  };
}

/** A router with a port in each subnet, each on a network of its own, at the subnet's first address but one. */
function router(id: string, subnets: readonly Prefix[]): DraftRouter {
  const interfaces = subnets.map((cidr, index): DraftPort => {
    const path = ['routers', id, index];
    const address = ipv4(formatPrefix(cidr).replace(/\d+\/.*/, '1'));
    return {
      id: { value: `${id}-${index}`, path },
      networkId: `${id}-${index}`,
      mac: undefined,
      addresses: [{ address: { value: address, path }, subnet: { value: cidr, path } }],
      gateways: [],
      extraSubnets: [],
    };
  });
  return {
    id: { value: id, path: ['routers', id] },
    externalNetworkId: { value: 'public', path: ['routers', id, 'gateway'] },
    interfaces,
    routes: [],
    floatingIps: [],
    snatPorts: [],
    complete: true,
  };
}

function hasOverlap(prefixes: readonly Prefix[]): boolean {
  return prefixes.some((a, index) => prefixes.slice(index + 1).some((b) => prefixesOverlap(a, b)));
}

function codesOf(draft: Draft): readonly string[] {
  return validate(draft).map((problem) => problem.code);
}

test('subnets of one router overlap exactly when two of them do', () => {
  fc.assert(
    fc.property(fc.array(crowdedPrefix, { maxLength: 6 }), (subnets) => {
      const draft = { networks: [EXTERNAL], routers: [router('r', subnets)] };
      expect(codesOf(draft).includes('BUOY_SUBNETS_OVERLAP')).toBe(hasOverlap(subnets));
    }),
  );
});

test('subnets of one network overlap exactly when two of them do', () => {
  fc.assert(
    fc.property(fc.array(crowdedPrefix, { maxLength: 6 }), (subnets) => {
      expect(codesOf({ networks: [network('n', subnets)], routers: [] })).toEqual(
        hasOverlap(subnets) ? expect.arrayContaining(['BUOY_SUBNETS_OVERLAP']) : [],
      );
    }),
  );
});

test('a subnet inside and one outside of a router overlap exactly when two of them do', () => {
  fc.assert(
    fc.property(fc.array(crowdedPrefix, { maxLength: 6 }), crowdedPrefix, (candidates, inside) => {
      const outside: Prefix[] = [];
      for (const cidr of candidates) if (!hasOverlap([...outside, cidr])) outside.push(cidr);
      const draft = { networks: [network('public', outside, true)], routers: [router('r', [inside])] };
      expect(codesOf(draft).includes('BUOY_SUBNETS_OVERLAP')).toBe(
        outside.some((cidr) => prefixesOverlap(cidr, inside)),
      );
    }),
  );
});

test('subnets of different routers may be the same', () => {
  const subnets = [prefixOf('10.0.0.0/24'), prefixOf('10.0.1.0/24')];
  expect(validate({ networks: [EXTERNAL], routers: [router('blue', subnets), router('green', subnets)] })).toEqual([]);
});

test('a problem is of the later of two, and says where', () => {
  const subnets = [prefixOf('10.0.0.0/24'), prefixOf('10.0.0.0/16')];
  expect(validate({ networks: [EXTERNAL], routers: [router('blue', subnets)] })).toEqual([
    {
      code: 'BUOY_SUBNETS_OVERLAP',
      path: ['routers', 'blue', 1],
      message: 'the subnet 10.0.0.0/16 overlaps 10.0.0.0/24, another subnet of the same router',
    },
  ]);
});

test('of a router that is not all there, nothing is said to be missing', () => {
  const floatingIp = {
    floating: { value: ipv4('203.0.113.7'), path: ['floating'] },
    fixed: { value: ipv4('10.9.9.9'), path: ['fixed'] },
    networkId: undefined,
  };
  const whole = { ...router('r', [prefixOf('10.0.0.0/24')]), floatingIps: [floatingIp] };
  expect(codesOf({ networks: [EXTERNAL], routers: [whole] })).toEqual(['BUOY_FIXED_IP_UNREACHABLE']);
  expect(codesOf({ networks: [EXTERNAL], routers: [{ ...whole, complete: false }] })).toEqual([]);
  const { externalNetworkId: _, ...rest } = whole;
  const withoutGateway = { ...rest, externalNetworkId: undefined };
  expect(codesOf({ networks: [EXTERNAL], routers: [withoutGateway] })).toContain('BUOY_NO_EXTERNAL_GATEWAY');
  expect(codesOf({ networks: [EXTERNAL], routers: [{ ...withoutGateway, complete: false }] })).toEqual([]);
});

test('networks of prefixes in tests are networks', () => {
  fc.assert(
    fc.property(crowdedPrefix, ({ address, length }) => {
      expect(networkOf(address, length)).toBe(address);
    }),
  );
});

test('paths read like those of programs', () => {
  expect(formatPath(['routers', 1, 'interfaces', 0, 'subnet_id'])).toBe('routers[1].interfaces[0].subnet_id');
  expect(formatPath([0, '_interfaces', 2])).toBe('[0]._interfaces[2]');
  expect(formatPath(['networks', 0, 'router:external'])).toBe('networks[0].router:external');
  expect(formatPath(['a b', '"'])).toBe('["a b"]["\\""]');
  expect(formatPath([])).toBe('');
});

test('values in messages are harmless', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.anything()), (value) => {
      const text = quote(value);
      expect(text.length).toBeLessThan(600);
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
    }),
  );
});
