// Our nftables table of a namespace, and the tables that are not ours.

import type { Ipv4Address } from '../../model/address.ts';
import type { Element } from '../plan.ts';
import type { AddressSet, Chain, Ruleset } from '../ruleset.ts';
import { chainText, statementsText } from '../text.ts';
import { FIXED, MARKED } from '../translation.ts';
import type { NamespaceDiff } from './namespace-diff.ts';

const EMPTY: Ruleset = { chains: new Map(), sets: new Map() };
const NO_ADDRESSES: ReadonlySet<Ipv4Address> = new Set();
const NO_TRANSLATIONS: ReadonlyMap<Ipv4Address, Ipv4Address> = new Map();

/**
 * Elements are set before others are deleted. A translation that goes is followed by the end of
 * the connections that used it, and only then does its fixed IP leave `marked`: should that be
 * interrupted, what is left there tells the next run that connections may be left too. Of a fixed IP that has
 * got another floating IP it does not: a run after one that did not end well looks for all.
 */
export function diffRuleset(diff: NamespaceDiff): void {
  const { namespace, actual, wanted, plan } = diff;
  for (const table of [...actual.otherTables].sort()) {
    if (!wanted.otherTables.has(table)) plan.unmake(namespace, 'tables', { kind: 'table.delete', namespace, table });
  }
  const before = actual.ruleset ?? EMPTY;
  const after = wanted.ruleset ?? EMPTY;
  if (before === after && !diff.isUnfinished) return;
  const isSame = sameStructure(before, after);
  const start = isSame ? before : redefine(diff, before, after);
  let isKept = isSame && addresses(before, MARKED).size <= translations(before, FIXED).size;
  for (const [name, set] of after.sets) {
    const allKept =
      set.kind === 'map'
        ? diffMap(diff, name, translations(start, name), set.elements)
        : diffSet(diff, name, addresses(start, name), set.elements);
    if (!allKept) isKept = false;
  }
  const others = diff.isUnfinished && before.sets.has(FIXED);
  const now = translations(after, FIXED);
  const flushed = others ? [...now.keys()] : isKept ? [] : staleFixed(before, after);
  if (flushed.length === 0 && !others) return;
  const fixed = flushed.map((address) => ({ fixed: address, floating: now.get(address) }));
  plan.unmake(namespace, 'connections', { kind: 'connections.flush', namespace, fixed, others });
}

/** Fixed IPs with connections that may still be translated as they no longer should be. */
function staleFixed(before: Ruleset, after: Ruleset): Ipv4Address[] {
  const stale = new Set<Ipv4Address>();
  const fixedBefore = translations(before, FIXED);
  const fixed = translations(after, FIXED);
  fixedBefore.forEach((floating, address) => {
    if (fixed.get(address) !== floating) stale.add(address);
  });
  const marked = addresses(after, MARKED);
  addresses(before, MARKED).forEach((address) => {
    // Marked and not translated: a run was interrupted that had connections to end.
    const isLeftOver = fixed.has(address) && !fixedBefore.has(address);
    if (!marked.has(address) || isLeftOver) stale.add(address);
  });
  return [...stale].sort((a, b) => a - b);
}

/**
 * Gives the table the chains and sets that it should have; answers what the sets hold then. What an earlier version of
 * Buoy made, with fewer of them or other rules, is added to in one transaction, and its sets keep what
 * is in them: no packet meets a table that is half full. What has other things is made anew, and then `marked` holds, still, what is stale.
 */
function redefine({ namespace, plan }: NamespaceDiff, before: Ruleset, after: Ruleset): Ruleset {
  const replace = !isPartOf(before, after);
  const kinds = new Map([...after.sets].map(([name, { kind }]) => [name, kind]));
  plan.make(namespace, 'chains', { kind: 'ruleset.define', namespace, chains: after.chains, sets: kinds, replace });
  if (!replace) return before;
  const stale = staleFixed(before, after);
  if (stale.length === 0 || kinds.get(MARKED) !== 'set') return EMPTY;
  plan.make(namespace, 'elements', { kind: 'elements.set', namespace, set: MARKED, elements: stale.map(member) });
  return { chains: after.chains, sets: new Map([[MARKED, { kind: 'set', elements: new Set(stale) }]]) };
}

type Translations = ReadonlyMap<Ipv4Address, Ipv4Address>;

/** Answers whether all that was there stays, unchanged. */
function diffMap({ namespace, plan }: NamespaceDiff, set: string, before: Translations, after: Translations): boolean {
  const changed: Element[] = [];
  let same = 0;
  let found = 0;
  after.forEach((value, key) => {
    const there = before.get(key);
    if (there !== undefined) found++;
    if (there === value) same++;
    else changed.push({ key, value, before: there });
  });
  if (changed.length > 0) plan.make(namespace, 'elements', { kind: 'elements.set', namespace, set, elements: changed });
  if (found === before.size) return same === before.size;
  const unwanted = [...before].filter(([key]) => !after.has(key)).map(([key, value]) => ({ key, value }));
  const elements = unwanted.sort((a, b) => a.key - b.key);
  plan.unmake(namespace, 'translations', { kind: 'elements.delete', namespace, set, elements });
  return false;
}

type Addresses = ReadonlySet<Ipv4Address>;

/** Answers whether all that was there stays. */
function diffSet({ namespace, plan }: NamespaceDiff, set: string, before: Addresses, after: Addresses): boolean {
  const missing: Element[] = [];
  let found = 0;
  after.forEach((key) => {
    if (before.has(key)) found++;
    else missing.push(member(key));
  });
  if (missing.length > 0) plan.make(namespace, 'elements', { kind: 'elements.set', namespace, set, elements: missing });
  if (found === before.size) return true;
  const unwanted = [...before].filter((key) => !after.has(key)).sort((a, b) => a - b);
  plan.unmake(namespace, 'elements', { kind: 'elements.delete', namespace, set, elements: unwanted.map(member) });
  return false;
}

function member(key: Ipv4Address): Element {
  return { key, value: undefined };
}

function translations(ruleset: Ruleset, name: string): Translations {
  const set = ruleset.sets.get(name);
  return set?.kind === 'map' ? set.elements : NO_TRANSLATIONS;
}

function addresses(ruleset: Ruleset, name: string): Addresses {
  const set = ruleset.sets.get(name);
  return set === undefined || set.kind === 'map' ? NO_ADDRESSES : set.elements;
}

/** Whether all chains and sets of one are in the other, whatever rules and elements they have. */
function isPartOf(part: Ruleset, whole: Ruleset): boolean {
  const hasChain = ([name, chain]: [string, Chain]): boolean => {
    const other = whole.chains.get(name);
    return other !== undefined && chainText(name, other) === chainText(name, chain);
  };
  const hasSet = ([name, { kind }]: [string, AddressSet]): boolean => whole.sets.get(name)?.kind === kind;
  return [...part.chains].every(hasChain) && [...part.sets].every(hasSet);
}

/** Whether both have the same chains, with the same rules, and the same sets, whatever is in them. */
function sameStructure(a: Ruleset, b: Ruleset): boolean {
  const sameChain = ([name, chain]: [string, Chain]): boolean => {
    const other = a.chains.get(name);
    return other === chain || (other !== undefined && structureText(name, other) === structureText(name, chain));
  };
  return (
    a.chains.size === b.chains.size &&
    a.sets.size === b.sets.size &&
    [...b.chains].every(sameChain) &&
    [...b.sets].every(([name, { kind }]) => a.sets.get(name)?.kind === kind)
  );
}

function structureText(name: string, chain: Chain): string {
  return [chainText(name, chain), ...chain.rules.map(statementsText)].join('\n');
}
