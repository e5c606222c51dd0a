// Plans as a person reads them: `+` for what is made, `~` for what changes, with before and after,
// `-` for what goes.

import { formatIpv4 } from '../model/address.ts';
import type { NamespaceName } from '../model/names.ts';
import type { Element, Operation, Plan } from './plan.ts';
import { TABLE_NAME } from './ruleset.ts';
import {
  addressText,
  linkChangeText,
  linkPairText,
  linkText,
  namespaceText,
  neighbourText,
  routeChangeText,
  routeText,
  ruleText,
} from './text.ts';

/** A plan's operations in their order, under the namespace that each is for. Empty for an empty plan. */
export function describePlan(plan: Plan): string {
  const lines: string[] = [];
  let current: NamespaceName | undefined;
  for (const operation of plan.steps.flatMap((step) => step.operations)) {
    if (operation.namespace !== current) {
      current = operation.namespace;
      lines.push(namespaceText(current));
    }
    for (const line of describe(operation)) lines.push(`  ${line}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * One operation, without its namespace. One line; for elements, connections and announcements, one
 * line each.
 */
export function describe(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'namespace.create':
      return ['+ namespace'];
    case 'namespace.delete':
      return ['- namespace, with all that is in it'];
    case 'sysctl.set': {
      const { name, value, before } = operation;
      return [before === undefined ? `+ sysctl ${name} = ${value}` : `~ sysctl ${name} = ${before} → ${value}`];
    }
    case 'link.create': {
      const { link, peer } = operation;
      return [`+ ${peer === undefined ? linkText(link) : linkPairText(link, peer)}`];
    }
    case 'link.change':
      return [`~ ${linkChangeText(operation.before, operation.link)}`];
    case 'link.delete':
      return [`- link ${operation.link}`];
    case 'address.add':
      return [`+ ${addressText(operation.address)}`];
    case 'address.delete':
      return [`- ${addressText(operation.address)}`];
    case 'route.set': {
      const { table, destination, hop, before } = operation;
      if (before === undefined) return [`+ ${routeText(table, destination, hop)}`];
      return [`~ ${routeChangeText(table, destination, before, hop)}`];
    }
    case 'route.delete':
      return [`- ${routeText(operation.table, operation.destination, operation.hop)}`];
    case 'rule.add':
      return [`+ ${ruleText(operation.rule)}`];
    case 'rule.delete':
      return [`- ${ruleText(operation.rule)}`];
    case 'neighbour.set': {
      const { neighbour, before } = operation;
      if (before === undefined) return [`+ ${neighbourText(neighbour)}`];
      return [`~ ${neighbourText(before)} → ${neighbour.mac}`];
    }
    case 'neighbour.delete':
      return [`- ${neighbourText(operation.neighbour)}`];
    case 'ruleset.define':
      return [rulesetLine(operation)];
    case 'elements.set':
      return operation.elements.map((element) => elementLine(operation.set, element));
    case 'elements.delete':
      return operation.elements.map(({ key, value }) => `- ${elementText(operation.set, key, value)}`);
    case 'table.delete':
      return [`- table ${operation.table}`];
    case 'connections.flush':
      if (operation.others) return ['- connections that are translated otherwise than now'];
      return operation.fixed.map(({ fixed, floating }) => {
        const others = floating === undefined ? '' : ` other than as ${formatIpv4(floating)}`;
        return `- connections of ${formatIpv4(fixed)}${others}`;
      });
    case 'address.announce':
      return operation.addresses.map((address) => `+ announce ${formatIpv4(address)} on ${operation.link}`);
  }
}

function rulesetLine({ chains, sets, replace }: Extract<Operation, { kind: 'ruleset.define' }>): string {
  const names = [`chains ${[...chains.keys()].join(', ') || 'none'}`, `sets ${[...sets.keys()].join(', ') || 'none'}`];
  return `${replace ? '~' : '+'} table ip ${TABLE_NAME}: ${names.join('; ')}`;
}

function elementLine(set: string, { key, value, before }: Element): string {
  if (before === undefined) return `+ ${elementText(set, key, value)}`;
  return `~ ${elementText(set, key, before)} → ${value === undefined ? 'none' : formatIpv4(value)}`;
}

function elementText(set: string, key: Element['key'], value: Element['value']): string {
  return `element ${set} ${formatIpv4(key)}${value === undefined ? '' : ` : ${formatIpv4(value)}`}`;
}
