// Sends packets on a journey and tells what came of them.

import type { Ipv4Address } from '../model/address.ts';
import { formatAddress } from '../model/address.ts';
import { errnoText, SystemError } from '../sys/system-error.ts';
import type { Protocol } from './ipv4-socket.ts';
import type { Journey } from './journey.ts';
import { ping } from './ping.ts';
import type { Playground } from './playground.ts';
import { connectAndEcho } from './tcp.ts';
import { askAndAnswer } from './udp.ts';

/** How many messages a probe sends, one after the other, as long as they are answered. */
export const MESSAGES = 3;

/** What a probe has seen so far. */
export interface Record {
  sent: number;
  answered: number;
  /** Whom the target took the messages to come from. */
  seenAs: Ipv4Address | undefined;
}

export interface ProbeResult extends Readonly<Record> {
  readonly journey: Journey;
  readonly protocol: Protocol;
  readonly ok: boolean;
  /** What went otherwise than it should, or what an expected silence was; undefined where all was answered. */
  readonly detail: string | undefined;
}

export const PROTOCOLS = ['icmp', 'tcp', 'udp'] as const satisfies readonly Protocol[];

const TALKS: { readonly [P in Protocol]: typeof ping } = { icmp: ping, tcp: connectAndEcho, udp: askAndAnswer };

/** How long an answer may take that is expected; and how long silence is listened to, where it is. */
const PATIENCE_MS = 3000;
const SILENCE_MS = 300;
const JOURNEYS_AT_ONCE = 64;

/** Sends `MESSAGES` messages on a journey. Never rejects for what the network does. */
export async function probe(playground: Playground, journey: Journey, protocol: Protocol): Promise<ProbeResult> {
  const record: Record = { sent: 0, answered: 0, seenAs: undefined };
  const deadline = performance.now() + (journey.expectedSeenAs === undefined ? SILENCE_MS : PATIENCE_MS);
  let trouble: string | undefined;
  try {
    await TALKS[protocol](playground, journey, record, deadline);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    trouble = errnoText(error.errno);
  }
  return { ...record, journey, protocol, ...judge(journey, record, trouble) };
}

/** Probes every journey with every protocol; the results are in the order of the journeys. */
export async function probeAll(playground: Playground, journeys: readonly Journey[]): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (let start = 0; start < journeys.length; start += JOURNEYS_AT_ONCE) {
    const some = journeys.slice(start, start + JOURNEYS_AT_ONCE);
    results.push(
      ...(await Promise.all(
        some.flatMap((journey) => PROTOCOLS.map((protocol) => probe(playground, journey, protocol))),
      )),
    );
  }
  return results;
}

function judge(
  { expectedSeenAs }: Journey,
  { sent, answered, seenAs }: Record,
  trouble: string | undefined,
): Pick<ProbeResult, 'ok' | 'detail'> {
  if (expectedSeenAs === undefined) {
    if (seenAs !== undefined) return { ok: false, detail: `arrived, from ${formatAddress(seenAs)}` };
    return answered > 0 ? { ok: false, detail: 'was answered' } : { ok: true, detail: trouble ?? 'no answer' };
  }
  if (seenAs === undefined) return { ok: false, detail: trouble ?? 'did not arrive' };
  if (seenAs !== expectedSeenAs)
    return { ok: false, detail: `seen as ${formatAddress(seenAs)}, not ${formatAddress(expectedSeenAs)}` };
  if (answered < MESSAGES) return { ok: false, detail: trouble ?? `${answered} of ${sent} answered` };
  return { ok: true, detail: undefined };
}
