// The very bytes that are sent, message by message, beside golden/router.txt. What they mean to a
// kernel is tested in ruleset.kernel.test.ts; here, a change of any byte shows where it is.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { MessageBatch } from '../../../src/netlink/message.ts';
import {
  addTable,
  beginTransaction,
  deleteElements,
  deleteTable,
  endTransaction,
  setElements,
} from '../../../src/netlink/nftables/index.ts';
import { hexDump } from '../../support/hex.ts';
import { messagesIn } from '../scripted-socket.ts';
import { EXAMPLE, ipv4 } from './example.ts';
import { transaction, writeRuleset } from './write.ts';

const NAMES = new Map([
  [0x10, 'BATCH_BEGIN'],
  [0x11, 'BATCH_END'],
  [0xa00, 'NEWTABLE'],
  [0xa02, 'DELTABLE'],
  [0xa03, 'NEWCHAIN'],
  [0xa06, 'NEWRULE'],
  [0xa08, 'DELRULE'],
  [0xa09, 'NEWSET'],
  [0xa0c, 'NEWSETELEM'],
  [0xa0e, 'DELSETELEM'],
]);

function textOf(batch: MessageBatch): string {
  return messagesIn(batch.bytes)
    .map(({ type, buffer, start, end }) => `${NAMES.get(type)}\n${hexDump(buffer.subarray(start - 16, end))}`)
    .join('\n');
}

test('a router with one floating IP', () => {
  const batch = transaction((messages) => {
    deleteTable(messages, 'inet firewall');
    writeRuleset(messages, 'host1', EXAMPLE);
    setElements(messages, 'floating', [
      { key: ipv4('203.0.113.5'), value: ipv4('10.0.0.6'), before: ipv4('10.0.0.5') },
    ]);
    deleteElements(messages, 'marked', [{ key: ipv4('10.0.0.5'), value: undefined }]);
  });
  const golden = readFileSync(new URL('golden/router.txt', import.meta.url), 'utf8');
  expect(textOf(batch)).toBe(golden);
});

test('what follows a transaction in a batch would be lost, so nothing may', () => {
  const batch = transaction((messages) => addTable(messages, 'host1'));
  expect(() => beginTransaction(batch)).toThrow('first');
  batch.clear();
  beginTransaction(batch);
  endTransaction(batch);
  expect(batch.count).toBe(2);
});
