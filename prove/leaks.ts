// `npm run prove:leaks -- --cycles N`: makes and deletes everything N times, in one process and one
// sandbox, and prints what is held before and after. Fails when anything is not back where it was.
//
// Deleting is mostly waiting, for the kernel to take namespaces apart. So several hosts, each with a
// kernel of its own, have their cycles at the same time.

import { parseArgs } from 'node:util';
import { waitForCleanUp } from '../bench/clean-up.ts';
import { count, figure, terminalTable } from '../bench/table.ts';
import { enterSandbox } from '../sandbox/enter.ts';
import { keepYoungGenerationSmall } from '../src/sys/heap.ts';
import { heldByHosts, heldByProcess } from '../test/support/held.ts';
import { Cycles } from './leaks/cycles.ts';
import { readMemory } from './leaks/memory.ts';
import type { Reading } from './leaks/verdict.ts';
import { judge } from './leaks/verdict.ts';

const HOSTS = 6;
/** Until then, code is compiled, and pools and caches get as large as they will be. */
const WARM_UP = 40 * HOSTS;
const TELL_EVERY = 500;

enterSandbox();
// As the command line does.
keepYoungGenerationSmall();
try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { cycles: { type: 'string', default: '1000' } } });
  if (!/^[1-9]\d{0,6}$/.test(values.cycles)) throw new Error(`--cycles ${values.cycles}: a number from 1 is needed.`);
  const cycles = Number(values.cycles);

  await using stack = new AsyncDisposableStack();
  const hosts = [];
  for (let number = 0; number < HOSTS; number++) hosts.push(stack.use(await Cycles.create()));
  await run(hosts, WARM_UP);
  const before = await read(hosts);
  const begin = performance.now();
  await run(hosts, cycles);
  const seconds = (performance.now() - begin) / 1000;
  const { table, leaks } = judge(before, await read(hosts), cycles);

  process.stdout.write(`\n${count(cycles)} cycles in ${figure(seconds)} s, ${figure(cycles / seconds)} a second\n\n`);
  process.stdout.write(terminalTable(table));
  process.stdout.write(
    leaks.length === 0 ? '\nNothing is left.\n' : `\nLeaks:\n${leaks.map((leak) => `  ${leak}\n`).join('')}`,
  );
  if (leaks.length > 0) process.exitCode = 1;
}

/** Runs cycles on all hosts at a time, as many in all. */
async function run(hosts: readonly Cycles[], cycles: number): Promise<void> {
  let begun = 0;
  await Promise.all(
    hosts.map(async (host) => {
      while (begun < cycles) {
        begun++;
        if (begun % TELL_EVERY === 0) process.stderr.write(`${count(begun)} of ${count(cycles)} cycles\n`);
        await host.run();
      }
    }),
  );
}

async function read(hosts: readonly Cycles[]): Promise<Reading> {
  await waitForCleanUp();
  const memory = await readMemory();
  return { memory, held: new Map([...heldByProcess(), ...heldByHosts(hosts.map(({ lab }) => lab))]) };
}
