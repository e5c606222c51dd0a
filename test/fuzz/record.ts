// Records what a real kernel answers when Buoy reads a host: the seeds of the fuzzers. Run in a
// sandbox, whenever Buoy reads something new:
//
//     node sandbox/run.ts node test/fuzz/record.ts

import { readFileSync, writeFileSync } from 'node:fs';
import { parseYaml } from '../../src/intent/index.ts';
import { Namespaces } from '../../src/kernel/linux/index.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import type { ReceivedMessage } from '../../src/netlink/attributes.ts';
import type { MessageBatch } from '../../src/netlink/message.ts';
import { NETLINK, NetlinkSocket } from '../../src/netlink/socket.ts';
import { Lab } from '../support/lab.ts';
import { must } from '../support/must.ts';
import { NETLINK_TARGETS, SEED_FILE } from './netlink-targets.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;

/** Notes every message of every dump under the type that was asked for. */
class RecordingSocket extends NetlinkSocket {
  readonly heard = new Map<string, Buffer[]>();

  override dump(
    type: number,
    writeBody: (batch: MessageBatch) => void,
    visit: (message: ReceivedMessage) => void,
    begin?: () => void,
  ): void {
    const messages: Buffer[] = [];
    super.dump(
      type,
      writeBody,
      (message) => {
        const padded = (message.end + 3) & ~3;
        messages.push(Buffer.from(message.buffer.subarray(message.start - 16, padded)));
        visit(message);
      },
      begin,
    );
    this.heard.set(String(type), [...(this.heard.get(String(type)) ?? []), ...messages]);
  }
}

const model = parseYaml(readFileSync('examples/quickstart.yaml', 'utf8'), 'quickstart');
await using lab = await Lab.create(model);
await lab.apply(model);
// Connections to be told of.
await lab.troubles(model);
await using namespaces = new Namespaces({ host: '/proc/self/ns/net', directory: lab.directory });
const seeds: Record<string, Record<string, string>> = {};
for (const name of ['qrouter-blue', 'fip-public']) {
  const namespace = must(parseNamespaceName(name));
  const heard: Record<string, string> = {};
  for (const protocol of [NETLINK.ROUTE, NETLINK.NETFILTER]) {
    using socket = new RecordingSocket(await namespaces.socket(namespace, AF_NETLINK, SOCK_RAW, protocol));
    for (const target of NETLINK_TARGETS) if (target.protocol === protocol) target.read(socket);
    for (const [type, messages] of socket.heard) heard[type] = Buffer.concat(messages).toString('base64');
  }
  seeds[name] = heard;
}
writeFileSync(SEED_FILE, `${JSON.stringify(seeds, null, 1)}\n`);
