// Fifth scene: the agent is killed and comes back, and no packet is lost by it.

import { setTimeout as sleep } from 'node:timers/promises';
import { counted, duration } from '../../demo-report.ts';
import { TcpConnection } from '../../tcp.ts';
import { FAR, OUTSIDE } from '../cast.ts';
import { PingStream, stopAll } from '../ping-stream.ts';
import type { Made, Stage } from '../stage.ts';
import { PATIENCE_MS } from '../stage.ts';

const BETWEEN_MESSAGES_MS = 5;

export async function killAgent(stage: Stage, { blue, green }: Made): Promise<void> {
  const { playground, agent, report } = stage;
  report.heading('The agent is killed', 'kill -9 in the middle of traffic, and started again');
  const writes = agent.kernelWrites;
  const streams = await Promise.all(
    [blue, green].flatMap(({ workload, floating }) => [
      PingStream.start(playground, { from: OUTSIDE, to: floating }),
      PingStream.start(playground, { from: workload, to: FAR }),
    ]),
  );
  const talk = await Talk.begin(stage, green);
  const start = performance.now();
  await agent.kill();
  await agent.start();
  const away = performance.now() - start;
  const echoed = await talk.end();
  const { sent, lost } = await stopAll(streams);
  report.check(lost === 0, `away for ${duration(away)}; pings in and out meanwhile`, `${lost} of ${sent} lost`);
  report.check(echoed !== undefined, 'the TCP connection went on', `${counted(echoed ?? 0, 'message')} there and back`);
  const written = agent.kernelWrites - writes;
  report.check(written === 0, 'it found all as it shall be', `${counted(written, 'change')} of the kernel`);
}

/** Messages there and back over one connection, one after the other. */
class Talk {
  readonly #running: Promise<number | undefined>;
  #isEnding = false;

  private constructor(connection: TcpConnection | undefined) {
    this.#running = this.#run(connection);
  }

  static async begin({ playground }: Stage, { workload, floating }: Made['green']): Promise<Talk> {
    const journey = {
      way: 'in',
      from: OUTSIDE,
      source: OUTSIDE.address,
      to: floating,
      target: { machine: workload, address: workload.address },
      expectedSeenAs: OUTSIDE.address,
    };
    return new Talk(await TcpConnection.open(playground, journey, performance.now() + PATIENCE_MS));
  }

  /** How many messages came back; undefined if one did not, or there was no connection. */
  async end(): Promise<number | undefined> {
    this.#isEnding = true;
    return this.#running;
  }

  async #run(connection: TcpConnection | undefined): Promise<number | undefined> {
    using open = connection;
    let echoed = 0;
    while (!this.#isEnding) {
      if ((await open?.carries(performance.now() + PATIENCE_MS)) !== true) return undefined;
      echoed++;
      // A message that is there and back at once lets nobody else have a turn.
      await sleep(BETWEEN_MESSAGES_MS, undefined, { ref: false });
    }
    return echoed;
  }
}
