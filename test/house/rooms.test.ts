import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findViolations } from '../../scripts/rooms.ts';

/** The imports against the order in one file, as `line: import: reason`. */
function violationsIn(file: string, text: string): string[] {
  return findViolations(new Map([[file, text]])).map(({ line, imported, reason }) => `${line}: ${imported}: ${reason}`);
}

describe('the order of the rooms', () => {
  test('an import from a room above is found, in every form an import can take', () => {
    const text = `// import { apply } from '../kernel/comment.ts';
import { apply } from '../kernel/kernel.ts';
import type {
  Command,
} from "../cli/main.ts";
export * from '../intent/yaml.ts';
import '../layout/side-effect.ts';
const later = await import('../netlink/deeper/socket.ts');
const worker = new Worker(new URL('../kernel/worker.ts', import.meta.url));
`;
    expect(violationsIn('src/model/port.ts', text).toSorted()).toEqual([
      '2: ../kernel/kernel.ts: model stands below kernel',
      '3: ../cli/main.ts: model stands below cli',
      '6: ../intent/yaml.ts: model stands below intent',
      '7: ../layout/side-effect.ts: model stands below layout',
      '8: ../netlink/deeper/socket.ts: model stands below netlink',
      '9: ../kernel/worker.ts: model stands below kernel',
    ]);
  });

  test('imports from below, from the same room and from deeper folders are in order', () => {
    const text = `import { BuoyError } from '../../errors.ts';
import { parseIpv4 } from '../../model/address.ts';
import { message } from '../message.ts';
const text = Buffer.from('abc');
`;
    expect(violationsIn('src/netlink/route/address.ts', text)).toEqual([]);
  });

  test('pure rooms get neither files nor clocks nor packages', () => {
    const text = `import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { createHash } from 'node:crypto';
`;
    expect(violationsIn('src/host/diff.ts', text)).toEqual([
      '1: node:fs: host is pure: no I/O, no packages',
      '2: node:timers/promises: host is pure: no I/O, no packages',
      '3: zod: host is pure: no I/O, no packages',
    ]);
  });

  test('nothing in src/ starts a process, and only sys knows koffi', () => {
    for (const module of [
      'node:child_process',
      'child_process',
      'node:cluster',
      'node:vm',
      'node:inspector/promises',
    ]) {
      expect(violationsIn('src/cli/demo.ts', `import * as module from '${module}';`), module).toHaveLength(1);
    }
    expect(violationsIn('src/netlink/socket.ts', `import koffi from 'koffi';`)).toHaveLength(1);
    expect(violationsIn('src/sys/libc.ts', `import koffi from 'koffi';`)).toEqual([]);
  });

  test('a file outside every room is found', () => {
    expect(violationsIn('src/helpers/strings.ts', `import { a } from './b.ts';`)).toEqual([
      '1: ./b.ts: src/helpers/strings.ts lies in no room',
    ]);
    expect(violationsIn('src/cli/main.ts', `import { a } from '../../test/support/b.ts';`)).toHaveLength(1);
  });

  test('the sources keep it', () => {
    const paths = globSync('{src,sandbox}/**/*.ts');
    expect(paths).toContain('src/errors.ts');
    expect(findViolations(new Map(paths.map((path) => [path, readFileSync(path, 'utf8')])))).toEqual([]);
  });
});

test('no source file is longer than 500 lines', () => {
  const lengths = globSync('src/**/*.ts').map((path) => ({
    path,
    lines: readFileSync(path, 'utf8').split('\n').length - 1,
  }));
  expect(lengths.filter(({ lines }) => lines > 500)).toEqual([]);
});
