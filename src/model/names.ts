// Names as Linux and Neutron spell them. The prefixes and the eleven characters of an id in a
// device name are those of Neutron's L3 agent (neutron/agent/l3/{namespaces,dvr_fip_ns}.py and
// neutron_lib's DEVICE_NAME prefixes), so that an operator's eyes and scripts keep working.

import { createHash } from 'node:crypto';

declare const brand: unique symbol;

/** A name in /run/netns, at most 255 bytes, without `/`; or HOST. */
export type NamespaceName = string & { readonly [brand]: 'NamespaceName' };
/** A network device's name: 1 to 15 bytes, no `/`, no `:`, no white space (dev_valid_name() of the kernel). */
export type LinkName = string & { readonly [brand]: 'LinkName' };

/** The host's own network namespace, which has no name; no file can be called `.`. */
export const HOST = '.' as NamespaceName;

/** The link that every namespace is born with. */
export const LOOPBACK = 'lo' as LinkName;

/** The longest device name: IFNAMSIZ less its NUL (linux/if.h). */
export const LINK_NAME_BYTES = 15;
const NAMESPACE_NAME_BYTES = 255;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const NAMESPACE_PREFIXES = ['qrouter-', 'fip-', 'snat-'] as const;

export function parseLinkName(text: string): LinkName | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > LINK_NAME_BYTES || text === '.' || text === '..') return undefined;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[/:\s\u0000-\u001f\u007f]/.test(text) ? undefined : (text as LinkName);
}

/**
 * The name of a device that is there: others may have named it more oddly than `parseLinkName` allows, but nothing that leads a path elsewhere.
 * A byte that is no UTF-8 was read as U+FFFD, which has three.
 */
export function parseForeignLinkName(text: string): LinkName | undefined {
  const bytes = Buffer.byteLength(text.replaceAll('\uFFFD', '?'));
  const isName = bytes >= 1 && bytes <= LINK_NAME_BYTES && text !== '.' && text !== '..' && !/[/\0]/.test(text);
  return isName ? (text as LinkName) : undefined;
}

export function parseNamespaceName(text: string): NamespaceName | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > NAMESPACE_NAME_BYTES || text === '.' || text === '..') return undefined;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[/\u0000-\u001f\u007f]/.test(text) ? undefined : (text as NamespaceName);
}

export function routerNamespace(routerId: string): NamespaceName {
  return `qrouter-${routerId}` as NamespaceName;
}

export function fipNamespace(networkId: string): NamespaceName {
  return `fip-${networkId}` as NamespaceName;
}

/** Whether a namespace is one of those that the routers of an external network share. */
export function isFipNamespace(name: NamespaceName): boolean {
  return name.startsWith(fipNamespace(''));
}

/** The router id in the name of a router namespace; undefined for any other name. */
export function routerIdOf(name: NamespaceName): string | undefined {
  const prefix = routerNamespace('');
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}

/** The network id in the name of a fip namespace; undefined for any other name. */
export function networkIdOf(name: NamespaceName): string | undefined {
  return isFipNamespace(name) ? name.slice(fipNamespace('').length) : undefined;
}

/**
 * Eleven characters for an id in a device name: the first eleven of a UUID, as Neutron cuts it.
 * Other ids are hashed to the same shape first, so that two that begin alike stay apart.
 */
export function shortId(id: string): string {
  return (UUID.test(id) ? id : uuidFromText(id)).slice(0, 11);
}

/** A UUID-shaped name derived from text: repeatable, no registry. Not an RFC 9562 UUID of any version. */
export function uuidFromText(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Stands for a device that is not there, by its index; 0 is no device at all. */
export function unknownLink(index: number): LinkName {
  return `if${index}` as LinkName;
}

/** The router's port on a tenant network, inside the router namespace. */
export function routerPortName(portId: string): LinkName {
  return `qr-${shortId(portId)}` as LinkName;
}

/** The gateway port on an external network, inside the fip namespace. */
export function fipGatewayName(portId: string): LinkName {
  return `fg-${shortId(portId)}` as LinkName;
}

/** Neutron's names of devices have 14 bytes at most (DEVICE_NAME_MAX_LEN of neutron-lib, less one). */
function cut(name: string): LinkName {
  return name.slice(0, LINK_NAME_BYTES - 1) as LinkName;
}

/** The router's end of the link to the fip namespace. */
export function routerToFipName(routerId: string): LinkName {
  return cut(`rfp-${shortId(routerId)}`);
}

/** The fip namespace's end of that link. */
export function fipToRouterName(routerId: string): LinkName {
  return cut(`fpr-${shortId(routerId)}`);
}

/** The host's end of a port plugged into a Linux bridge (neutron/agent/linux/interface.py, BridgeInterfaceDriver). */
export function tapName(portId: string): LinkName {
  return `tap${shortId(portId)}` as LinkName;
}

const TAP = /^tap[0-9a-f]{8}-[0-9a-f]{2}$/;

/** Whether `tapName` could have made a name. */
export function isTapName(name: LinkName): boolean {
  return TAP.test(name);
}

/** The bridge of a network as Neutron's Linux bridge agent calls it (linuxbridge_neutron_agent.py, `brq`). */
export function linuxBridgeName(networkId: string): LinkName {
  return `brq${shortId(networkId)}` as LinkName;
}
