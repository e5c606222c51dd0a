// Inside a sandbox in which a model is applied: measures what packets cost through the middle one of
// its first router's floating IPs.
//
//     node bench/programs/packets.ts PROGRAM ROUNDS DATAGRAMS ROUTERS FLOATING-IPS [RESTORE]
//
// PROGRAM is packets.c; it prints the result. RESTORE is the iptables-restore(8) with which the
// router's rules are replaced by Neutron's before.

import { spawnSync } from 'node:child_process';
import { TABLE_NAME } from '../../src/host/ruleset.ts';
import { formatIpv4 } from '../../src/model/address.ts';
import type { Router } from '../../src/model/model.ts';
import { routerNamespace } from '../../src/model/names.ts';
import { OUTSIDE_MACHINE, plugMachines, workloadOf } from '../machines.ts';
import { modelOf, OUTSIDE, readSize, servedAt } from '../models.ts';
import { iptablesRules, policyRules } from '../packets/neutron-rules.ts';

const [program = '', rounds = '', datagrams = '', routers, floatingIps, restore] = process.argv.slice(2);
const size = readSize(routers, floatingIps);
const served = servedAt(modelOf(size), 0, Math.floor(size.floatingIps / 2));
const workload = workloadOf('workload', served);
if (restore !== undefined) takeNeutronsRules(served.router, restore);
await using _machines = await plugMachines([workload]);
const namespaces = [OUTSIDE_MACHINE, workload].map(({ namespace }) => `/run/netns/${namespace}`);
const addresses = [OUTSIDE, served.floating, served.fixed].map(formatIpv4);
process.stdout.write(run(program, [...namespaces, ...addresses, rounds, datagrams], ''));

function takeNeutronsRules(router: Router, restoreProgram: string): void {
  const inRouter = (command: string, args: readonly string[], input: string): string =>
    run('ip', ['netns', 'exec', routerNamespace(router.id), command, ...args], input);
  inRouter('nft', ['delete', 'table', 'ip', TABLE_NAME], '');
  inRouter('ip', ['rule', 'delete', 'priority', '32768'], '');
  inRouter('ip', ['-batch', '-'], policyRules(router));
  for (const [index, input] of iptablesRules(router).entries())
    inRouter(restoreProgram, index === 0 ? [] : ['--noflush'], input);
}

function run(command: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', input });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}
