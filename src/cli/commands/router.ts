import type { Command } from 'commander';
import { agentOptions } from '../agent/endpoint.ts';
import { findResource } from '../agent/find.ts';
import { ROUTERS, SUBNETS } from '../agent/resource-types.ts';
import type { ClientOptions, WaitOption } from '../agent/with-agent.ts';
import { withAgent } from '../agent/with-agent.ts';
import { defineCommand } from '../define-command.ts';
import { jsonOption, waitOption } from '../options.ts';
import { addKind } from '../resources/add-kind.ts';
import { ROUTER_KIND } from '../resources/routers.ts';
import { printSettled } from '../resources/settled.ts';

export function addRouter(program: Command): void {
  const group = addKind(program, ROUTER_KIND);
  addSubnetVerb(group, 'add', {
    summary: 'connect a subnet to a router',
    description: 'Gives a router a port in a subnet, with the gateway address of that, and prints the router.',
    effect: 'workloads of web reach what the router reaches',
  });
  addSubnetVerb(group, 'remove', {
    summary: 'take a subnet from a router',
    description:
      'Takes away the port that a router has in a subnet, and prints the router. No floating IP may lead there any more.',
    effect: 'the opposite of add-subnet',
  });
}

function addSubnetVerb(
  group: Command,
  action: 'add' | 'remove',
  { summary, description, effect }: { readonly summary: string; readonly description: string; readonly effect: string },
): void {
  const examples = [[`buoy router ${action}-subnet blue web`, effect]] as const;
  const command = defineCommand(group, { usage: `${action}-subnet`, summary, description, examples })
    .argument('<router>', 'its name or id')
    .argument('<subnet>', 'its name or id');
  for (const option of [waitOption(), ...agentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (routerName: string, subnetName: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<ClientOptions & WaitOption>();
    await withAgent(options, async (client) => {
      const router = await findResource(client, ROUTERS, routerName);
      const subnet = await findResource(client, SUBNETS, subnetName);
      await client.changeInterface(router.id, action, { subnet_id: subnet.id });
      const changed = await client.show(ROUTERS, router.id);
      await printSettled(client, ROUTER_KIND, changed, options);
    });
  });
}
