// First scene: over its API the agent is told what there shall be, as OpenStack Networking is told.

import { duration } from '../../demo-report.ts';
import type { Workload } from '../../machine.ts';
import { BLUE_1, GREEN_1, ipv4, OUTSIDE, WORKLOADS } from '../cast.ts';
import { formatAddress } from '../../../model/address.ts';
import { PingStream } from '../ping-stream.ts';
import type { Made, Stage, Tenant } from '../stage.ts';
import { PATIENCE_MS } from '../stage.ts';

/** Ends when both floating IPs answer. */
export async function build(stage: Stage): Promise<Made> {
  const { report, requests } = stage;
  report.heading('Networks, routers, floating IPs', 'HTTP to the agent; ids are told by their names');
  const flat = (physical: string): object => ({
    'provider:physical_network': physical,
    'provider:network_type': 'flat',
  });
  const network = await requests.create('networks', {
    name: 'public',
    ...flat('external'),
    'router:external': true,
  });
  const subnet = await requests.create('subnets', {
    cidr: '203.0.113.0/24',
    allocation_pools: [{ start: '203.0.113.11', end: '203.0.113.99' }],
    gateway_ip: formatAddress(OUTSIDE.address),
    ip_version: 4,
    network_id: network.id,
  });
  const tenant = async (workload: Workload): Promise<Tenant> => {
    const name = workload.networkId;
    const own = await requests.create('networks', { name, ...flat(name) });
    const fixed = await requests.create('subnets', {
      name: `${name}-v4`,
      cidr: '10.0.0.0/24',
      ip_version: 4,
      network_id: own.id,
    });
    const router = await requests.create('routers', { name, external_gateway_info: { network_id: network.id } });
    const portId = await requests.addInterface(router.id, fixed.id);
    const ports = new Map<string, string>();
    for (const { name: machine, networkId, address } of WORKLOADS) {
      if (networkId !== name) continue;
      const fixedIps = [{ ip_address: formatAddress(address) }];
      const port = await requests.create('ports', { name: machine, fixed_ips: fixedIps, network_id: own.id });
      ports.set(machine, port.id);
    }
    const { floatingIpId, floating } = await associate(stage, network.id, ports.get(workload.name));
    return {
      networkId: own.id,
      subnetId: fixed.id,
      routerId: router.id,
      portId,
      ports,
      workload,
      floatingIpId,
      floating,
    };
  };
  return {
    networkId: network.id,
    subnetId: subnet.id,
    blue: await tenant(BLUE_1),
    green: await tenant(GREEN_1),
  };
}

async function associate(
  { report, requests, playground }: Stage,
  networkId: string,
  portId: string | undefined,
): Promise<Pick<Tenant, 'floatingIpId' | 'floating'>> {
  const made = await requests.create('floatingips', { port_id: portId, floating_network_id: networkId });
  const floating = ipv4(made.floating_ip_address ?? '');
  const stream = await PingStream.start(playground, { from: OUTSIDE, to: floating });
  const answered = await stream.firstAnswer(0, performance.now() + PATIENCE_MS);
  await stream.stop();
  report.check(
    answered !== undefined,
    answered === undefined
      ? `${formatAddress(floating)} answers no ping`
      : `${formatAddress(floating)} answers its first ping ${duration(answered - made.askedAt)} after that request was sent`,
  );
  return { floatingIpId: made.id, floating };
}
