// Pings at short intervals, and what became of each. Every one has an identifier of its own and so is a connection of
// its own to the kernel: it is led by what is there when it is sent, and not by what was there before.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ipv4Address } from '../../model/address.ts';
import { SystemError } from '../../sys/system-error.ts';
import { Ipv4Socket } from '../ipv4-socket.ts';
import type { Machine } from '../machine.ts';
import { ECHO_REPLY, ECHO_REQUEST, echoes, echoRequest, NO_PORT } from '../ping.ts';
import type { Playground } from '../playground.ts';

/** Between two pings, where the machine keeps up with it. */
const INTERVAL_MS = 2;
/** For answers that are still under way at the end. */
const GRACE_MS = 250;
const MOST_IDENTIFIERS = 0x10000;
const STREAM_BYTES = 12;
const NUMBER_BYTES = 4;

/** Where pings go. */
export interface PingWay {
  readonly from: Machine;
  readonly to: Ipv4Address;
  /** Machines on which it is noted when the first ping arrives. */
  readonly witnesses?: readonly Machine[];
}

export interface PingTally {
  readonly sent: number;
  readonly lost: number;
}

interface Ping {
  readonly sentAt: number;
  answeredAt: number | undefined;
}

/** Times are those of `performance.now()`. */
export class PingStream {
  readonly #to: Ipv4Address;
  readonly #client: Ipv4Socket;
  readonly #witnesses: ReadonlyMap<Machine, Ipv4Socket>;
  /** What tells the pings of this stream from all others. */
  readonly #token = randomBytes(STREAM_BYTES);
  readonly #pings: Ping[] = [];
  readonly #seen = new Map<Machine, number>();
  readonly #running: Promise<void>;
  #isStopping = false;

  private constructor(to: Ipv4Address, client: Ipv4Socket, witnesses: ReadonlyMap<Machine, Ipv4Socket>) {
    this.#to = to;
    this.#client = client;
    this.#witnesses = witnesses;
    this.#running = this.#run();
  }

  /** Begins at once. Throws SystemError. */
  static async start(playground: Playground, { from, to, witnesses = [] }: PingWay): Promise<PingStream> {
    using opened = new DisposableStack();
    const open = async (machine: Machine): Promise<Ipv4Socket> =>
      opened.use(await Ipv4Socket.open(playground, machine, 'icmp', { address: machine.address, port: NO_PORT }));
    const client = await open(from);
    const sockets = new Map<Machine, Ipv4Socket>();
    for (const machine of witnesses) sockets.set(machine, await open(machine));
    opened.move();
    return new PingStream(to, client, sockets);
  }

  /** When the first ping that was sent after a moment was answered. Undefined if none is until the deadline. */
  async firstAnswer(since: number, deadline: number): Promise<number | undefined> {
    return this.#wait(deadline, () => {
      const times = this.#pings.flatMap(({ sentAt, answeredAt }) => (sentAt >= since ? (answeredAt ?? []) : []));
      return times.length === 0 ? undefined : Math.min(...times);
    });
  }

  /** When a witness had its first ping. Undefined if it has none until the deadline. */
  async firstSeen(witness: Machine, deadline: number): Promise<number | undefined> {
    return this.#wait(deadline, () => this.#seen.get(witness));
  }

  /** Ends it, once all are answered or have had the time for it. May be called again. */
  async stop(): Promise<PingTally> {
    this.#isStopping = true;
    await this.#running;
    const lost = this.#pings.filter(({ answeredAt }) => answeredAt === undefined).length;
    return { sent: this.#pings.length, lost };
  }

  async #wait(deadline: number, look: () => number | undefined): Promise<number | undefined> {
    for (;;) {
      const found = look();
      if (found !== undefined || performance.now() >= deadline) return found;
      await sleep(1);
    }
  }

  async #run(): Promise<void> {
    using _client = this.#client;
    using _witnesses = new DisposableStack();
    for (const socket of this.#witnesses.values()) _witnesses.use(socket);
    while (!this.#isStopping) {
      const last = this.#pings.at(-1)?.sentAt ?? -Infinity;
      if (performance.now() - last >= INTERVAL_MS) this.#send();
      this.#receive();
      // One that a failed scene has left keeps no process alive.
      await sleep(1, undefined, { ref: false });
    }
    const deadline = performance.now() + GRACE_MS;
    // Looked at once more after the deadline: on a busy machine a sleep may last longer than the grace.
    for (let now = performance.now(); now < deadline && this.#isWaiting;) {
      await sleep(1);
      now = performance.now();
      this.#receive();
    }
  }

  get #isWaiting(): boolean {
    return this.#pings.some(({ answeredAt }) => answeredAt === undefined);
  }

  #send(): void {
    const number = this.#pings.length;
    const payload = Buffer.alloc(STREAM_BYTES + NUMBER_BYTES);
    this.#token.copy(payload);
    payload.writeUInt32BE(number, STREAM_BYTES);
    const identifier = (this.#token.readUInt16BE() + number) % MOST_IDENTIFIERS;
    this.#pings.push({ sentAt: performance.now(), answeredAt: undefined });
    try {
      this.#client.sendTo(echoRequest(identifier, 1, payload), { address: this.#to, port: NO_PORT });
    } catch (error) {
      // Where there is no way, this one is lost.
      if (!(error instanceof SystemError)) throw error;
    }
  }

  #receive(): void {
    const now = performance.now();
    for (const { carried, from } of echoes(this.#client, ECHO_REPLY)) {
      const ping = this.#pings[this.#numberOf(carried) ?? -1];
      if (ping !== undefined && from === this.#to) ping.answeredAt ??= now;
    }
    for (const [machine, socket] of this.#witnesses)
      for (const { carried } of echoes(socket, ECHO_REQUEST))
        if (this.#numberOf(carried) !== undefined && !this.#seen.has(machine)) this.#seen.set(machine, now);
  }

  /** Which ping of this stream a message belongs to. */
  #numberOf(carried: Buffer): number | undefined {
    const payload = carried.subarray(-STREAM_BYTES - NUMBER_BYTES);
    return payload.length === STREAM_BYTES + NUMBER_BYTES && payload.subarray(0, STREAM_BYTES).equals(this.#token)
      ? payload.readUInt32BE(STREAM_BYTES)
      : undefined;
  }
}

/** What became of several streams together. */
export async function stopAll(streams: readonly PingStream[]): Promise<PingTally> {
  const tallies = await Promise.all(streams.map((stream) => stream.stop()));
  const sum = (of: (tally: PingTally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  return { sent: sum(({ sent }) => sent), lost: sum(({ lost }) => lost) };
}
