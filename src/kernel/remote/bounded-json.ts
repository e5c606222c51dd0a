// JSON from a process that may have been taken over. `JSON.parse` has no bounds of its own: a text of some
// megabytes can nest a million deep or hold a million empty lists, each many times as large in memory.

import { ProtocolViolation } from './frames.ts';

export interface JsonBounds {
  /** How deep lists and objects may nest. */
  readonly depth: number;
  /** How many values there may be, about: brackets that open, and commas. */
  readonly values: number;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Parses the text if it is within bounds. Throws ProtocolViolation. */
export function parseBoundedJson(text: Buffer, bounds: JsonBounds): unknown {
  requireBounds(text, bounds);
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw new ProtocolViolation('a message that is not JSON');
  }
}

/** Looks at bytes alone: those of JSON's own signs are in no longer sequence of UTF-8. */
function requireBounds(text: Buffer, bounds: JsonBounds): void {
  let depth = 0;
  let values = 0;
  for (let offset = 0; offset < text.length; offset++) {
    switch (text[offset]) {
      case QUOTE:
        offset = endOfString(text, offset + 1);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        values++;
        depth++;
        if (depth > bounds.depth) throw new ProtocolViolation(`a message that nests deeper than ${bounds.depth}`);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        values++;
        break;
      default:
    }
  }
  if (values > bounds.values) throw new ProtocolViolation(`a message of more than ${bounds.values} values`);
}

/** Where the string that `start` is in has its last quote; the end of the text if it has none. */
function endOfString(text: Buffer, start: number): number {
  for (let offset = start; offset < text.length; offset++) {
    if (text[offset] === BACKSLASH) offset++;
    else if (text[offset] === QUOTE) return offset;
  }
  return text.length;
}
