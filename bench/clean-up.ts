// The kernel takes namespaces apart after they have gone, in its own time, and holds the lock of all
// network devices meanwhile (cleanup_net() in net/core/net_namespace.c): what a sandbox left behind
// slows down the next one for seconds.

import { setTimeout as sleep } from 'node:timers/promises';
import { Namespaces, OpenNamespace, prepareDirectory, releaseName } from '../src/kernel/linux/index.ts';
import { MessageBatch } from '../src/netlink/message.ts';
import { createVeth, readLinks } from '../src/netlink/route/index.ts';
import { NETLINK, NetlinkSocket } from '../src/netlink/socket.ts';
import { linkName, machineNamespace } from '../src/playground/machine.ts';

const DIRECTORY = '/run/netns';
const NAMESPACE = machineNamespace('clean-up');
const NEAR = linkName('clean-up');
const FAR = linkName('far');
const LOOK_EVERY_MS = 20;

/**
 * Returns when the namespaces that have gone so far, of whatever sandbox, are taken apart. It finds
 * out with one more: it goes, as they go one after the other, after all the others, and the other
 * end of a veth in it vanishes.
 */
export async function waitForCleanUp(): Promise<void> {
  using socket = NetlinkSocket.open(NETLINK.ROUTE);
  await using namespaces = new Namespaces({ host: '/proc/self/ns/net', directory: DIRECTORY });
  prepareDirectory(DIRECTORY);
  const [made] = await namespaces.create([NAMESPACE], 'bench');
  if (!(made instanceof OpenNamespace)) throw made ?? new Error('no namespace was made');
  {
    using namespace = made;
    const end = { index: 0, mac: undefined, mtu: undefined };
    const batch = new MessageBatch(1);
    createVeth(batch, { ...end, name: NEAR }, 0, { ...end, name: FAR }, namespace.descriptor.number);
    const refusal = socket.exchange(batch)[0];
    if (refusal !== undefined) throw new Error(`no veth: ${refusal.message}`);
  }
  releaseName(DIRECTORY, NAMESPACE);
  while (readLinks(socket).some(({ name }) => name === NEAR)) await sleep(LOOK_EVERY_MS);
}
