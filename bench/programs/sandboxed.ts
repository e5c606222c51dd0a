// Inside a sandbox: makes the bridges of a model and runs the programs that in-sandbox.ts was given.
//
//     node bench/programs/sandboxed.ts ROUTERS FLOATING-IPS '[["program", "argument"], …]'

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { enterSandbox } from '../../sandbox/enter.ts';
import { MessageBatch } from '../../src/netlink/message.ts';
import { createBridge } from '../../src/netlink/route/index.ts';
import { NETLINK, NetlinkSocket } from '../../src/netlink/socket.ts';
import { waitForCleanUp } from '../clean-up.ts';
import { bridgesOf, modelOf, MTU, readSize } from '../models.ts';

/** The same for everybody: the index of its bridge is in the message that plugs a port. */
const FIRST_BRIDGE_INDEX = 1000;
/** As many acks as the smallest receive buffer holds. */
const BRIDGES_AT_ONCE = 200;
const BORN_WITHOUT_IPV6 = '/proc/sys/net/ipv6/conf/default/disable_ipv6';

const [routers, floatingIps, commands = ''] = process.argv.slice(2);
const parsed = z.array(z.tuple([z.string()], z.string())).parse(JSON.parse(commands));

enterSandbox();
await waitForCleanUp();
makeBridges();
for (const [program, ...args] of parsed) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    process.stderr.write(`${error?.message ?? `${[program, ...args].join(' ')} ended with ${status}`}\n`);
    process.exit(1);
  }
}

/** Without IPv6, as Neutron's agents make theirs: else each change of a port is one more walk over the IPv6 routes of all bridges. */
function makeBridges(): void {
  writeFileSync(BORN_WITHOUT_IPV6, '1');
  using socket = NetlinkSocket.open(NETLINK.ROUTE);
  const names = bridgesOf(modelOf(readSize(routers, floatingIps)));
  for (let start = 0; start < names.length; start += BRIDGES_AT_ONCE) {
    const batch = new MessageBatch(1);
    for (const [index, name] of names.slice(start, start + BRIDGES_AT_ONCE).entries()) {
      createBridge(batch, { name, index: FIRST_BRIDGE_INDEX + start + index, mac: undefined, mtu: MTU });
    }
    const refusal = socket.exchange(batch)[0];
    if (refusal !== undefined) throw new Error(`no bridges: ${refusal.message}`);
  }
  writeFileSync(BORN_WITHOUT_IPV6, '0');
}
