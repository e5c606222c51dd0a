// A file that changes at random, handed over to an agent again and again: afterwards the agent has what it says, and no floating
// IP that stays is broken on the way but those that were named before.

import { expect, test } from 'vitest';
import { AgentClient } from '../../src/cli/agent/agent-client.ts';
import { compareWithAgent } from '../../src/cli/hand-over/hand-over-file.ts';
import { runCalls } from '../../src/cli/hand-over/run-calls.ts';
import { AgentHost } from './agent-host.ts';

const OPTIONS = { format: 'yaml', instance: 'default', color: 'never', netnsDir: '/run/netns' } as const;

/** mulberry32: the same numbers from the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** An intent on three bridges: `br-ex` is external, `br-green` may be. Two routers share out the subnets of `br-blue`. */
function randomIntent(random: (below: number) => number): object {
  const isSecond = random(3) === 0;
  const subnets = [0, 1, 2]
    .filter(() => random(4) > 0)
    .map((index) => ({
      name: `blue-${index}`,
      network_id: 'blue',
      cidr: `10.0.${index}.0/24`,
      gateway_ip: random(4) === 0 ? `10.0.${index}.254` : `10.0.${index}.1`,
    }));
  const owners = subnets.map(() => random(3));
  const routers = [0, 1].map((index) => ({
    name: random(6) === 0 ? `other-${index}` : `router-${index}`,
    external_gateway_info: isSecond && random(2) === 0 ? { network_id: 'green' } : { network_id: 'public' },
    interfaces: subnets
      .filter((_, at) => owners[at] === index)
      .map(({ name }) => ({
        subnet_id: name,
        ...(random(5) === 0 && { ip_address: `10.0.${name.slice(-1)}.200` }),
      })),
  }));
  const [used, fixed] = [new Set<string>(), new Set<string>()];
  const floatingips = routers.flatMap((router) =>
    router.interfaces.flatMap(({ subnet_id: subnet }) =>
      [10, 11, 12].flatMap((host) => {
        const network = router.external_gateway_info.network_id;
        const floating = `${network === 'public' ? '203.0.113' : '198.51.100'}.${100 + random(8)}`;
        const address = `10.0.${subnet.slice(-1)}.${host}`;
        if (random(3) === 0 || used.has(floating) || fixed.has(address)) return [];
        used.add(floating);
        fixed.add(address);
        return [{ floating_ip_address: floating, router_id: router.name, fixed_ip_address: address }];
      }),
    ),
  );
  const external = (name: string, bridge: string): object => ({ name, bridge, 'router:external': true });
  const pools = (net: string): object => ({ allocation_pools: [{ start: `${net}.100`, end: `${net}.150` }] });
  return {
    networks: [
      external('public', 'br-ex'),
      { name: 'blue', bridge: 'br-blue' },
      ...(isSecond ? [external('green', 'br-green')] : []),
    ],
    subnets: [
      { name: 'public', network_id: 'public', cidr: '203.0.113.0/24', ...pools('203.0.113') },
      ...(isSecond ? [{ name: 'green', network_id: 'green', cidr: '198.51.100.0/24', ...pools('198.51.100') }] : []),
      ...subnets,
    ],
    routers,
    floatingips,
  };
}

test('a history', async () => {
  await using host = await AgentHost.start();
  using client = new AgentClient({ kind: 'unix', path: host.socket });
  const random = chance(6);
  let broken: unknown[] = [];
  host.store.onChange(({ resources }) => {
    for (const { collection, action, id, resource: read } of resources) {
      const resource = read();
      // Ports that the store makes by itself are not of the file.
      if (action === 'create' && !String(resource?.['device_owner']).startsWith('network:'))
        expect(resource?.['tags']).toEqual(['buoy:file']);
      if (
        collection === 'floatingips' &&
        (action === 'delete' || (action === 'update' && resource?.['port_id'] === null))
      )
        broken.push(id);
    }
  });
  for (let step = 0; step < 6; step++) {
    const intent = randomIntent(random);
    const file = await host.write('net.yaml', JSON.stringify(intent, null, 1));
    const before = new Map(host.list('floatingips').map((each) => [each['id'], each]));
    broken = [];
    let handOver;
    try {
      handOver = await compareWithAgent(client, file, OPTIONS);
    } catch (error) {
      // The agent's own port on a network has an address that a new floating IP is to have.
      expect(String(error)).toMatch(/BUOY_AGENT_HAS_OTHER.*network:floatingip_agent_gateway/);
      continue;
    }
    await runCalls(client, handOver.calls, () => undefined);
    const after = new Set(host.list('floatingips').map(({ id }) => id));
    const interrupted = broken
      .filter((id) => after.has(id) && typeof before.get(id)?.['port_id'] === 'string')
      .map((id) => String(before.get(id)?.['floating_ip_address']));
    expect(new Set(interrupted)).toEqual(new Set(handOver.interrupted));
    expect(await compareWithAgent(client, file, OPTIONS)).toEqual({ calls: [], interrupted: [] });
  }
});
