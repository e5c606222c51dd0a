import { isIPv6 } from 'node:net';

/** Whom failures and requests are counted for: an IPv4 address, or the /64 of an IPv6 one, since a host has that whole. */
export function clientOf(address: string | undefined): string {
  if (address === undefined) return 'unix';
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/.exec(address)?.groups?.['ipv4'];
  if (mapped !== undefined) return mapped;
  return isIPv6(address) ? groupsOf(address).slice(0, 4).join(':') : address;
}

/** The eight groups of an IPv6 address; a zone (`%eth0`) goes with the last. */
function groupsOf(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  const after = tail === '' ? [] : tail.split(':');
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
}
