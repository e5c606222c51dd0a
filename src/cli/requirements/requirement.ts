// What Buoy needs of a machine, each with what it is for and how to get it. `buoy doctor` checks
// them, and every command that misses one says so in these words. docs/requirements.md tells since
// which kernel each is there.

export interface Requirement {
  readonly group: Group;
  readonly name: string;
  /** What Buoy does with it. */
  readonly purpose: string;
  /** How to get it where it is missing. */
  readonly remedy: string;
  /** Not for all that Buoy does: a machine without it can do the rest. */
  readonly optional?: true;
}

export const GROUPS = ['Privileges', 'Limits', 'Kernel'] as const;
type Group = (typeof GROUPS)[number];

const AS_ROOT = 'Run the same command as root (sudo).';
const READ_ONLY_SYSCTLS = 'In a container, /proc/sys is often read-only: start that with --privileged.';

/** How to get capabilities. */
export function capabilityRemedy(names: readonly string[]): string {
  const options = names.map((name) => `--cap-add ${name.replace('CAP_', '')}`);
  return `${AS_ROOT} In a container, start that with ${options.join(' ')}.`;
}

function moduleRemedy(module: string, option: string): string {
  return `Load it: sudo modprobe ${module}. If there is no such module, this kernel was built without ${option}.`;
}

export const REQUIREMENTS = {
  CAP_NET_ADMIN: {
    group: 'Privileges',
    name: 'CAP_NET_ADMIN',
    purpose: 'changes links, addresses, routes, rules and NAT',
    remedy: capabilityRemedy(['CAP_NET_ADMIN']),
  },
  CAP_SYS_ADMIN: {
    group: 'Privileges',
    name: 'CAP_SYS_ADMIN',
    purpose: 'enters network namespaces and gives them names',
    remedy: capabilityRemedy(['CAP_SYS_ADMIN']),
  },
  CAP_NET_RAW: {
    group: 'Privileges',
    name: 'CAP_NET_RAW',
    purpose: 'announces floating IPs by gratuitous ARP',
    remedy: capabilityRemedy(['CAP_NET_RAW']),
  },
  names: {
    group: 'Privileges',
    name: 'names of namespaces',
    purpose: 'gives namespaces their names in /run/netns',
    remedy: `${AS_ROOT} /run must be writable, and mounting allowed.`,
  },
  openFiles: {
    group: 'Limits',
    name: 'open files',
    purpose: 'holds five descriptors for each of up to 64 namespaces at a time',
    remedy: 'Allow 4096: `ulimit -n 4096` in the shell, or `LimitNOFILE=4096` in the unit of systemd.',
  },
  netNamespaces: {
    group: 'Limits',
    name: 'network namespaces',
    purpose: 'makes one for each router and each external network',
    remedy: 'Allow more: sudo sysctl -w user.max_net_namespaces=100000',
  },
  userNamespaces: {
    group: 'Limits',
    name: 'user namespaces',
    purpose: 'runs `buoy demo` without root',
    remedy: 'Allow them: sudo sysctl -w user.max_user_namespaces=10000; or run `buoy demo` as root.',
    optional: true,
  },
  namespaces: {
    group: 'Kernel',
    name: 'network namespaces',
    purpose: 'separate routers from each other and from the host',
    remedy:
      'This kernel was built without CONFIG_NET_NS, or a security policy (seccomp, AppArmor, SELinux) refuses them.',
  },
  ipv6: {
    group: 'Kernel',
    name: 'IPv6',
    purpose: 'routes the IPv6 subnets of routers',
    remedy: 'Start this kernel without `ipv6.disable=1`. If that is not there, it was built without CONFIG_IPV6.',
  },
  sysctls: {
    group: 'Kernel',
    name: 'sysctls of a namespace',
    purpose: 'turn on forwarding and proxy ARP',
    remedy: READ_ONLY_SYSCTLS,
  },
  veth: {
    group: 'Kernel',
    name: 'veth devices',
    purpose: 'connect a router to its networks',
    remedy: moduleRemedy('veth', 'CONFIG_VETH'),
  },
  bridge: {
    group: 'Kernel',
    name: 'bridges',
    purpose: 'networks that are plugged into a `bridge`',
    remedy: moduleRemedy('bridge', 'CONFIG_BRIDGE'),
    optional: true,
  },
  macvlan: {
    group: 'Kernel',
    name: 'macvlan devices',
    purpose: 'networks that hang on a device instead of a bridge',
    remedy: moduleRemedy('macvlan', 'CONFIG_MACVLAN'),
    optional: true,
  },
  policyRouting: {
    group: 'Kernel',
    name: 'policy routing',
    purpose: 'sends the packets of floating IPs through their own routing table',
    remedy: 'This kernel was built without CONFIG_IP_MULTIPLE_TABLES.',
  },
  nftables: {
    group: 'Kernel',
    name: 'nf_tables',
    purpose: 'holds NAT, and the mark by which Buoy knows its own namespaces',
    remedy: moduleRemedy('nf_tables', 'CONFIG_NF_TABLES and CONFIG_NF_TABLES_IPV4'),
  },
  tableComments: {
    group: 'Kernel',
    name: 'nf_tables comments',
    purpose: 'are the mark by which Buoy knows its own namespaces',
    remedy: 'Use Linux 5.10 or newer: older ones forget the comment of a table.',
  },
  nat: {
    group: 'Kernel',
    name: 'nf_tables NAT',
    purpose: 'translates between floating and fixed IPs',
    remedy: moduleRemedy('nft_chain_nat', 'CONFIG_NFT_NAT'),
  },
  counters: {
    group: 'Kernel',
    name: 'nf_tables counters',
    purpose: 'count the packets and bytes of each floating IP',
    remedy: moduleRemedy('nft_counter', 'CONFIG_NFT_COUNTER'),
  },
  notrack: {
    group: 'Kernel',
    name: 'nf_tables notrack',
    purpose: 'keeps connections out of the floating IP namespace',
    remedy: moduleRemedy('nft_ct', 'CONFIG_NFT_CT'),
  },
  conntrack: {
    group: 'Kernel',
    name: 'conntrack over netlink',
    purpose: 'ends the connections of a floating IP that goes',
    remedy: moduleRemedy('nf_conntrack_netlink', 'CONFIG_NF_CT_NETLINK'),
  },
  packetSockets: {
    group: 'Kernel',
    name: 'packet sockets',
    purpose: 'announce floating IPs by gratuitous ARP',
    remedy: moduleRemedy('af_packet', 'CONFIG_PACKET'),
  },
} as const satisfies Record<string, Requirement>;

export type RequirementId = keyof typeof REQUIREMENTS;

/** As Object.keys, which forgets that it knows them. */
export const REQUIREMENT_IDS: readonly RequirementId[] = Object.keys(REQUIREMENTS).filter(isRequirementId);

function isRequirementId(text: string): text is RequirementId {
  return Object.hasOwn(REQUIREMENTS, text);
}

export function requirement(id: RequirementId): Requirement {
  return REQUIREMENTS[id];
}
