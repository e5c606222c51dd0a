import type { HostState, Link } from '../../host/state.ts';
import { hasLinkSysctls, linkSysctls } from '../../host/sysctls.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST, isFipNamespace } from '../../model/names.ts';

/** Of a namespace as a whole: that it forwards, and that all links in it are up and lead somewhere. */
export function namespaceProblems(host: HostState, name: NamespaceName): string[] {
  const state = host.namespaces.get(name);
  if (state === undefined) return ['is not there'];
  const problems: string[] = [];
  if (state.sysctls.get('net.ipv4.ip_forward') !== '1') problems.push('forwards no IPv4 packets (net.ipv4.ip_forward)');
  for (const link of state.links.values()) problems.push(...linkProblems(host, link));
  if (isFipNamespace(name)) problems.push(...gatewayProblems(state.links.values(), state.sysctls));
  for (const table of state.otherTables) problems.push(`has an nftables table that is not Buoy's: ${table}`);
  return problems;
}

function linkProblems(host: HostState, { name, kind, up }: Link): string[] {
  const problems = up ? [] : [`${name} is down`];
  if (kind.type !== 'veth') return problems;
  if (kind.peer === undefined) return [...problems, `the other end of ${name} is gone or elsewhere`];
  const { namespace, link } = kind.peer;
  const peer = namespace === HOST ? host.namespaces.get(HOST)?.links.get(link) : undefined;
  if (peer?.up === false) problems.push(`${link}, the host's end of ${name}, is down`);
  if (peer !== undefined && peer.master === undefined)
    problems.push(`${link}, the host's end of ${name}, is in no bridge`);
  return problems;
}

/** A fip namespace answers ARP on its gateway port. */
function gatewayProblems(links: Iterable<Link>, sysctls: ReadonlyMap<string, string>): string[] {
  const gateways = [...links].map(({ name }) => name).filter(hasLinkSysctls);
  if (gateways.length === 0) return ['has no gateway port (fg-)'];
  const silent = gateways.filter((name) => sysctls.get(linkSysctls(name).proxyArp) !== '1');
  return silent.map((name) => `${name} answers no ARP for floating IPs (proxy_arp)`);
}
