import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareAddresses, isUnicastMac } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import { HOST, isFipNamespace, LINK_NAME_BYTES } from '../../src/model/names.ts';
import { listing } from '../../src/host/listing.ts';
import { disableIpv6, hasLinkSysctls, linkSysctls, NAMESPACE_SYSCTLS } from '../../src/host/sysctls.ts';
import { compile } from '../../src/layout/index.ts';
import { external, modelOf, NOTHING, router } from '../support/models.ts';
import { models } from '../support/random-models.ts';

const options = { instance: 'test' };

/** The same model with everything in it the other way round. */
function backwards({ networks, routers }: Model): Model {
  const turned = [...routers].map(
    ([id, one]) => [id, { ...one, floatingIps: new Map([...one.floatingIps].reverse()) }] as const,
  );
  return { networks: new Map([...networks].reverse()), routers: new Map(turned.reverse()) };
}

describe('A layout', () => {
  test('of no routers is an empty host', () => {
    expect(listing(compile(NOTHING, new Map(), options))).toBe('host\n');
  });

  test('is the same for the same model, in whatever order it is written', () => {
    fc.assert(
      fc.property(models, (model) => {
        expect(listing(compile(backwards(model), new Map(), options))).toBe(
          listing(compile(model, new Map(), options)),
        );
      }),
    );
  });

  test('has no link, address or route that a kernel would refuse for itself', () => {
    fc.assert(
      fc.property(models, (model) => {
        const { namespaces } = compile(model, new Map(), options);
        for (const [name, { links, addresses, routes, rules, neighbours }] of namespaces) {
          for (const link of links.values()) {
            expect(Buffer.byteLength(link.name)).toBeLessThanOrEqual(LINK_NAME_BYTES);
            if (link.mac !== undefined) expect(isUnicastMac(link.mac)).toBe(true);
            const peer = link.kind.type === 'veth' ? link.kind.peer : undefined;
            if (peer === undefined) continue;
            const back = namespaces.get(peer.namespace)?.links.get(peer.link)?.kind;
            expect(back).toEqual({ type: 'veth', peer: { namespace: name, link: link.name } });
          }
          const hops = [...routes.values()].flatMap(({ prefixes, hosts }) => [
            ...[...prefixes.values()].map(({ hop }) => hop),
            ...hosts.values(),
          ]);
          const users = [...addresses.values(), ...neighbours.values(), ...hops].map(({ link }) => link);
          expect(users.filter((link) => !links.has(link))).toEqual([]);
          for (const { priority, table } of rules.values())
            expect([priority, table].every((number) => number < 2 ** 32)).toBe(true);
        }
      }),
    );
  });

  test('has only sysctls that are read back', () => {
    fc.assert(
      fc.property(models, (model) => {
        const known: readonly string[] = NAMESPACE_SYSCTLS;
        for (const [namespace, { sysctls, links }] of compile(model, new Map(), options).namespaces) {
          const ofLinks =
            namespace === HOST
              ? [...links.keys()].map(disableIpv6)
              : [...links.keys()].filter(hasLinkSysctls).flatMap((link) => Object.values(linkSysctls(link)));
          expect([...sysctls.keys()].filter((name) => !known.includes(name) && !ofLinks.includes(name))).toEqual([]);
        }
      }),
    );
  });

  test('marks what it has on the host with the name of its instance', () => {
    fc.assert(
      fc.property(models, (model) => {
        const links = compile(model, new Map(), { instance: 'north' }).namespaces.get(HOST)?.links.values() ?? [];
        expect([...links].filter((link) => link.alias !== 'buoy north')).toEqual([]);
      }),
    );
  });

  test('announces what has a route to a router, and nothing else of the outside', () => {
    fc.assert(
      fc.property(models, (model) => {
        for (const [name, { announcements }] of compile(model, new Map(), options).namespaces) {
          if (!isFipNamespace(name)) continue;
          const network = [...model.networks.values()].find(({ id }) => name.endsWith(id));
          const own = (network?.agentGateway?.addresses ?? [])
            .map(({ address }) => address)
            .filter((one) => typeof one === 'number');
          const routers = [...model.routers.values()].filter(
            ({ externalNetworkId }) => externalNetworkId === network?.id,
          );
          const expected = [...own, ...routers.flatMap(({ floatingIps }) => [...floatingIps.keys()])];
          const announced = [...announcements.values()].flatMap((addresses) => [...addresses]);
          expect(announced.sort(compareAddresses)).toEqual(expected.sort(compareAddresses));
          for (const addresses of announcements.values())
            expect(expected.every((address) => addresses.has(address))).toBe(true);
        }
      }),
    );
  });

  test('cannot be made of a model without the gateway port that every external network has', () => {
    const { agentGateway: _, ...network } = external('a0000001', { addresses: [] });
    const model = modelOf([network], [router('d0000001', { external: 'a0000001' })]);
    expect(() => compile(model, new Map(), options)).toThrow(expect.objectContaining({ code: 'BUOY_INTERNAL' }));
  });
});
