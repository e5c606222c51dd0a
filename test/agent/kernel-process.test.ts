// The privileged process against listening ones that a test plays.

import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/agent/config.ts';
import type { Order, Report } from '../../src/agent/control.ts';
import { decodeOrder, encodeOrder, encodeReport, parseReport } from '../../src/agent/control.ts';
import { KernelProcess } from '../../src/agent/kernel-process.ts';
import type { ListenerEnd, StartedListener } from '../../src/agent/listener-life.ts';
import { PATIENCE as PATIENCE_OF_AGENT } from '../../src/agent/listener-life.ts';
import type { Running } from '../../src/agent/listener-process.ts';
import { NothingRuns, requireNoPrivileges, runListener } from '../../src/agent/listener-process.ts';
import { createLog } from '../../src/agent/log.ts';
import { DEFAULT_LIMITS } from '../../src/api/options.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { Frames, serveKernel } from '../../src/kernel/remote/index.ts';
import { privilegesLeft } from '../../src/sys/privileges.ts';
import { must } from '../support/must.ts';
import { RecordingKernel } from '../kernel/remote/kernels.ts';

const CONFIG = { ...parseConfig('instance: test', 'agent.yaml'), mayRemoveAll: true };
/** Short, as no listener of a test is to be waited for. */
const PATIENCE = { askEvery: 1, answer: 20, stop: 20, shortest: 1, longest: 4, stable: 60_000 };

function until(isSo: () => boolean): Promise<unknown> {
  return vi.waitUntil(isSo, { interval: 1, timeout: 5000 });
}

/** A listening process that does what a test says. */
class Listener implements StartedListener {
  readonly pid = 1;
  readonly kernel: Duplex;
  readonly control: Duplex;
  /** The other ends. */
  readonly far: { readonly kernel: Duplex; readonly control: Duplex };
  readonly #ended = Promise.withResolvers<ListenerEnd>();

  constructor() {
    const [kernel, farKernel] = duplexPair();
    const [control, farControl] = duplexPair();
    [this.kernel, this.control] = [kernel, control];
    this.far = { kernel: farKernel, control: farControl };
    for (const stream of [farKernel, farControl]) stream.on('error', () => undefined);
  }

  get ended(): Promise<ListenerEnd> {
    return this.#ended.promise;
  }

  exit(exit: number | null, how = `exit code ${exit}`): void {
    this.far.kernel.destroy();
    this.far.control.destroy();
    this.#ended.resolve({ exit, how });
  }

  kill(): void {
    this.exit(null, 'signal SIGKILL');
  }
}

/** The listening process itself, but for the process. */
function works(listener: Listener, running: Partial<Running> = {}): void {
  const run = async (kernel: Kernel): Promise<Running> => {
    await kernel.read();
    return { reload: async () => undefined, stop: async () => undefined, ...running };
  };
  runListener(listener.far, run).then(
    () => listener.exit(0),
    () => listener.exit(1),
  );
}

/** One that reports by itself. */
function reports(listener: Listener, hear: (order: Order, report: (report: Report) => void) => void): void {
  const frames: Frames = new Frames(listener.far.control, 1 << 20, {
    message: (body) => hear(decodeOrder(body), (report) => frames.send(encodeReport(report))),
    end: () => undefined,
  });
}

/** Plays a listening process for each life. */
function agent(...lives: readonly ((listener: Listener) => void)[]) {
  const words: string[] = [];
  const lines: string[] = [];
  let started = 0;
  const kernel = new RecordingKernel();
  const process = new KernelProcess({
    config: CONFIG,
    kernel,
    audit: undefined,
    start: () => {
      const listener = new Listener();
      must(lives[Math.min(started++, lives.length - 1)])(listener);
      return listener;
    },
    notify: (...assignments) => words.push(...assignments),
    log: createLog({ level: 'debug', format: 'text' }, (line) => lines.push(line)),
    patience: PATIENCE,
  });
  return { process, kernel, words, lines, started: () => started };
}

test('a listening process that dies is started again, however often', async () => {
  let lives = 0;
  const { process, words, started } = agent((listener) => {
    if (++lives < 5) return listener.exit(1);
    return works(listener, { stop: async () => undefined });
  });
  const run = process.run();
  await until(() => words.includes('READY=1'));
  // Who starts another is no worse for being without one.
  expect(words.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => 'WATCHDOG=1'));
  process.stop();
  expect(await run).toBe(0);
  expect(started()).toBe(5);
  expect(words.at(-1)).toBe('STOPPING=1');
});

test.each([3, 4, 5])('one that says that it never can begin is not started again (exit code %i)', async (exit) => {
  const { process, started } = agent((listener) => listener.exit(exit));
  expect(await process.run()).toBe(exit);
  expect(started()).toBe(1);
});

test('once it was ready, nothing is hopeless', async () => {
  const { process, words } = agent(
    (listener) =>
      reports(listener, (order, report) => {
        if (order.kind === 'configure') report({ kind: 'ready' });
        if (order.kind === 'ping') listener.exit(3);
      }),
    (listener) => works(listener),
  );
  const run = process.run();
  await until(() => words.filter((word) => word === 'READY=1').length >= 2);
  process.stop();
  expect(await run).toBe(0);
});

test('one that gives no answer does not feed the watchdog, and is ended', async () => {
  let wordsAtItsEnd: string[] | undefined;
  const { process, words, lines } = agent(
    // It says that it is ready, and then answers with what was never asked.
    (listener) => {
      void listener.ended.then(() => (wordsAtItsEnd = [...words]));
      reports(listener, (order, report) => {
        if (order.kind === 'configure') report({ kind: 'ready' });
        if (order.kind === 'ping') report({ kind: 'pong', number: order.number + 1000 });
      });
    },
    (listener) => works(listener),
  );
  const run = process.run();
  await until(() => wordsAtItsEnd !== undefined);
  expect(lines.join()).toContain('it does not answer');
  expect(wordsAtItsEnd).toEqual(['READY=1']);
  await until(() => words.filter((word) => word === 'WATCHDOG=1').length > 1);
  process.stop();
  await run;
});

test('one that does not stop when it is told to is ended', async () => {
  const { process, words, lines } = agent((listener) =>
    reports(listener, (order, report) => {
      if (order.kind === 'configure') report({ kind: 'ready' });
      if (order.kind === 'ping') report({ kind: 'pong', number: order.number });
    }),
  );
  const run = process.run();
  await until(() => words.includes('READY=1'));
  process.stop();
  expect(await run).toBe(0);
  expect(lines.join()).toContain('it did not stop');
});

test.each([
  ['on the kernel’s stream', (listener: Listener) => listener.far.kernel.write('GET / HTTP/1.1\r\n\r\n')],
  ['on the control stream', (listener: Listener) => listener.far.control.write('\u0000\u0000\u0000\u0002{}')],
])('one that breaks the protocol %s is ended, and the next one served', async (_where, breach) => {
  const { process, words, lines } = agent(
    (listener) => void breach(listener),
    (listener) => works(listener),
  );
  const run = process.run();
  await until(() => words.includes('READY=1'));
  process.stop();
  expect(await run).toBe(0);
  expect(lines.join()).toMatch(/ended by force.*(a message of|a report)/);
});

test('a configuration that it does not take over is not that of the next one either', async () => {
  const hosts: string[] = [];
  const life = (listener: Listener): void =>
    reports(listener, (order, report) => {
      if (order.kind === 'configure') {
        hosts.push(order.config.host);
        report({ kind: 'ready' });
      }
      if (order.kind === 'ping') report({ kind: 'pong', number: order.number });
      if (order.kind !== 'reload') return;
      report(order.config.host === 'bad' ? { kind: 'not reloaded', reason: 'bad' } : { kind: 'reloaded' });
      if (order.config.host === 'bad') setImmediate(() => listener.exit(1));
    });
  const { process, words, lines } = agent(life);
  const ready = (times: number): Promise<unknown> =>
    until(() => words.filter((word) => word === 'READY=1').length >= times);
  const run = process.run();
  await ready(1);
  process.reload({ ...CONFIG, host: 'good' });
  process.reload({ ...CONFIG, host: 'bad' });
  await ready(4);
  expect(hosts).toEqual([CONFIG.host, 'good']);
  expect(lines.join()).toContain('keeps its configuration');
  process.stop();
  await run;
});

test('what is read while none works is for the next one', async () => {
  const hosts: string[] = [];
  const { process, words } = agent((listener) =>
    reports(listener, (order, report) => {
      if (order.kind === 'ping') return report({ kind: 'pong', number: order.number });
      if (order.kind !== 'configure') return undefined;
      hosts.push(order.config.host);
      if (order.config.host !== 'mended') return listener.exit(1);
      return report({ kind: 'ready' });
    }),
  );
  const run = process.run();
  await until(() => hosts.length > 1);
  process.reload({ ...CONFIG, host: 'mended' });
  await until(() => words.includes('READY=1'));
  process.stop();
  await run;
});

test('that all may be removed is a word for the first one alone', async () => {
  const may: boolean[] = [];
  const { process, words } = agent((listener) =>
    reports(listener, (order, report) => {
      if (order.kind !== 'configure') return listener.exit(1);
      may.push(order.config.mayRemoveAll);
      return report({ kind: 'ready' });
    }),
  );
  const run = process.run();
  await until(() => words.filter((word) => word === 'READY=1').length >= 2);
  process.stop();
  await run;
  expect(may.slice(0, 2)).toEqual([true, false]);
});

test('a request that never ends does not keep one from stopping in order', () => {
  // Of TLS, what has not shaken hands is cut off after as long as its headers may take.
  expect(PATIENCE_OF_AGENT.stop).toBeGreaterThan(DEFAULT_LIMITS.stopTimeout + DEFAULT_LIMITS.headersTimeout);
});

test('one in which nothing works any more ends', async () => {
  const listener = new Listener();
  const frames = new Frames(listener.control, 1 << 20, {
    message: (body) => {
      if (parseReport(body).kind === 'ready') frames.send(encodeOrder({ kind: 'reload', config: CONFIG }));
    },
    end: () => undefined,
  });
  serveKernel(new RecordingKernel(), listener.kernel, { space: { mark: 'buoy test', devices: undefined } });
  works(listener, { reload: () => Promise.reject(new NothingRuns('nothing', { cause: new Error('why') })) });
  frames.send(encodeOrder({ kind: 'configure', config: CONFIG }));
  expect(await listener.ended).toMatchObject({ exit: 1 });
});

test('what it has under way when it dies is done before the next one begins', async () => {
  const gate = Promise.withResolvers<void>();
  const { process, kernel, words, started } = agent(
    (listener) => {
      works(listener);
      // Its first reading is in the kernel when it dies.
      kernel.gate = gate.promise;
      setImmediate(() => listener.exit(1));
    },
    (listener) => works(listener),
  );
  const run = process.run();
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(started()).toBe(1);
  gate.resolve();
  await until(() => words.includes('READY=1'));
  process.stop();
  await run;
});

test('a listening process ends when the other one is gone', async () => {
  const listener = new Listener();
  let stopped = 0;
  works(listener, { stop: async () => void stopped++ });
  listener.control.destroy();
  listener.kernel.destroy();
  expect(await listener.ended).toEqual({ exit: 0, how: 'exit code 0' });
  expect(stopped).toBe(0);
});

test('privileges that are left are named, and end the listening process', () => {
  const none = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']
    .map((name) => `${name}:\t0000000000000000`)
    .join('\n');
  expect(privilegesLeft(`${none}\nNoNewPrivs:\t1\n`)).toEqual([]);
  expect(privilegesLeft(`${none}\nNoNewPrivs:\t0\n`)).toEqual(['NoNewPrivs 0']);
  expect(privilegesLeft(none.replace('CapBnd:\t0', 'CapBnd:\t1') + '\nNoNewPrivs:\t1\n')).toEqual([
    'CapBnd 1000000000000000',
  ]);
  expect(privilegesLeft('')).toHaveLength(6);
  expect(() => requireNoPrivileges(['CapEff 1'])).toThrow(
    expect.objectContaining({ code: 'BUOY_LISTENER_PRIVILEGED' }),
  );
});
