// A trace as a person reads it: one line for each arrival in a namespace, and below it one for each
// thing that happens to the packet there, in the words of ip(8) and nft(8).

import type { IpAddress } from '../../model/address.ts';
import { formatAddress, formatIpv4 } from '../../model/address.ts';
import type { LinkEnd } from '../state.ts';
import { linkEndText, namespaceText, neighbourText, routeText, ruleText, tableText } from '../text.ts';
import type { Addresses, Connection, Doubt, Drop, Outcome, Step, Trace } from './result.ts';

/** One line for each step and a last one for the outcome, each with its newline. */
export function formatTrace({ steps, outcome, packet }: Trace): string {
  const lines = [...steps.map(stepText), `${outcomeText(outcome)}: ${packetText(packet)}`];
  return lines.map((line) => `${line}\n`).join('');
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'answer': {
      const answer = `${linkEndText(step.port)} answers${step.as === 'proxy' ? ' by proxy' : ''}`;
      return `  who has ${formatAddress(step.address)} on ${step.where}? ${answer}`;
    }
    case 'arrival':
      return `${namespaceText(step.at.namespace)}: in by ${step.at.link}: ${packetText(step.packet)}`;
    case 'notrack':
      return `  chain ${step.chain}: notrack`;
    case 'mark':
      return `  chain ${step.chain}: mark 0x${step.mark.toString(16)}`;
    case 'translation': {
      const { by, what, before, after } = step;
      return `  ${translatorText(by)}: ${what} ${formatIpv4(before)} → ${formatIpv4(after)}`;
    }
    case 'rule':
      return `  ${ruleText(step.rule)}`;
    case 'route':
      return `  ${routeText(step.table, step.destination, step.hop)}`;
    case 'neighbour':
      return `  ${neighbourText(step.neighbour)}`;
  }
}

function translatorText(by: string | Connection): string {
  return typeof by === 'string' ? `chain ${by}` : `connection ${packetText(by.original)}`;
}

export function packetText({ source, destination }: { source: IpAddress; destination: IpAddress } | Addresses): string {
  return `${formatAddress(source)} > ${formatAddress(destination)}`;
}

/** What became of the packet, in words without its addresses. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'sent':
      return `sent from ${linkEndText(outcome.from)} on ${outcome.wire} to ${formatAddress(outcome.to)}`;
    case 'local':
      return `received by ${namespaceText(outcome.namespace)} itself`;
    case 'dropped':
      return `dropped${whereText(outcome)}, ${dropText(outcome.why)}`;
    case 'unclear':
      return `not known${whereText(outcome)}, ${doubtText(outcome.why)}`;
  }
}

function whereText({ where }: Extract<Outcome, { kind: 'dropped' | 'unclear' }>): string {
  return where === undefined ? '' : ` in ${namespaceText(where)}`;
}

function dropText(why: Drop): string {
  switch (why.kind) {
    case 'no link':
      return `there is no link ${linkEndText(why.port)}`;
    case 'down':
      return `link ${linkEndText(why.port)} is down`;
    case 'no bridge':
      return `link ${linkEndText(why.port)} is no port of a bridge`;
    case 'leads elsewhere':
      return `link ${linkEndText(why.port)} leads to nothing of Buoy's`;
    case 'no answer':
      return `nobody answers for ${formatAddress(why.address)} on ${why.where}`;
    case 'wrong mac':
      return `link ${linkEndText(why.port)} has not the address ${why.mac}`;
    case 'too big':
      return `too big for link ${linkEndText(why.port)} with mtu ${why.mtu}`;
    case 'martian source':
      return `martian source ${formatAddress(why.source)}`;
    case 'reverse path':
      return `rp_filter of ${why.link} finds no way back`;
    case 'broadcast':
      return `${formatAddress(why.address)} is a broadcast address`;
    case 'not forwarding':
      return 'the namespace does not forward';
    case 'no route':
      return `no route to ${formatAddress(why.destination)} in tables ${why.tables.map(tableText).join(', ')}`;
    case 'refused':
      return `${why.type} route to ${formatAddress(why.destination)}`;
    case 'loop':
      return 'in a loop';
  }
}

function doubtText(why: Doubt): string {
  switch (why.kind) {
    case 'conflict':
      return `${why.ports.map((port: LinkEnd) => linkEndText(port)).join(' and ')} answer for ${formatAddress(why.address)}`;
    case 'foreign rule':
      return `${ruleText(why.rule)}, which is not Buoy's`;
    case 'foreign statement':
      return `chain ${why.chain} has ${why.text}, which is not Buoy's`;
  }
}
