// Fourth scene: a floating IP moves from one workload to another, while it is in use.

import { setTimeout as sleep } from 'node:timers/promises';
import { formatAddress } from '../../../model/address.ts';
import { routerNamespace } from '../../../model/names.ts';
import { duration } from '../../demo-report.ts';
import type { Journey } from '../../journey.ts';
import type { Workload } from '../../machine.ts';
import { TcpConnection } from '../../tcp.ts';
import { BLUE_2, OUTSIDE } from '../cast.ts';
import { PingStream } from '../ping-stream.ts';
import type { Made, Stage } from '../stage.ts';
import { PATIENCE_MS } from '../stage.ts';

/** How long one waits for an answer over a connection that shall be cut. */
const SILENCE_MS = 300;
const BETWEEN_MESSAGES_MS = 5;

/** Answers what there is then. */
export async function moveFloatingIp(stage: Stage, made: Made): Promise<Made> {
  const { agent, playground, report, requests } = stage;
  const { blue } = made;
  const address = formatAddress(blue.floating);
  report.heading('A floating IP moves', `${address}, from ${blue.workload.name} to ${BLUE_2.name}`);
  const deadline = performance.now() + PATIENCE_MS;
  const connectTo = (workload: Workload): Promise<TcpConnection | undefined> =>
    TcpConnection.open(playground, inward(made, workload), deadline);
  using old = await connectTo(blue.workload);
  const stream = await PingStream.start(playground, { from: OUTSIDE, to: blue.floating, witnesses: [BLUE_2] });
  await stream.firstAnswer(0, deadline);
  const settled = Promise.withResolvers<void>();
  using _events = await agent.api.events(({ kind, data }) => {
    if (kind === 'settled' && data['namespace'] === routerNamespace(blue.routerId)) settled.resolve();
  });
  const { askedAt } = await requests.update('floatingips', blue.floatingIpId, { port_id: blue.ports.get(BLUE_2.name) });
  const seen = await stream.firstSeen(BLUE_2, deadline);
  const answered = seen === undefined ? undefined : await stream.firstAnswer(seen, deadline);
  const { sent, lost } = await stream.stop();
  report.check(
    answered !== undefined,
    `the first ping at ${BLUE_2.name}`,
    seen === undefined ? 'never came' : `${duration(seen - askedAt)} after the request, ${lost} of ${sent} lost`,
  );
  const isCut = old !== undefined && (await isCutBefore(old, deadline));
  report.check(isCut, `the TCP connection to ${blue.workload.name} is cut`);
  using fresh = await connectTo(BLUE_2);
  const carries = (await fresh?.carries(deadline)) === true;
  report.check(carries, `a new TCP connection to ${address} leads to ${BLUE_2.name}`);
  // What comes next kills the agent, which shall not be at work then.
  await Promise.race([settled.promise, sleep(PATIENCE_MS, undefined, { ref: false })]);
  return { ...made, blue: { ...blue, workload: BLUE_2 } };
}

/** Those that were open are ended once new ones lead elsewhere. */
async function isCutBefore(connection: TcpConnection, deadline: number): Promise<boolean> {
  while (await connection.carries(performance.now() + SILENCE_MS)) {
    if (performance.now() >= deadline) return false;
    await sleep(BETWEEN_MESSAGES_MS);
  }
  return true;
}

function inward({ blue: { floating } }: Made, workload: Workload): Journey {
  return {
    way: 'in',
    from: OUTSIDE,
    source: OUTSIDE.address,
    to: floating,
    target: { machine: workload, address: workload.address },
    expectedSeenAs: OUTSIDE.address,
  };
}
