// `npm test`: makes a clone ready and runs every test in a sandbox. Arguments go to vitest, and what they choose runs in
// one: `npm test -- test/model`.
//
// Tests of the kernel change the network they run in, so one follows the other; but they wait more than they
// work. So they are dealt out to several sandboxes side by side.

import { fail, findProgram, installWhatIsMissing, run, runAll, suitableNode } from './set-up.js';

/** What tests compare Buoy with, and the Debian packages they come in. */
const COMPARED_WITH = [
  { program: 'ip', inPackage: 'iproute2' },
  { program: 'nft', inPackage: 'nftables' },
  { program: 'ping', inPackage: 'iputils-ping' },
  { program: 'openstack', inPackage: 'python3-openstackclient' },
];
const SANDBOXES = 3;

const missing = COMPARED_WITH.filter(({ program }) => findProgram(program) === undefined);
if (missing.length > 0) {
  const programs = missing.map(({ program }) => program).join(' and ');
  const packages = missing.map(({ inPackage }) => inPackage).join(' ');
  fail(`The tests compare Buoy with ${programs}, which this machine lacks: sudo apt-get install ${packages}`);
}

installWhatIsMissing();
const node = suitableNode();
// Of its ways to load vitest.config.ts, vitest has one that writes nothing: in a sandbox, root may
// not write where the owner of the project is another user.
const vitest = ['sandbox/run.ts', node, 'node_modules/vitest/vitest.mjs', 'run', '--configLoader=native'];
const chosen = process.argv.slice(2);
if (chosen.length > 0) {
  run(node, ...vitest, ...chosen);
} else {
  const shards = Array.from({ length: SANDBOXES }, (_, index) => `--shard=${index + 1}/${SANDBOXES}`);
  await runAll([[node, ...vitest, '--project=pure']]);
  await runAll(shards.map((shard) => [node, ...vitest, '--project=kernel', shard]));
}
