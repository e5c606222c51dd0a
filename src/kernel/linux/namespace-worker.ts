// The one thread that leaves its network namespace. While it is inside another one it runs
// synchronous code only: whatever Node starts in that moment (a pool thread, a child) would stay
// there for good. Descriptors are the process's, so the main thread uses what is opened here.
//
// If the way home fails, the process aborts: going on in a foreign namespace would change the
// wrong host.

import { parentPort, workerData } from 'node:worker_threads';
import type { NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import { call } from '../../sys/libc.ts';
import { Descriptor, O } from '../../sys/descriptor.ts';
import { SystemError } from '../../sys/system-error.ts';
import { MessageBatch } from '../../netlink/message.ts';
// Not by way of index.ts: what a worker loads takes time and memory, and of nftables it needs little.
import { addTable } from '../../netlink/nftables/table.ts';
import { beginTransaction, endTransaction } from '../../netlink/nftables/transaction.ts';
import { NETLINK, NetlinkSocket, openNetlinkDescriptor } from '../../netlink/socket.ts';
import { giveNamespaceId } from '../../netlink/route/namespace-id.ts';
import { claimName } from './namespace-name.ts';
import type { NamespaceDescriptors, Reply, Request, SysctlDescriptors, WorkerData } from './namespace-protocol.ts';
import { portsIn } from './own-ports.ts';

const CLONE_NEWNET = 0x40000000;
const SOCK_CLOEXEC = 0o2000000;
const MS_BIND = 4096;
/** Not `/proc/self`: in a worker that is the main thread's namespace. */
const OWN_NAMESPACE = '/proc/thread-self/ns/net';

// oxlint-disable-next-line typescript/no-unsafe-assignment -- Node gives it no type; `Namespaces` is who sets it
const { settings, home, host, ownPorts }: WorkerData = workerData;
const nextPort = portsIn(ownPorts);

parentPort?.on('message', (requests: readonly Request[]) => {
  parentPort?.postMessage(requests.map(answer));
});

function answer(request: Request): Reply {
  try {
    if (request.kind === 'socket') {
      const socket = inside(request.namespace, () =>
        call('socket', request.domain, request.type | SOCK_CLOEXEC, request.protocol),
      );
      return { ok: true, descriptors: undefined, socket };
    }
    if (request.kind === 'netlink') {
      const socket = inside(request.namespace, () => openNetlinkDescriptor(request.protocol));
      return { ok: true, descriptors: undefined, socket: socket.release() };
    }
    const descriptors =
      request.kind === 'open'
        ? inside(request.namespace, (namespace) => openDescriptors(namespace, request.hasSysctls))
        : create(request);
    return { ok: true, descriptors, socket: -1 };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { ok: false, call: error.call, errno: error.errno };
  }
}

/** Runs `work`, which must be synchronous, in a namespace and comes home. The namespace's descriptor is closed unless `work` keeps it. Throws SystemError. */
function inside<T>(namespace: NamespaceName, work: (namespace: Descriptor) => T): T {
  const path = namespace === HOST ? settings.host : `${settings.directory}/${namespace}`;
  // Opening a pipe that somebody has put there would wait for a writer.
  using target = Descriptor.open(path, O.RDONLY | O.NONBLOCK);
  call('setns', target.number, CLONE_NEWNET);
  return thenHome(() => work(target));
}

function thenHome<T>(work: () => T): T {
  try {
    return work();
  } finally {
    try {
      call('setns', home, CLONE_NEWNET);
    } catch {
      process.abort();
    }
  }
}

/** Opens sockets, and sysctl directories if they are needed, in the namespace the thread is in; takes over `namespace`. Throws SystemError. */
function openDescriptors(namespace: Descriptor, hasSysctls: boolean): NamespaceDescriptors {
  using route = openNetlinkDescriptor(NETLINK.ROUTE, nextPort());
  using netfilter = openNetlinkDescriptor(NETLINK.NETFILTER, nextPort());
  const sysctls = hasSysctls ? openSysctls() : undefined;
  return { namespace: namespace.release(), route: route.release(), netfilter: netfilter.release(), sysctls };
}

/**
 * The directories of all namespaces have the same name in the same place, so that the kernel looks at one after the
 * other for the right one (proc_sys_compare() in fs/proc/proc_sysctl.c): half a millisecond among a thousand.
 */
function openSysctls(): SysctlDescriptors {
  using ipv4 = Descriptor.open('/proc/sys/net/ipv4', O.PATH | O.DIRECTORY);
  const ipv6 = Descriptor.open('/proc/sys/net/ipv6', O.PATH | O.DIRECTORY);
  return { ipv4: ipv4.release(), ipv6: ipv6.release() };
}

/** The mark goes in before the name appears, so a crash at any point leaves no unmarked namespace behind a name. */
function create(request: Request & { kind: 'create' }): NamespaceDescriptors {
  const path = `${settings.directory}/${request.namespace}`;
  // From HOST, since a new namespace takes over some settings of the one it is made from.
  call('setns', host, CLONE_NEWNET);
  return thenHome(() => {
    using route = NetlinkSocket.open(NETLINK.ROUTE);
    call('unshare', CLONE_NEWNET);
    using namespace = Descriptor.open(OWN_NAMESPACE, O.RDONLY);
    writeMark(request.mark);
    // Who listens hears of all that others do in it from the moment that they can find it.
    giveNamespaceId(route, new MessageBatch(1, 128), namespace.number);
    claimName(settings.directory, request.namespace, request.mark);
    call('mount', OWN_NAMESPACE, path, 'none', MS_BIND, null);
    return openDescriptors(namespace, true);
  });
}

function writeMark(mark: string): void {
  using socket = NetlinkSocket.open(NETLINK.NETFILTER);
  const batch = new MessageBatch(1, 512);
  beginTransaction(batch);
  addTable(batch, mark);
  endTransaction(batch);
  const refusal = socket.exchangeTransaction(batch)[0];
  if (refusal !== undefined) throw new SystemError('nftables', refusal.errno);
}
