// The two processes of the agent, as they run.

import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KernelHost } from '../cli/kernel-host.ts';
import { NotifySocket } from './notify-socket.ts';
import { gone, RunningAgent } from './running-agent.ts';

let host: KernelHost;
let agent: RunningAgent | undefined;
beforeEach(() => {
  host = new KernelHost();
});
afterEach(async () => {
  agent?.signal('SIGKILL');
  await agent?.ended;
  agent = undefined;
  rmSync(`${host.names}-store`, { recursive: true, force: true });
  host[Symbol.dispose]();
});

function config(more: object = {}): string {
  const values = {
    netns_directory: host.names,
    store: `${host.names}-store/buoy.db`,
    listen: { unix: { path: `${host.names}-store/buoy.sock` } },
    audit_log: `${host.names}-store/audit.jsonl`,
    ...more,
  };
  // JSON is YAML.
  return host.write('agent.yaml', JSON.stringify(values));
}

function start(environment?: NodeJS.ProcessEnv): RunningAgent {
  agent = new RunningAgent(['--config', config()], environment);
  return agent;
}

test('the listening process can do nothing by itself, and of the other one has what is Buoy’s done', async () => {
  const running = start({ SECRET: 'of the parent' });
  const pid = await running.ready();
  const { own, foreign, status, environment, store, ...attempts } = running.probe;
  expect(attempts).toEqual({
    link: 'EPERM',
    nftables: 'EPERM',
    namespace: 'EPERM',
    mount: 'EPERM',
    packets: 'EPERM',
    capabilities: 'EPERM',
    // Which of the two is for the owner of what it tries.
    host: expect.stringMatching(/^(EPERM|EACCES)$/),
    sysctl: expect.stringMatching(/^(EPERM|EACCES)$/),
  });
  expect([own, foreign]).toEqual(['1 done', 'BUOY_OUTSIDE_OWNED_SPACE']);
  expect(host.namespaces()).toEqual(['qrouter-a']);
  const none = '0000000000000000';
  expect(status).toEqual(
    expect.arrayContaining(['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => `${set}:\t${none}`)),
  );
  expect(status).toContain('NoNewPrivs:\t1');
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^CapEff:\t0{16}$/m);
  expect(environment).toEqual(['MALLOC_ARENA_MAX']);
  expect(store).toBe(`${host.names}-store/buoy.db`);
  const records = readFileSync(`${host.names}-store/audit.jsonl`, 'utf8').trimEnd().split('\n');
  expect(records.map((line): unknown => JSON.parse(line))).toMatchObject([
    { command: 'buoy agent', namespace: 'qrouter-a', operation: 'namespace.create', outcome: 'done' },
    { namespace: 'blue', operation: 'namespace.create', outcome: 'refused', message: expect.stringContaining('blue') },
  ]);

  // It is started again when it dies, and goes when the other one does.
  process.kill(pid, 'SIGKILL');
  await running.line({ how: 'signal SIGKILL' });
  const second = await running.ready(2);
  expect(second).not.toBe(pid);
  expect(host.namespaces()).toEqual(['qrouter-a']);
  running.signal('SIGKILL');
  await running.ended;
  await gone(second);
  expect(host.namespaces()).toEqual(['qrouter-a']);
});

test('signals read the configuration again, and end both, with the data plane left up', async () => {
  using manager = new NotifySocket(`@buoy-test-${process.pid}`);
  const running = start({ NOTIFY_SOCKET: manager.path });
  const pid = await running.ready();
  expect(manager.words()).toContain('READY=1');

  running.signal('SIGHUP');
  await running.line({ message: 'the configuration was read again' });
  expect(manager.words().join('\n')).toMatch(/RELOADING=1\nMONOTONIC_USEC=\d+\nREADY=1/);

  host.write('agent.yaml', 'audit_intervall: 3');
  running.signal('SIGHUP');
  const { error } = await running.line({ message: 'the configuration cannot be read; it stays as it was' });
  expect(error).toContain('BUOY_UNKNOWN_KEY');

  config({ host: 'refused', instance: 'other' });
  running.signal('SIGHUP');
  await running.line({ message: 'some of the configuration takes a restart of the agent' });
  await running.line({ message: 'the listening process keeps its configuration', error: 'that host name is refused' });

  running.signal('SIGTERM');
  await running.line({ message: 'stopped in order' });
  expect(await running.ended).toBe(0);
  await gone(pid);
  expect(manager.words()).toContain('STOPPING=1');
  expect(host.namespaces()).toEqual(['qrouter-a']);
});

test('an audit log that was moved away is begun anew by SIGHUP, and goes on where that cannot be', async () => {
  const path = `${host.names}-store/audit.jsonl`;
  const running = start();
  const first = await running.ready();
  const before = readFileSync(path, 'utf8');

  renameSync(path, `${path}.1`);
  // Even by one who reads of a configuration that is wrong.
  host.write('agent.yaml', 'audit_intervall: 3');
  running.signal('SIGHUP');
  await running.line({ message: 'the configuration cannot be read; it stays as it was' });
  expect(readFileSync(path, 'utf8')).toBe('');
  process.kill(first, 'SIGKILL');
  const second = await running.ready(2);
  expect(readFileSync(path, 'utf8')).toContain('"refused"');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe(before);

  renameSync(path, `${path}.2`);
  mkdirSync(path);
  const length = readFileSync(`${path}.2`).length;
  running.signal('SIGHUP');
  const message = 'the audit log cannot be opened again; it goes on in the old file';
  expect((await running.line({ message }))['error']).toContain('EISDIR');
  process.kill(second, 'SIGKILL');
  await running.ready(3);
  expect(readFileSync(`${path}.2`).length).toBeGreaterThan(length);
});

test('where it cannot begin it says so', async () => {
  const wrong = new RunningAgent(['--config', config({ user: 'nobody-has-this-name' })]);
  const { text } = await wrong.line({ text: `buoy: there is no user nobody-has-this-name in /etc/passwd` });
  expect(text).toBeDefined();
  expect(await wrong.ended).toBe(3);
});
