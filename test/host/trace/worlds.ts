// States to walk packets through.

import type { HostState } from '../../../src/host/state.ts';
import { compile } from '../../../src/layout/index.ts';
import type { Model } from '../../../src/model/model.ts';
import type { NamespaceName } from '../../../src/model/names.ts';
import { fipNamespace, routerNamespace } from '../../../src/model/names.ts';
import { TestHost } from '../../support/apply-plan.ts';
import type { TestNamespace } from '../../support/apply-plan.ts';
import {
  bridge,
  external,
  link,
  macvlan,
  modelOf,
  network,
  port,
  router,
  snatPort,
  uuid,
} from '../../support/models.ts';
import { must } from '../../support/must.ts';

export const FIP = fipNamespace(uuid('a0000001'));
export const RED = routerNamespace(uuid('d0000001'));
export const BLUE = routerNamespace(uuid('d0000002'));
/** The port of the fip namespace, and those of the routers: to their tenants, and to the fip namespace. */
export const FG = link('fg-f0000001-00');
export const RED_PORT = link('qr-b0000001-00');
export const RED_OUT = link('rfp-d0000001-0');
export const RED_BACK = link('fpr-d0000001-0');
export const BLUE_PORT = link('qr-b0000002-00');

export const OUTSIDE_WIRE = link('br-ex');
export const RED_WIRE = link('br-red');

/** Two routers on one external network: red with two floating IPs, blue with one and a snat port elsewhere. */
const MODEL = worldWith(bridge('br-ex'));
/** The same with a macvlan in place of the bridge to the outside. */
export const MACVLAN_MODEL = worldWith(macvlan('eth1'));

function worldWith(plug: ReturnType<typeof bridge>): Model {
  return modelOf(
    [
      external(
        'a0000001',
        {
          addresses: ['203.0.113.10/24', '2001:db8:f::10/64'],
          gateways: ['203.0.113.1', '2001:db8:f::1'],
        },
        { plug },
      ),
      network('c0000001', { plug: bridge('br-red') }),
      network('c0000002', { plug: bridge('br-blue') }),
    ],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24', '2001:db8:1::1/64'] })],
        floatingIps: { '203.0.113.21': '10.0.0.5', '203.0.113.22': '10.0.0.6' },
        routes: { '192.168.0.0/16': '10.0.0.254' },
      }),
      router('d0000002', {
        external: 'a0000001',
        interfaces: [port('b0000002', 'c0000002', { addresses: ['10.1.0.1/24'] })],
        floatingIps: { '203.0.113.23': '10.1.0.5' },
        snatPorts: [snatPort('c0000002', '10.1.0.200', 'fa:16:3e:00:00:c8')],
      }),
    ],
  );
}

export function stateOf(model: Model = MODEL): HostState {
  return compile(model, new Map(), { instance: 'test' });
}

/** A state with something done to one of its namespaces. */
export function changed(name: NamespaceName, change: (namespace: TestNamespace) => void, model?: Model): TestHost {
  const host = new TestHost(stateOf(model), { strict: false });
  change(must(host.namespaces.get(name)));
  return host;
}
