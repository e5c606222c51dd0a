// UDP: requests, and answers that tell the asker nothing it could have made up.

import { randomBytes } from 'node:crypto';
import { Ipv4Socket, until } from './ipv4-socket.ts';
import type { Journey } from './journey.ts';
import type { Playground } from './playground.ts';
import type { Record } from './probe.ts';
import { MESSAGES } from './probe.ts';

const TOKEN_BYTES = 16;
/** `discard` (RFC 863), for a target that does not exist. */
const NOBODYS_PORT = 9;

/** Sends datagrams, each answered with its bytes in reverse, until the deadline. Throws SystemError. */
export async function askAndAnswer(
  playground: Playground,
  { from, source, to, target }: Journey,
  record: Record,
  deadline: number,
): Promise<void> {
  using client = await Ipv4Socket.open(playground, from, 'udp', { address: source, port: 0 });
  using server =
    target && (await Ipv4Socket.open(playground, target.machine, 'udp', { address: target.address, port: 0 }));
  const port = server?.local.port ?? NOBODYS_PORT;
  for (let message = 1; message <= MESSAGES; message++) {
    const question = randomBytes(TOKEN_BYTES);
    client.sendTo(question, { address: to, port });
    record.sent++;
    const answer = await until(deadline, () => {
      const asked = server?.receive();
      if (asked !== undefined) {
        record.seenAs = asked.from.address;
        server?.sendTo(asked.bytes.reverse(), asked.from);
      }
      return client.receive();
    });
    if (answer === undefined || answer.from.address !== to || answer.from.port !== port) return;
    if (!answer.bytes.equals(question.toReversed())) return;
    record.answered++;
  }
}
