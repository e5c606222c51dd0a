// What the packet walker says of a world's packets, beside what becomes of real ones.

import { answer, formatTrace, trace } from '../../src/host/trace/index.ts';
import type { Place, Trace, Wire } from '../../src/host/trace/index.ts';
import type { HostState } from '../../src/host/state.ts';
import type { IpAddress, Ipv4Address } from '../../src/model/address.ts';
import { formatAddress, isIpv4, networkOf, prefixContains } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import type { Journey } from '../../src/playground/journey.ts';
import { journeysOf } from '../../src/playground/journey.ts';
import type { Machine } from '../../src/playground/machine.ts';
import { ping } from '../../src/playground/ping.ts';
import type { Record } from '../../src/playground/probe.ts';
import { SystemError } from '../../src/sys/system-error.ts';
import type { Lab } from './lab.ts';
import { must } from './must.ts';

/** How long an answer may take that is foretold; and how long silence is listened to. */
const PATIENCE_MS = 3000;
const SILENCE_MS = 120;

/** As whom the target sees the packet, if it arrives, and whether an answer comes back; undefined: not foretold. */
interface Fate {
  readonly seenAs: Ipv4Address | undefined;
  readonly isAnswered: boolean | undefined;
}

interface Forecast extends Fate {
  readonly journey: Journey;
  readonly walked: Trace;
  readonly back: Trace | undefined;
}

/** Sends a packet on every journey that the walker can tell about, and answers where it was wrong. */
export async function misjudged(lab: Lab, model: Model, state: HostState): Promise<string[]> {
  const forecasts = journeysOf(model, lab.world).flatMap((journey) => forecastOf(state, model, lab, journey) ?? []);
  if (forecasts.length === 0) throw new Error('there is nothing to compare');
  const fates = await Promise.all(forecasts.map(async (forecast) => send(lab, forecast)));
  return forecasts.flatMap((forecast, index) => {
    const fate = must(fates[index]);
    if (fate.seenAs === forecast.seenAs && fate.isAnswered === (forecast.isAnswered ?? fate.isAnswered)) return [];
    const { journey, walked, back } = forecast;
    const lines = [
      `${journey.way}, ${journey.from.name} to ${formatAddress(journey.to)}: ${fateText(fate)}, and not ${fateText(forecast)}`,
      formatTrace(walked),
      back === undefined ? 'no answer' : formatTrace(back),
    ];
    return [lines.join('\n')];
  });
}

function fateText({ seenAs, isAnswered }: Fate): string {
  if (seenAs === undefined) return isAnswered ? 'was answered' : 'did not arrive';
  return `arrived from ${formatAddress(seenAs)} and ${isAnswered ? 'was' : 'was not'} answered`;
}

/** Undefined for what the state does not decide, and for packets that are not for the host at all. */
function forecastOf(state: HostState, model: Model, lab: Lab, journey: Journey): Forecast | undefined {
  const { from, source, to, target } = journey;
  const place = placeOf(model, from, to);
  const { outside, nexthops, workloads } = lab.world;
  const neighbours = [...outside, ...nexthops, ...workloads];
  if (place === undefined || neighbours.some((one) => hasAddress(one, model, place.wire, place.nexthop)))
    return undefined;
  const walked = trace(state, { source, destination: to }, place);
  const arrives = target !== undefined && isFor(walked, model, target.machine, target.address);
  const { source: seenAs } = walked.packet;
  // Machines do not believe in packets from themselves.
  if (arrives && target.machine.addresses.some(({ address }) => address === seenAs)) return undefined;
  const backPlace = arrives ? placeOf(model, target.machine, seenAs) : undefined;
  // Some see each other, and answers need no host.
  const isDirect = backPlace !== undefined && hasAddress(from, model, backPlace.wire, backPlace.nexthop);
  const back = isDirect ? undefined : backPlace && answer(state, walked, backPlace);
  if (walked.outcome.kind === 'unclear' || back?.outcome.kind === 'unclear') return undefined;
  // A namespace answers for itself.
  const isLocal = walked.outcome.kind === 'local';
  const returns = back !== undefined && isFor(back, model, from, source) && back.packet.source === to;
  const isAnswered = isLocal ? undefined : isDirect ? target?.address === to && seenAs === source : returns;
  return { journey, walked, back, isAnswered, seenAs: arrives && isIpv4(seenAs) ? seenAs : undefined };
}

/** How a machine sends to an address. */
function placeOf(model: Model, machine: Machine, to: IpAddress): Extract<Place, { kind: 'wire' }> | undefined {
  const wire = wireOf(model, machine);
  const isOnLink = machine.addresses.some(({ address, length }) =>
    prefixContains({ address: networkOf(address, length), length }, to),
  );
  if (isOnLink) return { kind: 'wire', wire, nexthop: to };
  const route = machine.routes.find(({ destination }) => prefixContains(destination, to));
  return route && { kind: 'wire', wire, nexthop: route.gateway ?? to };
}

function wireOf(model: Model, machine: Machine): Wire {
  const { plug } = must(model.networks.get(machine.networkId));
  return plug.driver === 'bridge' ? plug.bridge : plug.parent;
}

function isFor({ outcome, packet }: Trace, model: Model, machine: Machine, address: Ipv4Address): boolean {
  return (
    outcome.kind === 'sent' && hasAddress(machine, model, outcome.wire, outcome.to) && packet.destination === address
  );
}

function hasAddress(machine: Machine, model: Model, wire: Wire, address: IpAddress): boolean {
  const own = [...machine.addresses.map((one) => one.address), ...machine.behind];
  return wireOf(model, machine) === wire && own.some((one) => one === address);
}

/** What becomes of a real packet. */
async function send(lab: Lab, { journey, isAnswered }: Forecast): Promise<Fate> {
  const record: Record = { sent: 0, answered: 0, seenAs: undefined };
  try {
    await ping(lab.playground, journey, record, performance.now() + (isAnswered === true ? PATIENCE_MS : SILENCE_MS));
  } catch (error) {
    // What ICMP says of a packet that was dropped.
    if (!(error instanceof SystemError)) throw error;
  }
  return { seenAs: record.seenAs, isAnswered: record.answered > 0 };
}
