// Single things that can be broken on a host: each is one operation that a kernel accepts.

import type { Operation } from '../../src/host/plan.ts';
import type { HostState, NamespaceState } from '../../src/host/state.ts';
import type { IpAddress } from '../../src/model/address.ts';
import { networkOf } from '../../src/model/address.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { HOST, LOOPBACK } from '../../src/model/names.ts';
import { ip, ipv4, mac } from './models.ts';

/** All of them, of every namespace. */
export function singleFaults(state: HostState): Operation[] {
  return [...state.namespaces].flatMap(([namespace, one]) => [
    ...linkFaults(namespace, one),
    ...addressFaults(namespace, one),
    ...routingFaults(namespace, one),
    ...neighbourFaults(namespace, one),
    ...sysctlFaults(namespace, one),
    ...rulesetFaults(namespace, one),
  ]);
}

function linkFaults(namespace: NamespaceName, { links }: NamespaceState): Operation[] {
  return [...links.values()].flatMap((before): Operation[] => {
    const { name, master } = before;
    if (name === LOOPBACK) return [];
    const change = { kind: 'link.change', namespace, before } as const;
    return [
      { ...change, link: { ...before, up: false } },
      { kind: 'link.delete', namespace, link: name },
      { ...change, link: { ...before, mac: mac('02:00:00:00:00:77') } },
      ...(master === undefined ? [] : [{ ...change, link: { ...before, master: undefined } }]),
    ];
  });
}

function addressFaults(namespace: NamespaceName, { addresses, links, ruleset }: NamespaceState): Operation[] {
  if (namespace === HOST) return [];
  const floating = [...(ruleset?.sets.values() ?? [])].flatMap((set) =>
    set.kind === 'map' ? [...set.elements.keys()] : [],
  );
  const strays = [...floating.slice(0, 2), ip('203.0.113.1'), ip('198.51.100.10')];
  // Which of two links has the route to a subnet of both depends on what was there first.
  const isNew = (link: LinkName, address: IpAddress, length: number): boolean =>
    [...addresses.values()].every(
      (own) => own.link === link || networkOf(own.address, length) !== networkOf(address, length),
    );
  return [
    ...[...addresses.values()].map((address) => ({ kind: 'address.delete', namespace, address }) as const),
    ...[...links.keys()].flatMap((link) =>
      strays.flatMap((address) =>
        [32, 24]
          .filter((length) => isNew(link, address, length))
          .map((length) => ({ kind: 'address.add', namespace, address: { link, address, length } }) as const),
      ),
    ),
  ];
}

function routingFaults(namespace: NamespaceName, { routes, rules, links }: NamespaceState): Operation[] {
  const all = [...routes].flatMap(([table, { prefixes, hosts }]) => [
    ...[...prefixes.values()].map((route) => ({ table, ...route })),
    ...[...hosts].map(([address, hop]) => ({ table, destination: { address, length: 32 }, hop })),
  ]);
  return [
    ...all.map((route) => ({ kind: 'route.delete', namespace, ...route }) as const),
    ...all.flatMap(({ hop, ...route }) =>
      [...links.keys()].map(
        (link) =>
          ({
            kind: 'route.set',
            namespace,
            ...route,
            hop: { ...hop, link, gateway: undefined },
            before: hop,
          }) as const,
      ),
    ),
    ...[...rules.values()].map((rule) => ({ kind: 'rule.delete', namespace, rule }) as const),
  ];
}

function neighbourFaults(namespace: NamespaceName, { neighbours }: NamespaceState): Operation[] {
  return [...neighbours.values()].flatMap((before): Operation[] => [
    { kind: 'neighbour.delete', namespace, neighbour: before },
    { kind: 'neighbour.set', namespace, neighbour: { ...before, mac: mac('02:00:00:00:00:66') }, before },
  ]);
}

function sysctlFaults(namespace: NamespaceName, { sysctls }: NamespaceState): Operation[] {
  return [...sysctls]
    .filter(([name]) => /ip_forward$|proxy_arp$|arp_ignore$/.test(name))
    .map(([name, before]) => ({ kind: 'sysctl.set', namespace, name, value: before === '0' ? '1' : '0', before }));
}

function rulesetFaults(namespace: NamespaceName, { ruleset }: NamespaceState): Operation[] {
  if (ruleset === undefined) return [];
  const sets = new Map([...ruleset.sets].map(([name, { kind }]) => [name, kind]));
  return [
    ...[...ruleset.chains.keys()].map((gone): Operation => {
      const chains = new Map([...ruleset.chains].filter(([name]) => name !== gone));
      return { kind: 'ruleset.define', namespace, chains, sets, replace: true };
    }),
    ...[...ruleset.sets].flatMap(([set, { kind, elements }]) =>
      [...elements.entries()].flatMap(([key, value]): Operation[] => [
        { kind: 'elements.delete', namespace, set, elements: [{ key, value: kind === 'map' ? value : undefined }] },
        ...(kind === 'map'
          ? [
              {
                kind: 'elements.set',
                namespace,
                set,
                elements: [{ key, value: ipv4('203.0.113.99'), before: value }],
              } as const,
            ]
          : []),
      ]),
    ),
  ];
}
