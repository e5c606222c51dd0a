// TCP: a connection, and some KiB over it that come back as they were sent.

import { randomBytes } from 'node:crypto';
import type { Ipv4Address } from '../model/address.ts';
import { SystemError } from '../sys/system-error.ts';
import { Ipv4Socket, until } from './ipv4-socket.ts';
import type { Journey } from './journey.ts';
import type { Playground } from './playground.ts';
import type { Record } from './probe.ts';
import { MESSAGES } from './probe.ts';

const MESSAGE_BYTES = 4096;
/** `discard` (RFC 863), for a target that does not exist. */
const NOBODYS_PORT = 9;

/** Connects and sends messages that are echoed, until the deadline. Throws SystemError. */
export async function connectAndEcho(
  playground: Playground,
  journey: Journey,
  record: Record,
  deadline: number,
): Promise<void> {
  record.sent++;
  using connection = await TcpConnection.open(playground, journey, deadline);
  record.seenAs = connection?.seenAs;
  if (connection === undefined) return;
  for (let message = 1; await connection.echo(deadline); message++) {
    record.answered++;
    if (message === MESSAGES) return;
    record.sent++;
  }
}

/** Both ends of a connection between two machines. */
export class TcpConnection implements Disposable {
  /** Whom the target takes the connection to come from. */
  readonly seenAs: Ipv4Address;
  readonly #client: Ipv4Socket;
  readonly #server: Ipv4Socket;

  private constructor(client: Ipv4Socket, server: Ipv4Socket, seenAs: Ipv4Address) {
    this.#client = client;
    this.#server = server;
    this.seenAs = seenAs;
  }

  /** Undefined when the deadline passes before it is made. Throws SystemError. */
  static async open(
    playground: Playground,
    { from, source, to, target }: Journey,
    deadline: number,
  ): Promise<TcpConnection | undefined> {
    using opened = new DisposableStack();
    const client = opened.use(await Ipv4Socket.open(playground, from, 'tcp', { address: source, port: 0 }));
    using listener =
      target && (await Ipv4Socket.open(playground, target.machine, 'tcp', { address: target.address, port: 0 }));
    listener?.listen();
    const peer = { address: to, port: listener?.local.port ?? NOBODYS_PORT };
    if ((await until(deadline, () => client.connect(peer))) !== true) return undefined;
    const accepted = await until(deadline, () => listener?.accept());
    if (accepted === undefined) return undefined;
    opened.move();
    return new TcpConnection(client, accepted.socket, accepted.peer.address);
  }

  /** Whether the connection still carries some KiB there and back before the deadline. */
  async carries(deadline: number): Promise<boolean> {
    try {
      return await this.echo(deadline);
    } catch (error) {
      if (error instanceof SystemError) return false;
      throw error;
    }
  }

  /** Sends some KiB and answers whether they came back before the deadline. Throws SystemError: ECONNRESET when the connection was cut. */
  async echo(deadline: number): Promise<boolean> {
    const message = randomBytes(MESSAGE_BYTES);
    let [unsent, unechoed, echoed] = [message, Buffer.alloc(0), Buffer.alloc(0)];
    const complete = await until(deadline, () => {
      unsent = unsent.subarray(this.#client.send(unsent));
      unechoed = Buffer.concat([unechoed, this.#server.receive()?.bytes ?? Buffer.alloc(0)]);
      unechoed = unechoed.subarray(this.#server.send(unechoed));
      echoed = Buffer.concat([echoed, this.#client.receive()?.bytes ?? Buffer.alloc(0)]);
      return echoed.length >= message.length ? true : undefined;
    });
    return complete === true && echoed.equals(message);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
    this.#server[Symbol.dispose]();
  }
}
