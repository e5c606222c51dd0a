// What is made and deleted again leaves nothing behind, however often: `npm run prove:leaks` in short.

import { expect, test } from 'vitest';
import { waitForCleanUp } from '../../bench/clean-up.ts';
import { Cycles } from '../../prove/leaks/cycles.ts';
import { heldByHosts, heldByProcess } from '../support/held.ts';

const HOSTS = 2;
const CYCLES = { before: 7, between: 20 };

test('after many cycles, descriptors, threads, namespaces and links are as many as before', async () => {
  await using stack = new AsyncDisposableStack();
  const hosts: Cycles[] = [];
  for (let number = 0; number < HOSTS; number++) hosts.push(stack.use(await Cycles.create()));
  const run = (cycles: number) =>
    Promise.all(
      hosts.map(async (host) => {
        for (let count = 0; count < cycles; count++) await host.run();
      }),
    );
  const held = async () => {
    await waitForCleanUp();
    return [heldByProcess(), heldByHosts(hosts.map(({ lab }) => lab))];
  };
  await run(CYCLES.before);
  const before = await held();
  await run(CYCLES.between);
  // Packet sockets are closed in the background.
  await expect.poll(held).toEqual(before);
});
