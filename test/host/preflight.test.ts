import { describe, expect, test } from 'vitest';
import type { BuoyError } from '../../src/errors.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { fipNamespace, HOST, parseNamespaceName, routerNamespace } from '../../src/model/names.ts';
import { preflight } from '../../src/host/preflight.ts';
import type { HostState } from '../../src/host/state.ts';
import { compile } from '../../src/layout/index.ts';
import { bridge, external, link, macvlan, modelOf, network, port, router, uuid } from '../support/models.ts';
import { must } from '../support/must.ts';

function hostWith(
  links: Readonly<Record<string, string>>,
  namespaces: ReadonlyMap<NamespaceName, string> = new Map(),
): HostState {
  const devices = Object.entries(links).map(([name, kind]): [LinkName, string] => [link(name), kind]);
  return { namespaces: new Map(), foreign: { links: new Map(devices), namespaces } };
}

const WANTED = compile(
  modelOf(
    [
      external('a0000001', { addresses: ['203.0.113.10/24'] }, { plug: macvlan('eth1') }),
      network('c0000001', { plug: bridge('br-int') }),
      network('c0000002', { plug: bridge('br-int') }),
    ],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [
          port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] }),
          port('b0000002', 'c0000002', { addresses: ['10.1.0.1/24'] }),
        ],
      }),
    ],
  ),
  new Map(),
  { instance: 'test' },
);

function lines(errors: readonly BuoyError[]): string[] {
  return errors.map(({ code, message, exit }) => `${code} (${exit}): ${message}`);
}

describe('Before a state is applied', () => {
  test('nothing is wrong with a host that has what ports are plugged into', () => {
    expect(preflight(hostWith({ 'br-int': 'bridge', eth1: 'device', eth0: 'device' }), WANTED)).toEqual([]);
  });

  test('all that is missing or taken is found at once', () => {
    const qrouter = routerNamespace(uuid('d0000001'));
    const fip = fipNamespace(uuid('a0000001'));
    const taken = new Map([
      [qrouter, 'a namespace without our mark'],
      [fip, 'a file'],
    ]);
    const errors = preflight(hostWith({ 'tapb0000001-00': 'tun' }, taken), WANTED);
    expect(lines(errors).sort()).toEqual([
      'BUOY_BRIDGE_MISSING (3): there is no bridge br-int, needed for qr-b0000001-00 and 1 more',
      "BUOY_LINK_FOREIGN (5): the device name tapb0000001-00 is taken by a device (tun) that is not Buoy's",
      `BUOY_NAMESPACE_FOREIGN (5): the namespace name ${fip} is taken: a file`,
      `BUOY_NAMESPACE_FOREIGN (5): the namespace name ${qrouter} is taken: a namespace without our mark`,
      'BUOY_PARENT_MISSING (3): there is no device eth1, needed for fg-f0000001-00',
    ]);
    expect(errors.map(({ subject }) => subject)).toContain(`namespace ${qrouter}`);
  });

  test('what is foreign is told first, as its exit code is the one that counts', () => {
    const taken = new Map([[routerNamespace(uuid('d0000001')), 'a file']]);
    expect(must(preflight(hostWith({}, taken), WANTED)[0]).exit).toBe(5);
  });

  test('a device that is no bridge is not taken for one', () => {
    const errors = preflight(hostWith({ 'br-int': 'tun', eth1: 'device' }), WANTED);
    expect(lines(errors)).toEqual([
      'BUOY_NOT_A_BRIDGE (3): br-int is no bridge but a device (tun); a bridge is needed for qr-b0000001-00 and 1 more',
    ]);
  });

  test('foreign names that nobody needs are none of our business', () => {
    const neighbour = must(parseNamespaceName('qrouter-of-the-l3-agent'));
    const host = hostWith(
      { 'br-int': 'bridge', eth1: 'device', tap99: 'tun' },
      new Map([[neighbour, 'a namespace without our mark']]),
    );
    expect(preflight(host, WANTED)).toEqual([]);
  });

  test('our own links are in nobody’s way', () => {
    const state = must(WANTED.namespaces.get(HOST));
    const host = { ...hostWith({ 'br-int': 'bridge', eth1: 'device' }), namespaces: new Map([[HOST, state]]) };
    expect(preflight(host, WANTED)).toEqual([]);
  });
});
