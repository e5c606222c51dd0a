// Fuzzers of the short texts that people and the system give: addresses, names, and files in /proc.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { missingCapabilities, NEEDED_CAPABILITIES, openFilesLimit } from '../../src/cli/requirements/process.ts';
import { decodeUtf8 } from '../../src/intent/source-text.ts';
import {
  formatAddress,
  formatPrefix,
  networkOf,
  parseAddress,
  parseMac,
  parsePrefix,
} from '../../src/model/address.ts';
import { LINK_NAME_BYTES, parseLinkName, parseNamespaceName } from '../../src/model/names.ts';
import { quote } from '../../src/model/problem.ts';
import { errorsOf } from '../support/faults.ts';
import type { Fuzzer } from './fuzzer.ts';
import { fuzzer } from './fuzzer.ts';

const PIECES =
  '0 1 9 10 255 256 00 01 . : :: / /0 /24 /32 /33 /128 f ffff fe80 fa:16:3e - _ + e % x  \t \n \0 .. \u0660 \ud800 é'.split(
    ' ',
  );

const piecewise = fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((pieces) => pieces.join(''));
const anyText = fc.oneof(piecewise, fc.string({ unit: 'binary', maxLength: 300 }), fc.ipV4(), fc.ipV6());

function checkText(text: string): void {
  const address = parseAddress(text);
  if (address !== undefined) assert.equal(parseAddress(formatAddress(address)), address);
  const prefix = parsePrefix(text);
  if (prefix !== undefined) {
    assert.equal(networkOf(prefix.address, prefix.length), prefix.address);
    assert.deepEqual(parsePrefix(formatPrefix(prefix)), prefix);
  }
  const mac = parseMac(text);
  if (mac !== undefined) assert.match(mac, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  const link = parseLinkName(text);
  if (link !== undefined) assert(Buffer.byteLength(link) <= LINK_NAME_BYTES && !/[/:\s\0]/.test(link));
  const namespace = parseNamespaceName(text);
  if (namespace !== undefined) assert(!/[/\0]/.test(namespace) && namespace !== '.' && namespace !== '..');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(quote(text), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
}

const PROC = fc
  .array(
    fc.constantFrom('CapEff:\t', 'Max open files  ', '1fff', '000001ffffffffff', 'unlimited', ' 1024 ', '\n', 'zz'),
  )
  .map((pieces) => pieces.join(''));

function checkProc(text: string): void {
  for (const name of missingCapabilities(text)) assert(NEEDED_CAPABILITIES.includes(name));
  assert.equal(typeof openFilesLimit(text), 'number');
}

export function textFuzzers(): readonly Fuzzer[] {
  return [
    fuzzer('text: addresses and names', 5000, anyText, checkText),
    fuzzer('text: /proc', 1000, fc.oneof(PROC, anyText), checkProc),
    fuzzer('text: bytes that may be UTF-8', 2000, fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const { position } of errorsOf(() => decodeUtf8(bytes, 'fuzz'))) assert((position?.column ?? 0) > 0);
    }),
  ];
}
