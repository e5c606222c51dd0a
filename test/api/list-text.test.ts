// Bodies of lists, made of pieces.

import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { listText } from '../../src/api/list-text.ts';

const links = [{ rel: 'next', href: 'http://h/v2.0/ports?marker=1' }] as const;

test.each([
  [[], { ports: [] }],
  [['1,2'], { ports: [1, 2] }],
])('%j is said at once', (pieces, expected) => {
  const body = listText('ports', pieces, []);
  expect(typeof body === 'string' && JSON.parse(body)).toEqual(expected);
});

test('between the pieces of a long list, others have their turn', async () => {
  let turn = 0;
  const next = (): void => {
    turn += 1;
    if (turn < 100) setImmediate(next);
  };
  setImmediate(next);
  const turns: number[] = [];
  function* pieces(): Generator<string> {
    for (let piece = 0; piece < 6; piece++) {
      turns.push(turn);
      yield String(piece);
    }
  }
  const body = listText('ports', pieces(), links);
  if (typeof body === 'string') throw new Error('it is said at once');
  expect(JSON.parse(await text(body))).toEqual({ ports: [0, 1, 2, 3, 4, 5], ports_links: links });
  // Two are read to know that it is long.
  expect(new Set(turns.slice(1)).size).toBe(5);
});

test('what fails on the way ends the body without its end', async () => {
  function* pieces(): Generator<string> {
    yield '1';
    yield '2';
    throw new Error('the disk is gone');
  }
  const body = listText('ports', pieces(), []);
  if (typeof body === 'string') throw new Error('it is said at once');
  await expect(text(body)).rejects.toThrow('the disk is gone');
});
