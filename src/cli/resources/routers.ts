import type { AgentClient } from '../agent/agent-client.ts';
import { findResource } from '../agent/find.ts';
import type { Router } from '../agent/resource-types.ts';
import { NETWORKS, ROUTERS } from '../agent/resource-types.ts';
import { waitUntilActive } from '../agent/settle.ts';
import { constant, DESCRIPTION, NAME, NEW_NAME } from './kind.ts';
import type { Attributes, Context, Kind } from './kind.ts';
import { statusText } from './text.ts';

const GATEWAY = {
  flags: '--external-gateway <network>',
  description: 'the external network that floating IPs of its subnets come from',
  attributes: async ([network = '']: readonly string[], { client }: Context<Router>): Promise<Attributes> => ({
    external_gateway_info: { network_id: (await findResource(client, NETWORKS, network)).id },
  }),
};

export const ROUTER_KIND: Kind<Router> = {
  type: ROUTERS,
  command: 'router',
  description: 'Routers: each becomes a namespace on the host, with the gateway addresses of its subnets.',
  columns: [
    { heading: 'NAME', text: ({ name }) => name },
    { heading: 'STATUS', text: statusText },
    { heading: 'EXTERNAL GATEWAY', text: (router, nameOf) => nameOf(router.external_gateway_info?.network_id) },
    { heading: 'ROUTES', text: ({ routes }) => String(routes.length) },
    { heading: 'ID', text: ({ id }) => id },
  ],
  refersTo: [NETWORKS],
  create: {
    argument: NAME,
    settings: [GATEWAY, DESCRIPTION],
    examples: [
      ['buoy router create blue --external-gateway public', 'one whose workloads can have floating IPs'],
      ['buoy router add-subnet blue web', 'connect a subnet to it'],
    ],
  },
  set: {
    settings: [
      NEW_NAME,
      GATEWAY,
      {
        flags: '--no-external-gateway',
        description: 'take away its external gateway',
        attributes: constant({ external_gateway_info: null }),
      },
      {
        flags: '--route <prefix=nexthop>',
        isRepeatable: true,
        description: 'a static route; can be given more than once, and takes the place of all that it has',
        attributes: (routes) => ({ routes: routes.map(routeOf) }),
      },
      { flags: '--no-route', description: 'take away all static routes', attributes: constant({ routes: [] }) },
      { flags: '--up', description: 'let it work', attributes: constant({ admin_state_up: true }) },
      { flags: '--down', description: 'let it rest', attributes: constant({ admin_state_up: false }) },
      DESCRIPTION,
    ],
    examples: [
      ['buoy router set blue --external-gateway public', 'give it a way out'],
      ['buoy router set blue --route 192.0.2.0/24=10.0.0.5', 'and a static route'],
    ],
  },
  examples: {
    list: [
      ['buoy router list', 'all'],
      ['buoy router list --filter status=ERROR', 'those that are not as they should be'],
    ],
    show: [['buoy router show blue', 'all that the agent knows of it']],
    delete: [['buoy router delete blue', 'no subnet may be connected to it any more']],
  },
  settle: settleRouter,
};

/** A router that is to rest becomes nothing that could be waited for. */
async function settleRouter(client: AgentClient, router: Router, seconds: number): Promise<Router> {
  if (!router.admin_state_up) return router;
  return waitUntilActive({ client, type: ROUTERS, what: `router ${router.name}`, seconds }, router);
}

function routeOf(text: string): Attributes {
  const equals = text.indexOf('=');
  return equals < 0 ? { destination: text } : { destination: text.slice(0, equals), nexthop: text.slice(equals + 1) };
}
