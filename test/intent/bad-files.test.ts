import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readIntent } from '../../src/intent/index.ts';
import type { IntentFormat } from '../../src/intent/index.ts';
import { errorsOfAsync } from '../support/faults.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buoy-intent-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** A file that claims a size and has no contents. */
async function sparseFile(name: string, size: number): Promise<string> {
  const path = join(folder, name);
  await using file = await open(path, 'w');
  await file.truncate(size);
  return path;
}

const errorsIn = (path: string, format: IntentFormat = 'yaml') =>
  errorsOfAsync(() => readIntent(path, { format, host: 'h' }));

describe.each<IntentFormat>(['yaml', 'neutron-routers'])('a file in format %s', (format) => {
  test('that is not there', async () => {
    const path = join(folder, 'missing');
    expect(await errorsIn(path, format)).toMatchObject([
      { code: 'BUOY_FILE_UNREADABLE', message: `cannot read ${path}: no such file or directory` },
    ]);
  });

  test('that is a folder', async () => {
    expect(await errorsIn(folder, format)).toMatchObject([
      { code: 'BUOY_FILE_UNREADABLE', message: `cannot read ${folder}: illegal operation on a directory` },
    ]);
  });

  test('of 100 MB is refused before it is read', async () => {
    const path = await sparseFile('large', 100_000_000);
    const limit = format === 'yaml' ? '16 MiB' : '64 MiB';
    expect(await errorsIn(path, format)).toMatchObject([
      { code: 'BUOY_FILE_TOO_LARGE', message: `${path} is larger than ${limit}` },
    ]);
  });

  test('without end is refused', async () => {
    expect(await errorsIn('/dev/zero', format)).toMatchObject([{ code: 'BUOY_FILE_TOO_LARGE' }]);
  });

  test('that is empty', async () => {
    const path = await fileOf('empty', '');
    expect(await errorsIn(path, format)).toMatchObject([
      { code: 'BUOY_INTENT_EMPTY', position: { file: path, line: 1, column: 1 } },
    ]);
    expect(await errorsIn('/dev/null', format)).toMatchObject([{ code: 'BUOY_INTENT_EMPTY' }]);
  });

  test('that is not UTF-8', async () => {
    const path = await fileOf('latin1', Buffer.from('# größe\n# \u00fcber M\u00fcll\n', 'latin1'));
    expect(await errorsIn(path, format)).toMatchObject([
      { code: 'BUOY_FILE_NOT_TEXT', position: { file: path, line: 1, column: 5 } },
    ]);
  });

  test('that is UTF-8 up to a later line', async () => {
    const path = await fileOf('cut', Buffer.concat([Buffer.from('# ü\n# ü'), Buffer.from([0xc3]), Buffer.from('\n')]));
    expect(await errorsIn(path, format)).toMatchObject([
      { code: 'BUOY_FILE_NOT_TEXT', position: { file: path, line: 2, column: 4 } },
    ]);
  });

  test('with a NUL byte', async () => {
    const path = await fileOf('nul', 'routers:\n  - name: \0');
    expect(await errorsIn(path, format)).toMatchObject([
      { code: 'BUOY_FILE_NOT_TEXT', position: { file: path, line: 2, column: 11 } },
    ]);
  });
});

test('a good file is read', async () => {
  const path = await fileOf('good.yaml', '# Gr\u00fc\u00dfe\nrouters:\n  - name: r\n');
  expect((await readIntent(path, { format: 'yaml' })).routers.has('r')).toBe(true);
});
