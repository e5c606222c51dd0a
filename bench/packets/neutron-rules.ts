// The rules that Neutron's L3 agent has in a router's namespace for floating IPs, so that what a
// packet costs there can be set beside ours: all that a packet meets in the tables mangle, raw, nat
// and filter, and a policy rule a floating IP. After the state that the agent of Neutron 21 makes
// of a distributed router (neutron/agent/l3/router_info.py, dvr_local_router.py).

import { formatIpv4 } from '../../src/model/address.ts';
import type { FloatingIp, Router } from '../../src/model/model.ts';
import { routerPortName, routerToFipName } from '../../src/model/names.ts';

/** After the rule for `main`, where the agent's numbers begin (FIP_PR_START). */
const FIRST_PRIORITY = 32768;
const FIP_TABLE = 16;
const RULES_AT_ONCE = 400;

/**
 * Inputs for iptables-restore(8), all but the first with `--noflush`: without privileges on the
 * machine, a netlink socket takes no more at a time.
 */
export function iptablesRules(router: Router): string[] {
  const link = routerToFipName(router.id);
  const rules = [...router.floatingIps.values()].flatMap((one) => [
    `-A neutron-l3-agent-PREROUTING -d ${floating(one)}/32 -i ${link} -j DNAT --to-destination ${fixed(one)}`,
    `-A neutron-l3-agent-float-snat -s ${fixed(one)}/32 -j SNAT --to-source ${floating(one)} --random-fully`,
  ]);
  const inputs = [commonRules(router)];
  for (let start = 0; start < rules.length; start += RULES_AT_ONCE) {
    inputs.push(['*nat', ...rules.slice(start, start + RULES_AT_ONCE), 'COMMIT']);
  }
  return inputs.map((lines) => `${lines.join('\n')}\n`);
}

/** What there is with no floating IP. */
function commonRules(router: Router): string[] {
  const links = [routerPortName(router.interfaces[0]?.id ?? ''), routerToFipName(router.id)];
  return [
    '*mangle',
    ...chains('FORWARD INPUT OUTPUT POSTROUTING PREROUTING float-snat floatingip mark scope'),
    ...jumps('PREROUTING INPUT FORWARD OUTPUT POSTROUTING'),
    '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-mark',
    '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-scope',
    '-A neutron-l3-agent-PREROUTING -m connmark ! --mark 0x0/0xffff0000 -j CONNMARK --restore-mark --nfmask 0xffff0000 --ctmask 0xffff0000',
    '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-floatingip',
    '-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x1/0xffff',
    '-A neutron-l3-agent-float-snat -m connmark --mark 0x0/0xffff0000 -j CONNMARK --save-mark --nfmask 0xffff0000 --ctmask 0xffff0000',
    ...links.map((link) => `-A neutron-l3-agent-scope -i ${link} -j MARK --set-xmark 0x4000000/0xffff0000`),
    'COMMIT',
    '*raw',
    ...chains('OUTPUT PREROUTING'),
    ...jumps('PREROUTING OUTPUT'),
    'COMMIT',
    '*filter',
    ':neutron-filter-top - [0:0]',
    ...chains('FORWARD INPUT OUTPUT local scope'),
    '-A FORWARD -j neutron-filter-top',
    ...jumps('INPUT FORWARD OUTPUT'),
    '-A neutron-filter-top -j neutron-l3-agent-local',
    '-A neutron-l3-agent-FORWARD -j neutron-l3-agent-scope',
    ...links.map((link) => `-A neutron-l3-agent-scope -o ${link} -m mark ! --mark 0x4000000/0xffff0000 -j DROP`),
    'COMMIT',
    '*nat',
    ':neutron-postrouting-bottom - [0:0]',
    ...chains('OUTPUT POSTROUTING PREROUTING float-snat snat'),
    ...jumps('PREROUTING OUTPUT POSTROUTING'),
    '-A POSTROUTING -j neutron-postrouting-bottom',
    `-A neutron-l3-agent-POSTROUTING ! -o ${routerToFipName(router.id)} -m conntrack ! --ctstate DNAT -j ACCEPT`,
    '-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697',
    '-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat',
    '-A neutron-postrouting-bottom -j neutron-l3-agent-snat',
    'COMMIT',
  ];
}

/** For `ip -batch`. The last comes first, since the kernel is slow to put a rule behind many. */
export function policyRules(router: Router): string {
  const lines = [...router.floatingIps.values()].map(
    (one, index) => `rule add priority ${FIRST_PRIORITY + 1 + index} from ${fixed(one)} lookup ${FIP_TABLE}\n`,
  );
  return lines.reverse().join('');
}

function chains(names: string): string[] {
  return names.split(' ').map((name) => `:neutron-l3-agent-${name} - [0:0]`);
}

function jumps(names: string): string[] {
  return names.split(' ').map((name) => `-A ${name} -j neutron-l3-agent-${name}`);
}

function floating(served: FloatingIp): string {
  return formatIpv4(served.floating);
}

function fixed(served: FloatingIp): string {
  return formatIpv4(served.fixed);
}
