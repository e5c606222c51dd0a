import { RequestError } from './request-error.ts';

/** What a body holds: undefined for an empty one. Throws a RequestError 400 for what is no JSON in UTF-8, or nests too deep. */
export function parseBody(bytes: Buffer, mostDepth: number): unknown {
  if (bytes.length === 0) return undefined;
  const text = decode(bytes);
  checkDepth(text, mostDepth);
  try {
    return JSON.parse(text, refusePrototypes);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError(400, 'The body is not valid JSON.');
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RequestError(400, 'The body is not valid UTF-8.');
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Before parsing, so that nothing of what follows, in here or in the store, ever recurses deep. In one pass: a pattern
 * for strings would begin anew at each quote of one that does not end.
 */
function checkDepth(text: string, most: number): void {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString && code === BACKSLASH) at += 1;
    else if (code === QUOTE) isInString = !isInString;
    else if (isInString) continue;
    else if (CLOSING.has(code)) depth -= 1;
    else if (OPENING.has(code)) depth += 1;
    if (depth > most) throw new RequestError(400, `The body nests deeper than ${most} levels.`);
  }
}

/** `JSON.parse` itself makes `__proto__` a harmless own key; whoever copies the object would make it more. */
function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new RequestError(400, 'The body has a key __proto__.');
  return value;
}
