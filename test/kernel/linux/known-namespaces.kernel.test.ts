// The kernel gives the number of a namespace that has ended to the next one. What is told under it is of either.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownerMark } from '../../../src/host/mark.ts';
import type { Disturbance } from '../../../src/kernel/disturbance.ts';
import { placesOf } from '../../../src/kernel/disturbance.ts';
import { prepareDirectory } from '../../../src/kernel/linux/namespace-name.ts';
import { Namespaces } from '../../../src/kernel/linux/namespaces.ts';
import { HostWatch } from '../../../src/kernel/linux/watch/host-watch.ts';
import type { NamespaceName } from '../../../src/model/names.ts';
import { parseNamespaceName } from '../../../src/model/names.ts';
import { Descriptor, O } from '../../../src/sys/descriptor.ts';
import { enterFreshNamespace } from '../../support/fresh-namespace.ts';
import { must } from '../../support/must.ts';

const A = must(parseNamespaceName('qrouter-a'));
const B = must(parseNamespaceName('qrouter-b'));
const MARK = ownerMark('test');
const HOST_PATH = '/proc/self/ns/net';

let directory: string;
let namespaces: Namespaces;

beforeAll(() => {
  enterFreshNamespace();
  directory = join(mkdtempSync('/run/numbers-'), 'netns');
  prepareDirectory(directory);
  namespaces = new Namespaces({ host: HOST_PATH, directory });
});

afterAll(() => namespaces[Symbol.asyncDispose]());

/** Without a number. */
function make(name: NamespaceName): void {
  writeFileSync(join(directory, name), '');
  execFileSync('unshare', ['--net', 'mount', '--bind', HOST_PATH, join(directory, name)]);
}

/** Returns when the kernel has taken the namespace apart, and given its number up. Nothing else runs meanwhile. */
function end(name: NamespaceName): void {
  const before = numbers().length;
  execFileSync('umount', [join(directory, name)]);
  rmSync(join(directory, name));
  while (numbers().length >= before) execFileSync('sleep', ['0.01']);
}

function numbers(): readonly unknown[] {
  const list: unknown[] = JSON.parse(execFileSync('ip', ['-json', 'netns', 'list-id'], { encoding: 'utf8' }) || '[]');
  return list;
}

test('what is queued of one that had the number is not taken for news of the one that has it', async () => {
  const told: Disturbance[] = [];
  await using watch = await HostWatch.start({ namespaces, directory, mark: MARK }, (disturbed) => told.push(disturbed));
  await watch.readAll(async () => undefined);
  const enter = (name: NamespaceName): void => {
    using descriptor = Descriptor.open(join(directory, name), O.RDONLY);
    watch.enter({ name, descriptor });
  };
  make(A);
  enter(A);
  const before = numbers();
  end(A);
  make(B);
  enter(B);
  expect(numbers()).toEqual(before);
  watch.catchUp();
  await new Promise(setImmediate);
  expect(told.map((disturbed) => disturbed === 'everything' || [...placesOf(disturbed)])).toEqual([[A]]);
  end(B);
});
