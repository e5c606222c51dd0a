// Who changed what, in a file.

import { readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { json } from './buoy.ts';
import { KernelHost } from './kernel-host.ts';

const NET = 'test/cli/intents/net.yaml';

let host: KernelHost;
beforeEach(() => {
  host = new KernelHost();
});
afterEach(() => host[Symbol.dispose]());

function records(path: string): unknown[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line): unknown => JSON.parse(line));
}

test('each operation is one record, of an apply and of the destroy after it', () => {
  const log = host.write('audit.jsonl', '');
  const document = json(host.buoy('apply', NET, '--audit-log', log, '--json'));
  const applied = records(log);
  expect(document).toMatchObject({ operations: applied.length });
  expect(applied[0]).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    instance: 'default',
    command: `buoy apply ${NET}`,
    pid: expect.any(Number),
    uid: 0,
    namespace: 'fip-public',
    operation: 'namespace.create',
    what: ['+ namespace'],
    outcome: 'done',
  });
  host.buoy('destroy', '--audit-log', log);
  expect(records(log).slice(applied.length)).toMatchObject([
    { command: 'buoy destroy', operation: 'namespace.delete', outcome: 'done' },
    { command: 'buoy destroy', operation: 'namespace.delete', outcome: 'done' },
  ]);
});

test('a new log is its owner’s to read, and what changes nothing writes nothing', () => {
  const log = `${host.names}-audit.jsonl`;
  host.buoy('apply', NET);
  host.buoy('apply', NET, '--audit-log', log);
  expect(statSync(log).mode & 0o777).toBe(0o600);
  expect(readFileSync(log, 'utf8')).toBe('');
});

test('nothing is changed when the log cannot be written', () => {
  const run = host.buoy('apply', NET, '--audit-log', '/nowhere/audit.jsonl');
  expect(run.exit).toBe(1);
  expect(run.err).toContain('BUOY_AUDIT_LOG');
  expect(host.namespaces()).toEqual([]);
});
