import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Collection } from '../intent/store/index.ts';
import type { Link } from './page-links.ts';

/**
 * The body of a list. One of several pieces is a stream that reads the next when there is room for it and others have had their
 * turn, so a long list holds nobody up and is never in memory as a whole.
 */
export function listText(collection: Collection, pieces: Iterable<string>, links: readonly Link[]): string | Readable {
  const [start, end] = [
    `{"${collection}":[`,
    `]${links.length === 0 ? '' : `,"${collection}_links":${JSON.stringify(links)}`}}`,
  ];
  const iterator = pieces[Symbol.iterator]();
  const [first, second] = [iterator.next(), iterator.next()];
  if (first.done === true) return `${start}${end}`;
  if (second.done === true) return `${start}${first.value}${end}`;
  return Readable.from(inTurns(`${start}${first.value},${second.value}`, iterator, end));
}

async function* inTurns(start: string, pieces: Iterator<string>, end: string): AsyncGenerator<string> {
  yield start;
  for (;;) {
    await setImmediate();
    const piece = pieces.next();
    if (piece.done === true) break;
    yield `,${piece.value}`;
  }
  yield end;
}
