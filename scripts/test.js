// `npm test`: makes a clone ready and runs every test in one sandbox. Arguments go to vitest:
// `npm test -- test/model`.

import { fail, findProgram, installWhatIsMissing, run, suitableNode } from './set-up.js';

/** What tests compare Buoy with, and the Debian packages they come in. */
const COMPARED_WITH = [
  { program: 'ip', inPackage: 'iproute2' },
  { program: 'nft', inPackage: 'nftables' },
  { program: 'ping', inPackage: 'iputils-ping' },
  { program: 'openstack', inPackage: 'python3-openstackclient' },
];

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
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--configLoader=native'];
run(node, 'sandbox/run.ts', node, ...vitest, ...process.argv.slice(2));
