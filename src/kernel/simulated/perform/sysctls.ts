// Sysctls of a namespace and of its devices.

import { disableIpv6, linkOfSysctl, NAMESPACE_SYSCTLS } from '../../../host/sysctls.ts';
import type { Device } from '../device.ts';
import type { SimulatedNamespace } from '../namespace.ts';
import type { Errno } from './errno.ts';
import { ALL_DISABLE_IPV6, switchAllIpv6, switchIpv6 } from './ipv6.ts';

const KNOWN: ReadonlySet<string> = new Set(NAMESPACE_SYSCTLS);

export function setSysctl(namespace: SimulatedNamespace, name: string, value: string): Errno | undefined {
  const device = KNOWN.has(name) ? undefined : deviceOf(namespace, name);
  if (device === undefined && !KNOWN.has(name)) return 'ENOENT';
  if (!/^-?\d+$/.test(value)) return 'EINVAL';
  if (name === ALL_DISABLE_IPV6) switchAllIpv6(namespace, value === '0');
  if (device !== undefined && name === disableIpv6(device.name)) switchIpv6(device, value === '0');
  (device ?? namespace).sysctls.set(name, value);
  namespace.touch('sysctls');
  return undefined;
}

function deviceOf({ devices }: SimulatedNamespace, name: string): Device | undefined {
  const link = linkOfSysctl(name);
  return link === undefined ? undefined : devices.get(link);
}
