// What was sent and what came back, as a table: one line a journey, one column a protocol.

import type { Ipv4Address } from '../model/address.ts';
import { formatAddress } from '../model/address.ts';
import type { ProbeResult } from './probe.ts';
import { PROTOCOLS } from './probe.ts';

const HEADINGS = ['', 'from', 'to', 'seen as', ...PROTOCOLS.map((protocol) => protocol.toUpperCase()), ''];
const GAP = '  ';

/**
 * `results` in the order of journeys, those of one journey next to each other. The cells say how
 * many messages were answered of how many. Ends with a new line.
 */
export function probeTable(results: readonly ProbeResult[]): string {
  const journeys = Map.groupBy(results, (result) => result.journey);
  const rows = [...journeys.values()].map(row);
  const widths = HEADINGS.map((_, column) =>
    Math.max(...[HEADINGS, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const text = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return [HEADINGS, ...rows].map((cells) => `${text(cells)}\n`).join('');
}

function row(results: readonly ProbeResult[]): string[] {
  const [first] = results;
  if (first === undefined) return [];
  const { way, from, to, target } = first.journey;
  const cells = PROTOCOLS.map((protocol) => {
    const result = results.find((one) => one.protocol === protocol);
    return result === undefined ? '' : `${result.answered}/${result.sent}`;
  });
  const goal =
    target === undefined || target.address === to ? formatAddress(to) : `${formatAddress(to)} → ${target.machine.name}`;
  const trouble = results
    .filter((result) => !result.ok)
    .map(({ protocol, detail }) => `${protocol.toUpperCase()} ${detail}`);
  return [way, from.name, goal, seenAs(results), ...cells, trouble.length === 0 ? '✓' : `✗ ${trouble.join('; ')}`];
}

function seenAs(results: readonly ProbeResult[]): string {
  const seen = new Set(results.map((result) => result.seenAs));
  return [...seen]
    .map((address: Ipv4Address | undefined) => (address === undefined ? 'nobody' : formatAddress(address)))
    .join(', ');
}
