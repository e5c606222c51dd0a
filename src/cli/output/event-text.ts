import type { AgentEvent } from '../agent/events.ts';
import { valueText } from '../resources/text.ts';
import { printable } from './printable.ts';
import type { Colors } from './terminal.ts';

const KIND_WIDTH = 8;

/** One line. `time`: as ISO 8601 has it. */
export function eventText(time: string, { kind, data }: AgentEvent, colors: Colors): string {
  const text = kind === 'intent' ? intentText(data) : valueText(data);
  return `${colors.dim(time)}  ${colors.bold(printable(kind).padEnd(KIND_WIDTH))}  ${printable(text)}\n`;
}

/** `update routers blue 5e6f…`: what it is called, and not all of its attributes. */
function intentText({ action, collection, id, resource }: AgentEvent['data']): string {
  const attributes = new Map(Object.entries(typeof resource === 'object' && resource !== null ? resource : {}));
  const name: unknown = attributes.get('floating_ip_address') ?? attributes.get('name');
  return [action, collection, name, id]
    .filter((word) => word !== undefined && word !== '')
    .map(String)
    .join(' ');
}
