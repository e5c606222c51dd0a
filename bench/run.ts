// `npm run bench`: measures Buoy, and prints tables.
//
//     npm run bench -- [--repetitions N] [--quick] [--json FILE] [--markdown] [CASE…]
//
// Figures decide nothing here: it fails only where something measured was not right.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildJavaScript } from './build.ts';
import type { Case, Settings } from './case.ts';
import { agent } from './cases/agent.ts';
import { counters } from './cases/counters.ts';
import { deleteAll } from './cases/delete-all.ts';
import { fromNothing } from './cases/from-nothing.ts';
import { oneMore } from './cases/one-more.ts';
import { packets } from './cases/packets.ts';
import { silence } from './cases/silence.ts';
import { unchanged } from './cases/unchanged.ts';
import { machineFacts } from './machine.ts';
import type { Result } from './report.ts';
import { json, markdown, terminalText } from './report.ts';
import { requireTools } from './tools.ts';

const CASES = [fromNothing, unchanged, oneMore, deleteAll, packets, counters, agent, silence];

const USAGE = `Usage: npm run bench -- [OPTION…] [CASE…]

Cases (all of them, if none is named):
${CASES.map(({ name, title }) => `  ${name.padEnd(14)}  ${title}`).join('\n')}

Options:
  --repetitions N  how often each measurement is repeated (5)
  --quick          small sizes, measured once: to see that the benches work
  --json FILE      write every measurement to a file
  --markdown       print the section for docs/benchmarks.md instead of tables
  --help           print this
`;

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repetitions: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const cases = chosen(positionals);
  const settings = {
    quick: values.quick,
    repetitions: repetitionsOf(values.repetitions ?? (values.quick ? '1' : '5')),
  };
  requireTools(cases.flatMap(({ needs }) => needs));
  await buildJavaScript();

  const results = cases.map((one): Result => {
    const findings = one.run({ ...settings, progress: progressOf(one) });
    if (!values.markdown) process.stdout.write(terminalText(one, findings));
    return { case: one, findings };
  });
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const report = { machine: machineFacts(), command, settings, results };
  if (values.markdown) process.stdout.write(markdown(report));
  if (values.json !== undefined) writeFileSync(values.json, json(report));
}

function chosen(names: readonly string[]): readonly Case[] {
  if (names.length === 0) return CASES;
  return names.map((name) => {
    const found = CASES.find((one) => one.name === name);
    if (found === undefined)
      throw new Error(`There is no case ${name}; there are ${CASES.map((one) => one.name).join(', ')}.`);
    return found;
  });
}

function repetitionsOf(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Error(`--repetitions ${text}: a number from 1 to 999 is needed.`);
  return Number(text);
}

/** What is going on now, on a terminal in one line that is written over. */
function progressOf({ name }: Case): Settings['progress'] {
  return (step) => process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${name}: ${step} ` : `${name}: ${step}\n`);
}
