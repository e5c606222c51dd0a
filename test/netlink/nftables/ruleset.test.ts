// A ruleset is read in several answers; this is what happens when they do not belong together.

import { expect, test } from 'vitest';
import type { MessageBatch } from '../../../src/netlink/message.ts';
import { readRuleset } from '../../../src/netlink/nftables/index.ts';
import { NetlinkError } from '../../../src/netlink/socket.ts';
import { ScriptedSocket } from '../scripted-socket.ts';

const NEWCHAIN = 0x0a03;
const GETCHAIN = 0x0a04;
const NEWRULE = 0x0a06;
const GETRULE = 0x0a07;
const NEWSET = 0x0a09;
const GETSET = 0x0a0a;
const NEWSETELEM = 0x0a0c;
const GETSETELEM = 0x0a0d;

const OWN = { comment: 'host1', flags: 0 };

function header(batch: MessageBatch, type: number, generation: number): void {
  batch.begin(type, 0);
  batch.u8(2).u8(0).be16(generation);
}

const chain = (generation: number, table: string, name: string) => (batch: MessageBatch) => {
  header(batch, NEWCHAIN, generation);
  batch.attributeString(1, table).attributeString(3, name).attributeString(7, 'nat').attributeBe32(5, 1);
  const hook = batch.beginNested(4);
  batch.attributeBe32(1, 4).attributeBe32(2, -5);
  batch.endNested(hook);
  batch.end();
};

const emptyRule = (generation: number) => (batch: MessageBatch) => {
  header(batch, NEWRULE, generation);
  batch.attributeString(1, 'buoy').attributeString(2, 'a');
  batch.end();
};

test('answers of two generations are asked for again', () => {
  const socket = new ScriptedSocket();
  socket.dumps.set(GETCHAIN, [chain(1, 'buoy', 'a'), chain(2, 'buoy', 'b'), chain(3, 'buoy', 'a')]);
  socket.dumps.set(GETRULE, [emptyRule(2), emptyRule(3)]);
  expect(readRuleset(socket, OWN)).toEqual({
    chains: new Map([['a', { type: 'nat', hook: 'postrouting', priority: -5, rules: [[]] }]]),
    sets: new Map(),
  });
});

test('a ruleset that never rests is an error', () => {
  const socket = new ScriptedSocket();
  socket.dumps.set(GETCHAIN, [chain(1, 'buoy', 'a')]);
  socket.dumps.set(GETRULE, [emptyRule(2)]);
  expect(() => readRuleset(socket, OWN)).toThrow(NetlinkError);
});

test('chains of other tables are not ours', () => {
  const socket = new ScriptedSocket();
  socket.dumps.set(GETCHAIN, [
    (batch) => {
      chain(1, 'filter', 'a')(batch);
      chain(1, 'buoy', 'b')(batch);
    },
  ]);
  expect([...readRuleset(socket, OWN).chains.keys()]).toEqual(['b']);
});

test('in a table that sleeps, no chain is what it says', () => {
  const socket = new ScriptedSocket();
  socket.dumps.set(GETCHAIN, [chain(1, 'buoy', 'a')]);
  expect([...readRuleset(socket, { ...OWN, flags: 1 }).chains.keys()]).toEqual(['a (in a table with flags 1)']);
});

test('a set of which the kernel tells nothing but its name is none of ours', () => {
  const socket = new ScriptedSocket();
  socket.dumps.set(GETSET, [
    (batch) => {
      header(batch, NEWSET, 1);
      batch.attributeString(2, 'marked');
      batch.end();
    },
  ]);
  expect([...readRuleset(socket, OWN).sets.keys()]).toEqual([
    'marked (flags 0 key type 0 of 0 bytes, data type 0 of 0, size 0)',
  ]);
});

test('elements are read again when the kernel has reordered them meanwhile', () => {
  const set = (batch: MessageBatch) => {
    header(batch, NEWSET, 1);
    batch.attributeString(2, 'marked').attributeBe32(4, 7).attributeBe32(5, 4);
    batch.end();
  };
  const keys =
    (...values: number[]) =>
    (batch: MessageBatch) => {
      header(batch, NEWSETELEM, 1);
      const list = batch.beginNested(3);
      for (const value of values) {
        const element = batch.beginNested(1);
        const key = batch.beginNested(1);
        batch.attributeBe32(1, value);
        batch.endNested(key);
        batch.endNested(element);
      }
      batch.endNested(list);
      batch.end();
    };
  const socket = new ScriptedSocket();
  socket.dumps.set(GETSET, [set]);
  socket.dumps.set(GETSETELEM, [keys(1, 2, 1), keys(3, 2, 1)]);
  expect(readRuleset(socket, OWN).sets.get('marked')?.elements).toEqual(new Set([3, 2, 1]));
});
