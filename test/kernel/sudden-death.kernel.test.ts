// A run is killed, at any moment; the next one makes up for it, whatever the dead one left.

import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitForCleanUp } from '../../bench/clean-up.ts';
import { diff } from '../../src/host/diff.ts';
import { listing } from '../../src/host/listing.ts';
import { preflight } from '../../src/host/preflight.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { heldByHosts } from '../support/held.ts';
import type { Change } from '../support/intents-in-turn.ts';
import { INTENTS_IN_TURN, isChange } from '../support/intents-in-turn.ts';
import { INSTANCE, Lab } from '../support/lab.ts';
import { MortalRun } from '../support/mortal-run.ts';
import { must } from '../support/must.ts';

const CHANGES = Object.keys(INTENTS_IN_TURN).filter(isChange);
/** `BUOY_SEED=…` kills at the same moments again, as far as two runs take the same time. */
const SEED = Number(process.env['BUOY_SEED'] ?? randomInt(2 ** 31));

/** What a change makes of the host when nobody disturbs it. */
interface Undisturbed {
  readonly milliseconds: number;
  readonly state: string;
  readonly names: readonly string[];
  readonly links: readonly string[];
}

let lab: Lab;
let cache: string;
/** Starts while another one works. */
let next: MortalRun;
let foreign: string;
const undisturbed = new Map<Change, Undisturbed>();

beforeAll(async () => {
  lab = await Lab.create(...Object.values(INTENTS_IN_TURN));
  cache = mkdtempSync('/run/code-');
  makeForeigners();
  foreign = foreigners();
  next = new MortalRun(lab, cache);
  for (const change of CHANGES) {
    const run = takeRun();
    await run.begin(INTENTS_IN_TURN[change]);
    const begin = performance.now();
    await run.finish();
    const milliseconds = performance.now() - begin;
    undisturbed.set(change, { milliseconds, state: listing(await lab.kernel.read()), names: names(), links: links() });
  }
});

afterAll(async () => {
  await next.kill();
  await lab[Symbol.asyncDispose]();
});

test('the next run makes up for one that was killed', async () => {
  await survive({ laps: 4, deaths: [1, 1] });
});

test('a run that makes up for another one may be killed itself', async () => {
  await survive({ laps: 2, deaths: [2, 3] });
});

interface Trial {
  /** How often all changes are gone through. */
  readonly laps: number;
  /** The least and the most runs that are killed before one may finish a change. */
  readonly deaths: readonly [number, number];
}

async function survive({ laps, deaths: [least, most] }: Trial): Promise<void> {
  const random = randomFrom(SEED);
  await waitForCleanUp();
  const held = heldByHosts([lab]);
  for (let lap = 0; lap < laps; lap++) {
    for (const change of CHANGES) {
      const { milliseconds } = must(undisturbed.get(change));
      // Over the whole time, but more of them early: at the end of many a run, the kernel is waited for.
      const delays = Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, (_, run) =>
        run === 0 ? ((lap + random()) / laps) ** 2 * milliseconds : random() ** 2 * milliseconds,
      );
      for (const delay of delays) {
        const run = takeRun();
        await run.begin(INTENTS_IN_TURN[change]);
        await sleep(delay);
        await run.kill();
      }
      const what = `BUOY_SEED=${SEED}: ${change}, killed after ${delays.map((delay) => delay.toFixed(1)).join(', ')} ms`;
      await makeUp(change, what);
    }
    expect(foreigners()).toBe(foreign);
  }
  await waitForCleanUp();
  expect(heldByHosts([lab]), `BUOY_SEED=${SEED}`).toEqual(held);
}

/** What the next run does, and what has to be true then. */
async function makeUp(change: Change, what: string): Promise<void> {
  const model = INTENTS_IN_TURN[change];
  const expected = must(undisturbed.get(change));
  const actual = await lab.kernel.read();
  const wanted = compile(model, livePairs(actual), { instance: INSTANCE });
  expect(preflight(actual, wanted), what).toEqual([]);
  expect((await lab.kernel.apply(diff(actual, wanted))).failures, what).toEqual([]);
  expect(await lab.plan(model), what).toEqual({ steps: [] });
  expect(listing(await lab.kernel.read()), what).toBe(expected.state);
  expect(names(), what).toEqual(expected.names);
  expect(links(), what).toEqual(expected.links);
}

function takeRun(): MortalRun {
  const run = next;
  next = new MortalRun(lab, cache);
  return run;
}

/** Names of namespaces, also those that are claimed and not given. */
function names(): string[] {
  return readdirSync(lab.directory).sort();
}

function links(): string[] {
  const lines = lab.inHost('ip', '-oneline', 'link').split('\n');
  return lines.map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? '').sort();
}

/** What others have on the host, with names such as Buoy gives. */
function makeForeigners(): void {
  for (const name of ['qrouter-theirs', 'fip-theirs']) {
    const path = join(lab.directory, name);
    writeFileSync(path, '');
    execFileSync('unshare', [`--net=${path}`, 'ip', 'link', 'add', 'qr-theirs', 'type', 'bridge']);
  }
  inTheirs('fip-theirs', 'nft', 'add table ip buoy { comment "buoy theirs"; }');
  writeFileSync(join(lab.directory, 'snat-theirs'), 'a file');
  lab.inHost('ip', 'link', 'add', 'tap-theirs', 'alias', 'buoy theirs', 'type', 'veth', 'peer', 'name', 'fpr-theirs');
}

function foreigners(): string {
  return [
    ...['tap-theirs', 'fpr-theirs'].map((name) => lab.inHost('ip', '-details', 'link', 'show', name)),
    ...['qrouter-theirs', 'fip-theirs'].flatMap((name) => [
      inTheirs(name, 'ip', 'address'),
      inTheirs(name, 'nft', 'list', 'ruleset'),
    ]),
    execFileSync(
      'stat',
      ['--format=%n %i', ...['qrouter-theirs', 'fip-theirs', 'snat-theirs'].map((name) => join(lab.directory, name))],
      { encoding: 'utf8' },
    ),
  ].join('\n');
}

function inTheirs(name: string, ...command: readonly string[]): string {
  return execFileSync('nsenter', [`--net=${join(lab.directory, name)}`, ...command], { encoding: 'utf8' });
}

/** Numbers from 0 up to 1, always the same from one seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
