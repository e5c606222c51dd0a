// Inside a sandbox: makes the state of a model by starting programs, and measures that.
//
//     node bench/programs/spawn.ts ROUTERS FLOATING-IPS

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { diff } from '../../src/host/diff.ts';
import type { Plan } from '../../src/host/plan.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { INSTANCE, modelOf, readSize } from '../models.ts';
import { commandsFor } from '../peer/commands.ts';

/** Ticks of `struct tms` a second (times(2)); 100 on every machine Linux runs on. */
const TICKS = 100;

const [routers, floatingIps] = process.argv.slice(2);
const commands = commandsFor(await plan());
const cpu = cpuMs();
const begin = performance.now();
for (const { command, input } of commands) {
  const [program, ...args] = command;
  const { status, stderr } = spawnSync(program, args, { input, encoding: 'utf8', stdio: ['pipe', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}
console.log(JSON.stringify({ ms: performance.now() - begin, cpuMs: cpuMs() - cpu, processes: commands.length }));

async function plan(): Promise<Plan> {
  await using kernel = new LinuxKernel({ instance: INSTANCE });
  const actual = await kernel.read();
  return diff(actual, compile(modelOf(readSize(routers, floatingIps)), livePairs(actual), { instance: INSTANCE }));
}

/** Of this process and of those that it started and that have ended. */
function cpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), two of which came off with the name.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return (ticks * 1000) / TICKS;
}
