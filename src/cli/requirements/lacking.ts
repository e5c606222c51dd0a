// Which requirement it is that a refusal of the kernel shows to be missing.

import { existsSync } from 'node:fs';
import { BuoyError } from '../../errors.ts';
import type { Operation } from '../../host/plan.ts';
import type { Failure } from '../../kernel/kernel.ts';
import { NetlinkError } from '../../netlink/socket.ts';
import { SystemError } from '../../sys/system-error.ts';
import type { RequirementId } from './requirement.ts';
import { capabilityRemedy, requirement } from './requirement.ts';
import { IPV6_SYSCTLS, missingCapabilities } from './process.ts';

const FORBIDDEN = new Set(['EPERM', 'EACCES']);
const TOO_MANY_FILES = new Set(['EMFILE', 'ENFILE']);
/** How the kernel says that it does not know what is asked for. */
const UNKNOWN = new Set(['EOPNOTSUPP', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ENOENT', 'EINVAL']);

/** The requirement behind a failed operation of a plan; undefined when it is none. */
export function lackingFor({ operation, errno }: Pick<Failure, 'operation' | 'errno'>): RequirementId | undefined {
  const general = lackingBy(errno);
  if (operation.kind === 'sysctl.set') return FORBIDDEN.has(errno) || errno === 'EROFS' ? 'sysctls' : general;
  if (general !== undefined) return general;
  return UNKNOWN.has(errno) ? featureOf(operation) : undefined;
}

/** The requirement behind a failed system call or request; undefined when it is none. */
export function lackingForCall(call: string, errno: string): RequirementId | undefined {
  if (call === 'unshare') return errno === 'ENOSPC' ? 'netNamespaces' : 'namespaces';
  const general = lackingBy(errno);
  if (general !== undefined) return general;
  if (call === 'nftables' || errno === 'EPROTONOSUPPORT') return 'nftables';
  if (errno === 'EAFNOSUPPORT') return 'packetSockets';
  if (call === 'mount' || call === 'linkat') return 'names';
  return undefined;
}

function lackingBy(errno: string): RequirementId | undefined {
  if (TOO_MANY_FILES.has(errno)) return 'openFiles';
  return FORBIDDEN.has(errno) ? (missingCapabilities()[0] ?? 'names') : undefined;
}

function featureOf(operation: Operation): RequirementId | undefined {
  switch (operation.kind) {
    case 'link.create':
      return operation.link.kind.type === 'macvlan' ? 'macvlan' : 'veth';
    case 'rule.add':
      return 'policyRouting';
    case 'ruleset.define': {
      const statements = [...operation.chains.values()].flatMap((chain) => chain.rules.flat());
      return statements.some((statement) => statement.kind === 'notrack') ? 'notrack' : 'nat';
    }
    case 'connections.flush':
      return 'conntrack';
    case 'address.announce':
      return 'packetSockets';
    default:
      return undefined;
  }
}

/** An error of the system or the kernel as one for a person; anything else as it is. */
export function inWordsOfBuoy(thrown: unknown): unknown {
  if (!(thrown instanceof SystemError) && !(thrown instanceof NetlinkError)) return thrown;
  const call = thrown instanceof SystemError ? thrown.call : 'netlink';
  const lacking = lackingForCall(call, thrown.code);
  if (lacking === undefined) return new BuoyError('BUOY_KERNEL_REFUSED', thrown.message, { cause: thrown });
  return missing(lacking, thrown);
}

/** Throws BUOY_NOT_PRIVILEGED or BUOY_KERNEL_LACKS unless what every command on the kernel needs is there. */
export function requireBasics(): void {
  const lacking = missingCapabilities();
  if (lacking.length > 0) {
    const message = `this needs ${lacking.join(', ')}, which this process does not have`;
    throw new BuoyError('BUOY_NOT_PRIVILEGED', message, { remedy: capabilityRemedy(lacking) });
  }
  if (!existsSync(IPV6_SYSCTLS))
    throw new BuoyError('BUOY_KERNEL_LACKS', 'this kernel has no IPv6', { remedy: requirement('ipv6').remedy });
}

const CODES = { Privileges: 'BUOY_NOT_PRIVILEGED', Limits: 'BUOY_LIMIT_REACHED', Kernel: 'BUOY_KERNEL_LACKS' } as const;

function missing(id: RequirementId, cause: Error): BuoyError {
  const { group, name, purpose, remedy } = requirement(id);
  return new BuoyError(CODES[group], `${cause.message}: ${name} ${purpose}`, { remedy, cause });
}
