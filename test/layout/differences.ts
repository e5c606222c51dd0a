// Every difference between what Buoy and neutron-l3-agent make of the same router, with its reason.
// test/layout/golden.test.ts compares the two object by object, and fails on a difference that is
// not here as well as on an entry here that is none.

export interface Difference {
  readonly in: 'fip' | 'qrouter';
  /** Who has it. */
  readonly only: 'neutron' | 'buoy';
  readonly line: RegExp;
  readonly because: string;
}

const MAPS =
  'NAT is in two maps and policy routing in one set and one rule, so that a packet costs the same with one floating IP or ten thousand';
const COUNTERS =
  'Packets and bytes of each floating IP are counted; Neutron counts none, but for those of metering labels';
const REDIRECTS =
  'No ICMP redirects from any link: what goes out where it came in is on its way through NAT, and has no shorter way';
const NOTIFY =
  'The kernel announces the addresses of a link that comes up; neutron-l3-agent sends these packets itself';
const METADATA = "The metadata proxy is Nova's affair, not that of floating IPs";
const SCOPES =
  'Address scopes: marks for networks that may reach each other without NAT. All ports are in one scope here, and nothing is dropped';
const NO_REVERSE_PATH =
  'A namespace takes its reverse path filter over from the host, where systemd turns it on; the way back of a floating IP is by a mark, which the filter does not look at';
const NO_IPV6 =
  'No subnet here has IPv6, and IPv6 on a thousand links that do not need it is half of the work of making them';
const SCAFFOLD = "iptables' way to have chains of one's own: rules that jump to them, most of which are empty";
const VETH_MACS =
  "Neutron leaves the MAC addresses of a router's link to the kernel, which rolls dice; ours follow from the router's id, so that a layout is repeatable";
const LAB_PLUG =
  "How the lab plugged devices: taps of Open vSwitch's userspace datapath. Buoy plugs a veth into a Linux bridge, or makes a macvlan";

export const DIFFERENCES: readonly Difference[] = [
  // The link between router and fip namespace.
  { in: 'fip', only: 'neutron', line: /^link fpr-\S+ address /, because: VETH_MACS },
  { in: 'fip', only: 'buoy', line: /^link fpr-\S+ address 02:/, because: VETH_MACS },
  { in: 'fip', only: 'neutron', line: /^neigh 169\.254\.88\.134 dev fpr-/, because: VETH_MACS },
  { in: 'fip', only: 'buoy', line: /^neigh 169\.254\.88\.134 dev fpr-\S+ lladdr 02:/, because: VETH_MACS },
  { in: 'qrouter', only: 'neutron', line: /^link rfp-\S+ address /, because: VETH_MACS },
  { in: 'qrouter', only: 'buoy', line: /^link rfp-\S+ address 02:/, because: VETH_MACS },
  { in: 'qrouter', only: 'neutron', line: /^neigh 169\.254\.88\.135 dev rfp-/, because: VETH_MACS },
  { in: 'qrouter', only: 'buoy', line: /^neigh 169\.254\.88\.135 dev rfp-\S+ lladdr 02:/, because: VETH_MACS },
  { in: 'qrouter', only: 'neutron', line: /^route unicast ::\/0 via fe80::\S+ dev rfp-/, because: NO_IPV6 },

  // Plugging.
  { in: 'fip', only: 'neutron', line: /^link fg-\S+ (?:type tun|promiscuous)$/, because: LAB_PLUG },
  { in: 'fip', only: 'buoy', line: /^link fg-\S+ type veth$/, because: LAB_PLUG },
  { in: 'qrouter', only: 'neutron', line: /^link qr-\S+ (?:type tun|promiscuous)$/, because: LAB_PLUG },
  { in: 'qrouter', only: 'buoy', line: /^link qr-\S+ type veth$/, because: LAB_PLUG },

  // Policy routing and NAT. The translations themselves are the same, and so are not here.
  { in: 'qrouter', only: 'neutron', line: /^rule ipv4 \d{5}: from 10\.20\.0\.\d+\/32 lookup 16$/, because: MAPS },
  { in: 'qrouter', only: 'buoy', line: /^rule ipv4 32768: from all fwmark 16\/16 lookup 16$/, because: MAPS },
  {
    in: 'qrouter',
    only: 'buoy',
    line: /^chain mark-fixed \(filter prerouting -150\): ip saddr @marked meta mark set meta mark or 0x10$/,
    because: MAPS,
  },
  { in: 'qrouter', only: 'buoy', line: /^element marked 10\.20\.0\.(?:85|254)$/, because: MAPS },
  {
    in: 'qrouter',
    only: 'buoy',
    line: /^chain mark-fixed \(filter prerouting -150\): iifname "rfp-\S+" ip daddr @received$/,
    because: COUNTERS,
  },
  {
    in: 'qrouter',
    only: 'buoy',
    line: /^chain count-sent \(filter postrouting 110\): oifname "rfp-\S+" ip saddr @sent$/,
    because: COUNTERS,
  },
  { in: 'qrouter', only: 'buoy', line: /^element (?:received|sent) 203\.0\.113\.\d+$/, because: COUNTERS },
  {
    in: 'qrouter',
    only: 'buoy',
    line: /^chain nat-in \(nat prerouting -100\): iifname "rfp-\S+" dnat to ip daddr map @floating$/,
    because: MAPS,
  },
  {
    in: 'qrouter',
    only: 'buoy',
    line: /^chain nat-out \(nat postrouting 100\): oifname "rfp-\S+" snat to ip saddr map @fixed$/,
    because: MAPS,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^iptables nat -A neutron-l3-agent-POSTROUTING ! -o rfp-\S+ -m conntrack ! --ctstate DNAT -j ACCEPT$/,
    because: 'Keeps traffic between subnets from source NAT; our source NAT is only for what leaves by rfp-',
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^iptables mangle -A neutron-l3-agent-(?:PREROUTING|float-snat) -m connmark /,
    because: SCOPES,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^ip6tables mangle -A neutron-l3-agent-PREROUTING -m connmark /,
    because: SCOPES,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^iptables mangle -A neutron-l3-agent-scope -i (?:qr|rfp)-\S+ -j MARK /,
    because: SCOPES,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^iptables filter -A neutron-l3-agent-scope -o (?:qr|rfp)-\S+ -m mark /,
    because: SCOPES,
  },

  // What is beside floating IPs.
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^ip6?tables \w+ -A \S+ -d (?:169\.254\.169\.254\/32|fe80::a9fe:a9fe\/128) -i qr-\+ /,
    because: METADATA,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^ip6?tables filter -A neutron-l3-agent-INPUT -m mark --mark 0x1\/0xffff -j ACCEPT$/,
    because: METADATA,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^ip6?tables filter -A neutron-l3-agent-INPUT -p tcp -m tcp --dport 9697 -j DROP$/,
    because: METADATA,
  },
  { in: 'qrouter', only: 'neutron', line: /^ip6?tables \w+ -A \S+ -j neutron-\S+$/, because: SCAFFOLD },
  { in: 'fip', only: 'neutron', line: /^ip6?tables \w+ -A \S+ -j neutron-\S+$/, because: SCAFFOLD },
  {
    in: 'fip',
    only: 'neutron',
    line: /^iptables nat -A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic\." -j neutron-l3-agent-snat$/,
    because: SCAFFOLD,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^iptables nat -A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic\." -j neutron-l3-agent-snat$/,
    because: SCAFFOLD,
  },
  {
    in: 'qrouter',
    only: 'neutron',
    line: /^neigh 10\.20\.0\.(?:85|233|254) dev qr-\S+ lladdr fa:16:3e:/,
    because:
      'Neutron asks the server for all ports of a subnet and enters their MAC addresses, as ARP from a router that is on many hosts is kept on its own in an OVS fabric. They are not in the list of routers; on a bridge, ARP finds them',
  },

  // Sysctls.
  {
    in: 'fip',
    only: 'buoy',
    line: /^sysctl net\.ipv4\.conf\.(?:all|default|fg-\S+|fpr-\S+)\.send_redirects = 0$/,
    because: REDIRECTS,
  },
  {
    in: 'qrouter',
    only: 'buoy',
    line: /^sysctl net\.ipv4\.conf\.(?:default|rfp-\S+)\.send_redirects = 0$/,
    because: REDIRECTS,
  },
  {
    in: 'fip',
    only: 'buoy',
    line: /^sysctl net\.ipv4\.conf\.(?:all|default)\.rp_filter = 0$/,
    because: NO_REVERSE_PATH,
  },
  {
    in: 'qrouter',
    only: 'buoy',
    line: /^sysctl net\.ipv4\.conf\.(?:all|default)\.rp_filter = 0$/,
    because: NO_REVERSE_PATH,
  },
  {
    in: 'fip',
    only: 'buoy',
    line: /^sysctl net\.ipv4\.conf\.fg-\S+\.medium_id = 1$/,
    because: 'While the port is replaced, proxy ARP on the new one would answer for all that the old one leads to',
  },
  { in: 'fip', only: 'buoy', line: /^sysctl net\.ipv6\.conf\.all\.disable_ipv6 = 1$/, because: NO_IPV6 },
  { in: 'qrouter', only: 'buoy', line: /^sysctl net\.ipv6\.conf\.all\.disable_ipv6 = 1$/, because: NO_IPV6 },
  { in: 'fip', only: 'buoy', line: /^sysctl net\.ipv4\.conf\.all\.arp_notify = 1$/, because: NOTIFY },
  { in: 'qrouter', only: 'buoy', line: /^sysctl net\.ipv4\.conf\.all\.arp_notify = 1$/, because: NOTIFY },
  {
    in: 'fip',
    only: 'buoy',
    line: /^sysctl net\.ipv4\.neigh\.fg-\S+\.proxy_delay = 0$/,
    because:
      'The capture has no sysctls of neighbours. Neutron sets 1, a tick of 1/100 s, which reads back as 0 where the kernel ticks at 250 Hz',
  },
];
