// A listening process that was taken over: it tries what it should not be able to do, and then has the privileged
// one do what it may, and what it may not. It tells of all that in one line.

import { readFileSync } from 'node:fs';
import { parentStreams, requireNoPrivileges, runListener } from '../../../src/agent/index.ts';
import type { Plan } from '../../../src/host/plan.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import { parseNamespaceName } from '../../../src/model/names.ts';
import { MessageBatch } from '../../../src/netlink/message.ts';
import { addTable, beginTransaction, endTransaction } from '../../../src/netlink/nftables/index.ts';
import { changeLink } from '../../../src/netlink/route/index.ts';
import { NETLINK, NetlinkSocket } from '../../../src/netlink/socket.ts';
import { call } from '../../../src/sys/libc.ts';
import { errnoName, SystemError } from '../../../src/sys/system-error.ts';
import { must } from '../../support/must.ts';
import { planOf } from '../../support/plans.ts';

const [CLONE_NEWNET, MS_BIND] = [0x40000000, 4096];
const [AF_PACKET, SOCK_DGRAM] = [17, 2];
const [LOOPBACK, PR_CAPBSET_DROP, SETTINGS] = [1, 24, '/proc/sys/net/ipv4/ip_forward'];

/** What became of it: `EPERM`, or `done`. */
function outcome(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof SystemError) return error.code;
    throw error;
  }
}

function refusalOf(protocol: number, write: (batch: MessageBatch) => void, isTransaction: boolean): string {
  using socket = NetlinkSocket.open(protocol);
  const batch = new MessageBatch(1, 512);
  write(batch);
  const [refusal] = isTransaction ? socket.exchangeTransaction(batch) : socket.exchange(batch);
  return refusal === undefined ? 'done' : errnoName(refusal.errno);
}

const attempts = {
  link: () => refusalOf(NETLINK.ROUTE, (batch) => changeLink(batch, LOOPBACK, { up: true }), false),
  nftables: () =>
    refusalOf(
      NETLINK.NETFILTER,
      (batch) => {
        beginTransaction(batch);
        addTable(batch, 'buoy default');
        endTransaction(batch);
      },
      true,
    ),
  namespace: () => outcome(() => call('unshare', CLONE_NEWNET)),
  mount: () => outcome(() => call('mount', '/proc', '/tmp', 'none', MS_BIND, null)),
  packets: () => outcome(() => call('socket', AF_PACKET, SOCK_DGRAM, 0)),
  capabilities: () => outcome(() => call('prctl', PR_CAPBSET_DROP, 0, 0, 0, 0)),
  host: () => outcome(() => call('setns', call('open', '/proc/1/ns/net', 0, 0), CLONE_NEWNET)),
  sysctl: () => outcome(() => call('write', call('open', SETTINGS, 1, 0), Buffer.from('1'), 1)),
};

function creation(name: string): Plan {
  return planOf([[{ kind: 'namespace.create', namespace: must(parseNamespaceName(name)) }]]);
}

async function applied(kernel: Kernel, plan: Plan): Promise<string> {
  try {
    const { done } = await kernel.apply(plan);
    return `${done} done`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

requireNoPrivileges();
await runListener(parentStreams(), async (kernel, config) => {
  const probe = {
    ...Object.fromEntries(Object.entries(attempts).map(([name, attempt]) => [name, attempt()])),
    own: await applied(kernel, creation('qrouter-a')),
    foreign: await applied(kernel, creation('blue')),
    status: readFileSync('/proc/self/status', 'utf8').match(/^(?:Cap\w+|NoNewPrivs|Groups):.*$/gm),
    environment: Object.keys(process.env),
    store: config.store,
  };
  process.stderr.write(`${JSON.stringify({ probe })}\n`);
  return {
    reload: async ({ host }) => {
      if (host === 'refused') throw new Error('that host name is refused');
    },
    stop: async () => void process.stderr.write(`${JSON.stringify({ message: 'stopped in order' })}\n`),
  };
});
