// Names in a directory like /run/netns, and what lies there that is not ours.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { parseNamespaceName } from '../../../src/model/names.ts';
import {
  claimName,
  isLeftover,
  isNamespace,
  listNames,
  prepareDirectory,
  releaseName,
} from '../../../src/kernel/linux/namespace-name.ts';
import { call } from '../../../src/sys/libc.ts';
import { must } from '../../support/must.ts';

const MARK = 'buoy test';
const MS_BIND = 4096;
const router = must(parseNamespaceName('qrouter-1'));
let directory: string;

beforeEach(() => {
  directory = join(mkdtempSync('/run/names-'), 'netns');
  prepareDirectory(directory);
});

test('a directory can be prepared again', () => {
  prepareDirectory(directory);
  expect(readdirSync(directory)).toEqual([]);
});

test('only names with our prefixes are looked at', () => {
  for (const name of ['qrouter-1', 'fip-2', 'snat-3', 'web', 'qdhcp-4']) writeFileSync(join(directory, name), '');
  expect(listNames(directory)).toEqual(['fip-2', 'qrouter-1', 'snat-3']);
  expect(listNames(join(directory, 'nowhere'))).toEqual([]);
});

test('a claimed name says whose it is until a namespace is mounted over it, and is gone once released', () => {
  const path = join(directory, router);
  claimName(directory, router, MARK);
  expect(readFileSync(path, 'utf8')).toBe(MARK);
  expect(isLeftover(directory, router, MARK)).toBe(true);
  expect(isLeftover(directory, router, 'buoy other')).toBe(false);
  call('mount', '/proc/self/ns/net', path, 'none', MS_BIND, null);
  expect(isNamespace(path)).toBe(true);
  expect(isLeftover(directory, router, MARK)).toBe(false);
  releaseName(directory, router);
  expect(existsSync(path)).toBe(false);
  releaseName(directory, router);
});

test('a name that somebody has cannot be claimed', () => {
  writeFileSync(join(directory, router), 'theirs');
  expect(() => claimName(directory, router, MARK)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  expect(readFileSync(join(directory, router), 'utf8')).toBe('theirs');
  expect(readdirSync(directory)).toEqual([router]);
});

test('folders and dangling links under our prefixes are no leftovers of ours', () => {
  mkdirSync(join(directory, 'qrouter-folder'));
  symlinkSync('/nowhere', join(directory, 'qrouter-link'));
  for (const name of listNames(directory)) expect(isLeftover(directory, name, MARK)).toBe(false);
});
