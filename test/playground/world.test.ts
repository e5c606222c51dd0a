// Which machines a model needs around it, and which ways packets can go between them.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/intent/index.ts';
import { formatAddress, formatPrefix } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import { journeysOf } from '../../src/playground/journey.ts';
import type { Machine } from '../../src/playground/machine.ts';
import { firstPossibleMove } from '../../src/playground/move.ts';
import { worldOf } from '../../src/playground/world.ts';
import { external, floatingIp, modelOf, router, subnet, tenant, TWO_TENANTS } from '../support/intent.ts';
import { must } from '../support/must.ts';

const QUICKSTART = 'examples/quickstart.yaml';
const quickstart = parseYaml(readFileSync(QUICKSTART, 'utf8'), QUICKSTART);

function machineText({ name, bridge, addresses, behind, routes }: Machine): string {
  const own = addresses.map(({ address, length }) => `${formatAddress(address)}/${length}`);
  const paths = routes.map(
    ({ destination, gateway }) =>
      formatPrefix(destination) + (gateway === undefined ? '' : ` via ${formatAddress(gateway)}`),
  );
  return [
    `${name} on ${bridge}:`,
    ...own,
    ...behind.map((far) => `and ${formatAddress(far)}`),
    ...paths.map((path) => `to ${path}`),
  ].join(' ');
}

function machines(...models: readonly Model[]): string[] {
  const { outside, nexthops, workloads } = worldOf(...models);
  return [...outside, ...nexthops, ...workloads].map(machineText);
}

describe('a world', () => {
  test('has a gateway outside, a workload at every fixed IP, and one without a floating IP on every interface', () => {
    expect(machines(quickstart)).toEqual([
      'outside on br-ex: 203.0.113.1/24 and 198.51.100.10',
      'blue-1 on br-blue: 10.0.0.10/24 to 0.0.0.0/0 via 10.0.0.1',
      'blue-2 on br-blue: 10.0.0.254/24 to 0.0.0.0/0 via 10.0.0.1',
      'blue-3 on br-blue: 10.0.1.10/24 to 0.0.0.0/0 via 10.0.1.1',
      'blue-4 on br-blue: 10.0.1.254/24 to 0.0.0.0/0 via 10.0.1.1',
      'green-1 on br-green: 10.0.0.10/24 to 0.0.0.0/0 via 10.0.0.1',
      'green-2 on br-green: 10.0.0.20/24 to 0.0.0.0/0 via 10.0.0.1',
      'green-3 on br-green: 10.0.0.254/24 to 0.0.0.0/0 via 10.0.0.1',
    ]);
  });

  test('for several models has what each of them needs, once', () => {
    const [one, other] = ['10.0.0.10', '10.0.0.20'].map((fixed) =>
      modelOf({ ...TWO_TENANTS, floatingips: [floatingIp('203.0.113.9', 'blue', fixed)] }),
    );
    const names = machines(must(one), must(other)).map((text) => text.replace(/\/24 to.*/, ''));
    expect(names).toEqual([
      'outside on br-ex: 203.0.113.1/24 and 198.51.100.10',
      'blue-1 on br-blue: 10.0.0.10',
      'blue-2 on br-blue: 10.0.0.20',
      'blue-3 on br-blue: 10.0.0.254',
      'blue-4 on br-blue: 10.0.1.254',
      'green-1 on br-green: 10.0.0.254',
    ]);
  });

  test('has a gateway that is outside of its subnet, with a route to it, and what is far away is nowhere near', () => {
    const model = modelOf({
      networks: [external('public', 'br-ex')],
      subnets: [subnet('public', '198.51.100.0/24', { gateway_ip: '192.0.2.1' }), subnet('public', '192.0.2.128/25')],
      routers: [router('blue', 'public', [])],
    });
    expect(machines(model)).toEqual([
      'outside on br-ex: 192.0.2.1/32 and 198.18.0.10 to 198.51.100.0/24 to 192.0.2.128/25',
    ]);
  });

  test('has someone at the nexthops of extra routes, with what is behind them', () => {
    const routes = [
      { destination: '192.168.7.0/24', nexthop: '10.0.0.77' },
      { destination: '192.168.8.0/24', nexthop: '203.0.113.88' },
    ];
    const model = modelOf({ ...TWO_TENANTS, routers: [router('blue', 'public', ['blue-10.0.0.0'], { routes })] });
    expect(machines(model)).toEqual([
      'outside on br-ex: 203.0.113.1/24 and 198.51.100.10',
      'nexthop-1 on br-ex: 203.0.113.88/24 and 192.168.8.1',
      'blue-1 on br-blue: 10.0.0.77/24 and 192.168.7.1 to 0.0.0.0/0 via 10.0.0.1',
      'blue-2 on br-blue: 10.0.0.254/24 to 0.0.0.0/0 via 10.0.0.1',
    ]);
  });

  test('has a cable to every NIC', () => {
    const networks = [external('public', 'br-ex'), { name: 'blue', macvlan: 'eth1' }, tenant('green')];
    expect(worldOf(modelOf({ ...TWO_TENANTS, networks })).wires.map(({ nic }) => nic)).toEqual([
      undefined,
      'eth1',
      undefined,
    ]);
  });
});

describe('journeys', () => {
  function journeys(model: Model): string[] {
    return journeysOf(model, worldOf(model)).map(({ way, from, to, expectedSeenAs }) => {
      const seen = expectedSeenAs === undefined ? 'nobody' : formatAddress(expectedSeenAs);
      return `${way}: ${from.name} to ${formatAddress(to)} as ${seen}`;
    });
  }

  test('go every way there is in the quickstart', () => {
    expect(journeys(quickstart)).toEqual([
      'in by floating IP: outside to 203.0.113.101 as 203.0.113.1',
      'in by floating IP: outside to 203.0.113.102 as 203.0.113.1',
      'in by floating IP: outside to 203.0.113.103 as 203.0.113.1',
      'in by floating IP: outside to 203.0.113.104 as 203.0.113.1',
      'in from beyond the link: outside to 203.0.113.101 as 198.51.100.10',
      'out by floating IP: blue-1 to 198.51.100.10 as 203.0.113.101',
      'out by floating IP: blue-3 to 198.51.100.10 as 203.0.113.102',
      'out by floating IP: green-1 to 198.51.100.10 as 203.0.113.103',
      'out by floating IP: green-2 to 198.51.100.10 as 203.0.113.104',
      'out to the gateway: blue-1 to 203.0.113.1 as 203.0.113.101',
      'to a floating IP, same router: blue-1 to 203.0.113.102 as 203.0.113.101',
      'to a floating IP, same router: green-1 to 203.0.113.104 as 203.0.113.103',
      'to a floating IP, next router: blue-1 to 203.0.113.103 as 203.0.113.101',
      'to a floating IP, next router: green-1 to 203.0.113.101 as 203.0.113.103',
      'out without a floating IP: blue-2 to 198.51.100.10 as nobody',
      'out without a floating IP: green-3 to 198.51.100.10 as nobody',
      'in to an address of nobody: outside to 203.0.113.254 as nobody',
      'to another subnet: blue-1 to 10.0.1.10 as 10.0.0.10',
    ]);
  });

  test('never go from one external network to another', () => {
    const model = modelOf({
      networks: [external('north', 'br-north'), external('south', 'br-south'), tenant('blue'), tenant('green')],
      subnets: [
        subnet('north', '203.0.113.0/24'),
        subnet('south', '192.0.2.0/24'),
        subnet('blue', '10.0.0.0/24'),
        subnet('green', '10.0.0.0/24'),
      ],
      routers: [router('blue', 'north', ['blue-10.0.0.0']), router('green', 'south', ['green-10.0.0.0'])],
      floatingips: [floatingIp('203.0.113.11', 'blue', '10.0.0.10'), floatingIp('192.0.2.11', 'green', '10.0.0.10')],
    });
    expect(journeys(model).filter((text) => text.includes('router'))).toEqual([]);
    expect(journeys(model).filter((text) => text.startsWith('in by'))).toEqual([
      'in by floating IP: outside-1 to 203.0.113.11 as 203.0.113.1',
      'in by floating IP: outside-2 to 192.0.2.11 as 192.0.2.1',
    ]);
  });
});

describe('a move', () => {
  test('is of the first floating IP, to a workload of its router that has none', () => {
    const { model, floating, from, to } = must(firstPossibleMove(quickstart, worldOf(quickstart)));
    expect([formatAddress(floating), from.name, to.name]).toEqual(['203.0.113.101', 'blue-1', 'blue-2']);
    expect(must(model.routers.get('blue')).floatingIps.get(floating)).toEqual({ floating, fixed: to.address });
    expect(model.routers.get('green')).toBe(quickstart.routers.get('green'));
  });

  test('is not possible without a floating IP', () => {
    const model = modelOf(TWO_TENANTS);
    expect(firstPossibleMove(model, worldOf(model))).toBeUndefined();
  });
});
