// A plan at a glance: how many objects of each kind are made, changed and removed in each namespace.

import type { Operation, Plan } from '../host/plan.ts';
import { describe } from '../host/describe.ts';
import { namespaceText } from '../host/text.ts';
import { RECEIVED, SENT } from '../host/translation.ts';

type Sign = '+' | '~' | '-';

const WIDTH = 96;

/**
 * Under each namespace, for each sign, what is made, changed or removed: `  + 3 links, 1 route`; what
 * is a single object as `describe` has it. Ends with a new line.
 */
export function summarizePlan(plan: Plan): string {
  const operations = plan.steps.flatMap((step) => step.operations);
  const namespaces = Map.groupBy(operations, (operation) => operation.namespace);
  const parts = [...namespaces].map(([name, inside]) => {
    const signs = Map.groupBy(inside, signOf);
    return [
      namespaceText(name),
      ...[...signs].flatMap(([sign, some]) => linesOf(sign, some).map((line) => `  ${line}`)),
    ];
  });
  return parts
    .flat()
    .map((line) => `${line}\n`)
    .join('');
}

function linesOf(sign: Sign, operations: readonly Operation[]): readonly string[] {
  const [first] = operations;
  const described = operations.length === 1 && first !== undefined ? describe(first) : [];
  if (described.length === 1) return described;
  const counts = new Map<string, number>();
  for (const operation of operations) {
    const [noun, count] = sizeOf(operation);
    counts.set(noun, (counts.get(noun) ?? 0) + count);
  }
  const words = [...counts].map(([noun, count]) => (count === 1 ? `1 ${noun}` : `${count} ${plural(noun)}`));
  return wrapped(`${sign} ${words.join(', ')}`);
}

/** Breaks a line between words; what follows is indented. */
function wrapped(line: string): string[] {
  if (line.length <= WIDTH) return [line];
  const end = line.lastIndexOf(' ', WIDTH);
  return [line.slice(0, end), ...wrapped(`    ${line.slice(end + 1)}`)];
}

/** `rule` as `rules`, `NAT entry` as `NAT entries`. */
export function plural(noun: string): string {
  return noun
    .replace(/(s|sh)$/, '$1e')
    .replace(/ry$/, 'rie')
    .concat('s');
}

function signOf(operation: Operation): Sign {
  const [line = ''] = describe(operation);
  return line.startsWith('-') ? '-' : line.startsWith('~') ? '~' : '+';
}

const COUNTERS: ReadonlySet<string> = new Set([RECEIVED, SENT]);

/** What an operation makes, changes or removes, and how many of it. */
export function sizeOf(operation: Operation): readonly [noun: string, count: number] {
  switch (operation.kind) {
    case 'ruleset.define':
    case 'table.delete':
      return ['nftables table', 1];
    case 'elements.set':
    case 'elements.delete':
      return [COUNTERS.has(operation.set) ? 'counter' : 'NAT entry', operation.elements.length];
    case 'connections.flush':
      return ['connection flush', operation.others ? 1 : operation.fixed.length];
    case 'address.announce':
      return ['announcement', operation.addresses.length];
    default:
      return [operation.kind.replace(/\..*/, ''), 1];
  }
}
