// Fuzzes for as long as asked: `node test/fuzz/run.ts --minutes 5 --seed 1`. Prints how many inputs a
// second each parser was given and, when one fails, the seed and the smallest input that does.

import { parseArgs } from 'node:util';
import { intentFuzzers } from './intent.ts';
import { netlinkFuzzers } from './netlink.ts';
import { textFuzzers } from './text.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const fuzzers = [...netlinkFuzzers(), ...intentFuzzers(), ...textFuzzers()].filter(({ name }) =>
  name.includes(values.only),
);
const tallies = new Map(fuzzers.map(({ name }) => [name, { inputs: 0, milliseconds: 0 }]));
const deadline = performance.now() + Number(values.minutes) * 60_000;

for (let seed = Number(values.seed); performance.now() < deadline && process.exitCode === undefined; seed++) {
  for (const { name, runs, run } of fuzzers) {
    const start = performance.now();
    try {
      run(seed, runs);
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      console.error(`${name}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
      console.error(cause instanceof Error ? cause.stack : cause);
      process.exitCode = 1;
    }
    const tally = tallies.get(name);
    if (tally === undefined) continue;
    tally.inputs += runs;
    tally.milliseconds += performance.now() - start;
  }
}

for (const [name, { inputs, milliseconds }] of tallies) {
  const rate = Math.round((1000 * inputs) / milliseconds);
  console.log(`${name.padEnd(36)} ${String(inputs).padStart(9)} inputs ${String(rate).padStart(7)} a second`);
}
console.log(`${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB of memory`);
