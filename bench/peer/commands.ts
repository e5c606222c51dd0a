// What a program that starts ip(8), nft(8) and sysctl(8) would start, and say to them, to do the
// operations of a plan: each is started once for all that it has to do in a row in one namespace.
// Gratuitous ARP is left out, as none of them sends it.

import { formatAddress, formatIpv4, formatPrefix, isIpv4 } from '../../src/model/address.ts';
import { HOST } from '../../src/model/names.ts';
import type { Operation, Plan } from '../../src/host/plan.ts';
import type { AddressSet } from '../../src/host/ruleset.ts';
import { TABLE_NAME } from '../../src/host/ruleset.ts';
import type { Link } from '../../src/host/state.ts';
import { chainText, ruleText, statementsText } from '../../src/host/text.ts';
import { ownerMark } from '../../src/host/mark.ts';
import { INSTANCE } from '../models.ts';
import { CommandDraft } from './command-draft.ts';
import type { PeerCommand } from './command-draft.ts';

/** Without privileges on the machine, the netlink socket of nft(8) takes no more at a time. */
const ELEMENTS_AT_ONCE = 4000;

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

/** Throws for an operation that making something from nothing does not take. */
export function commandsFor(plan: Plan): PeerCommand[] {
  const draft = new CommandDraft();
  for (const { operations } of plan.steps) {
    for (const operation of operations) add(draft, operation);
    draft.endStep();
  }
  return draft.finish();
}

function add(draft: CommandDraft, operation: Operation): void {
  const { namespace } = operation;
  switch (operation.kind) {
    case 'namespace.create':
      return draft.createNamespace(namespace);
    case 'sysctl.set':
      return draft.sysctl(namespace, `${operation.name}=${operation.value}`);
    case 'link.create':
      return addPair(draft, operation);
    case 'link.change':
      return changeLink(draft, operation);
    case 'address.add': {
      const { link, address, length } = operation.address;
      return draft.ip(
        namespace,
        `address add ${formatAddress(address)}/${length} ${isIpv4(address) ? 'brd +' : 'nodad'} dev ${link}`,
      );
    }
    case 'route.set': {
      const { table, destination, hop } = operation;
      const gateway = hop.gateway === undefined ? '' : `via ${formatAddress(hop.gateway)} `;
      return draft.ip(
        namespace,
        `route replace ${formatPrefix(destination)} ${gateway}dev ${hop.link} table ${table} proto ${hop.protocol}`,
      );
    }
    case 'rule.add':
      return addRule(draft, operation);
    case 'neighbour.set': {
      const { link, address, mac } = operation.neighbour;
      return draft.ip(namespace, `neighbour replace ${formatAddress(address)} lladdr ${mac} dev ${link} nud permanent`);
    }
    case 'ruleset.define':
      return define(draft, operation);
    case 'elements.set':
      return setElements(draft, operation);
    case 'address.announce':
      return;
    default:
      throw new Error(`no command for ${operation.kind}`);
  }
}

/** From the end in HOST, where one is, as Neutron does it. */
function addPair(draft: CommandDraft, { namespace, link, peer }: Of<'link.create'>): void {
  const { kind } = link;
  if (kind.type !== 'veth' || kind.peer === undefined || peer === undefined)
    throw new Error(`no command for a link of kind ${kind.type}`);
  const ends = [
    { namespace, link },
    { namespace: kind.peer.namespace, link: peer },
  ] as const;
  const [near, far] = kind.peer.namespace === HOST ? ([ends[1], ends[0]] as const) : ends;
  const inNamespace = far.namespace === HOST ? '' : ` netns ${far.namespace}`;
  draft.ip(
    near.namespace,
    `link add ${endWords(near.link, draft.nextIndex())} type veth peer ${endWords(far.link, draft.nextIndex())}${inNamespace}`,
  );
  draft.ip(near.namespace, `link set ${near.link.name} ${settingWords(near.link)}`);
  draft.ipBeforeOthers(far.namespace, `link set ${far.link.name} ${settingWords(far.link)}`);
}

function endWords({ name, mac, mtu }: Link, index: number): string {
  return `name ${name} index ${index} address ${mac} mtu ${mtu}`;
}

function settingWords({ master, alias, up }: Link): string {
  const words = master === undefined ? [] : ['master', master];
  if (alias !== undefined) words.push('alias', JSON.stringify(alias));
  return [...words, up ? 'up' : 'down'].join(' ');
}

function changeLink(draft: CommandDraft, { namespace, link, before }: Of<'link.change'>): void {
  if (link.mac !== before.mac || link.mtu !== before.mtu) throw new Error('no command for another MAC address or MTU');
  draft.ipBeforeOthers(namespace, `link set ${link.name} ${settingWords(link)}`);
}

function addRule(draft: CommandDraft, { namespace, rule }: Of<'rule.add'>): void {
  const words = ruleText(rule).split(' ').slice(1);
  const [priority = ''] = words;
  draft.ip(namespace, ['rule add priority', priority.replace(':', ''), ...words.slice(1)].join(' '));
}

const SET_BODIES: Readonly<Record<AddressSet['kind'], string>> = {
  set: 'type ipv4_addr;',
  map: 'type ipv4_addr : ipv4_addr;',
  counters: 'type ipv4_addr; counter;',
};

function define(draft: CommandDraft, { namespace, chains, sets }: Of<'ruleset.define'>): void {
  draft.nft(namespace, `add table ip ${TABLE_NAME} { comment "${ownerMark(INSTANCE)}"; }`);
  for (const [name, kind] of sets)
    draft.nft(namespace, `add ${kind === 'map' ? kind : 'set'} ip ${TABLE_NAME} ${name} { ${SET_BODIES[kind]} }`);
  for (const [name, chain] of chains) {
    draft.nft(namespace, `add ${chainText(`ip ${TABLE_NAME} ${name}`, chain).replace(' }', '; }')}`);
    for (const rule of chain.rules) draft.nft(namespace, `add rule ip ${TABLE_NAME} ${name} ${statementsText(rule)}`);
  }
}

function setElements(draft: CommandDraft, { namespace, set, elements }: Of<'elements.set'>): void {
  for (let start = 0; start < elements.length; start += ELEMENTS_AT_ONCE) {
    if (start > 0) draft.startAnew();
    const words = elements
      .slice(start, start + ELEMENTS_AT_ONCE)
      .map(({ key, value }) => formatIpv4(key) + (value === undefined ? '' : ` : ${formatIpv4(value)}`));
    draft.nft(namespace, `add element ip ${TABLE_NAME} ${set} { ${words.join(', ')} }`);
  }
  if (elements.length > ELEMENTS_AT_ONCE) draft.startAnew();
}
