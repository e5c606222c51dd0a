// `npm run prove`: lives histories of simulated hosts for as long as asked.
//
//     npm run prove -- [--agent] [--seed N] [--minutes M] [--threads T] [--history SEED]
//
// Exit 1 if one of them broke a promise.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { PROOFS } from './proof.ts';
import type { Tally } from './tally.ts';
import { NO_HISTORIES, sum } from './tally.ts';
import type { Told } from './worker.ts';

const USAGE = `Usage: npm run prove -- [OPTION…]

Lives random histories of simulated hosts (five routers, some fifty floating IPs): users change their
intent, others meddle with the kernel, operations fail, processes die. What Buoy promises has to
hold after every operation.

Options:
  --agent         histories of the whole agent: clients call the API, its processes die, its store fails (fewer a second)
  --seed N        the seed of the first history (1)
  --minutes M     how long (1)
  --threads T     how many at the same time (one for each processor)
  --history SEED  tell the history of one seed, if a promise is broken in it, cut down to what breaks it
  --help          print this
`;

const SHOWN_EVERY_MS = 10_000;
/** Stories told at the end. */
const STORIES = 3;

const { values } = parseArgs({
  options: {
    agent: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
    history: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const proof = values.agent ? 'agent' : 'core';
if (values.help) process.stdout.write(USAGE);
else if (values.history !== undefined) await tellStory(positive('history', values.history));
else
  await prove(positive('seed', values.seed), positive('minutes', values.minutes), positive('threads', values.threads));

async function prove(seed: number, minutes: number, threads: number): Promise<void> {
  const start = Date.now();
  let tally = NO_HISTORIES;
  const broken: { seed: number; message: string }[] = [];
  const hear = (told: Told): void => {
    if (told.kind === 'progress') {
      tally = sum(tally, told.tally);
    } else {
      broken.push(told);
      console.log(`seed ${told.seed}: ${told.message}`);
    }
  };
  const timer = setInterval(() => console.log(line(tally, start, threads)), SHOWN_EVERY_MS);
  await Promise.all(
    Array.from({ length: threads }, async (_, index) =>
      run({ proof, first: seed + index, step: threads, deadline: start + minutes * 60_000 }, hear),
    ),
  );
  clearInterval(timer);
  console.log(line(tally, start, threads));
  for (const { seed: one } of broken.slice(0, STORIES)) await tellStory(one);
  console.log(broken.length === 0 ? 'No promise was broken.' : `${broken.length} histories broke a promise.`);
  if (broken.length > 0) process.exitCode = 1;
}

/** Ends when the thread does. Rejects with what ended it otherwise. */
async function run(workerData: object, hear: (told: Told) => void): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  worker.on('message', hear);
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

async function tellStory(seed: number): Promise<void> {
  const story = await PROOFS[proof].storyOf(seed);
  if (story === undefined) return console.log(`The history of seed ${seed} breaks no promise.`);
  console.log(`\nThe history of seed ${seed}, as little of it as breaks a promise:\n\n${story}\n`);
  process.exitCode = 1;
}

function line({ histories, changes, runs, operations, faults, walks }: Tally, start: number, threads: number): string {
  const seconds = (Date.now() - start) / 1000;
  const rate = (histories / seconds / threads).toFixed(0);
  const counts = Object.entries({ changes, runs, operations, faults, walks }).map(
    ([what, count]) => `${count.toLocaleString('en')} ${what}`,
  );
  return `${seconds.toFixed(0)} s: ${histories.toLocaleString('en')} histories (${rate}/s a thread), ${counts.join(', ')}`;
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  throw new Error(`--${option} takes a number above 0, not ${JSON.stringify(text)}`);
}
