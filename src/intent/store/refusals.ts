// What requests are refused for, with Neutron's types, status codes and texts (neutron_lib/exceptions,
// neutron/extensions, neutron/ipam/exceptions.py).

import type { Collection } from './networking.ts';
import { NetworkingError } from './networking.ts';

/** How messages and types call one resource of each collection. */
const KINDS: Readonly<Record<Collection, { readonly type: string; readonly words: string }>> = {
  networks: { type: 'NetworkNotFound', words: 'Network' },
  subnets: { type: 'SubnetNotFound', words: 'Subnet' },
  ports: { type: 'PortNotFound', words: 'Port' },
  routers: { type: 'RouterNotFound', words: 'Router' },
  floatingips: { type: 'FloatingIPNotFound', words: 'Floating IP' },
};

export function notFound(collection: Collection, id: string): NetworkingError {
  const { type, words } = KINDS[collection];
  return new NetworkingError(404, type, `${words} ${id} could not be found.`);
}

/** A body or a query that cannot be read. */
export function badRequest(message: string): NetworkingError {
  return new NetworkingError(400, 'HTTPBadRequest', message);
}

/** A request that can be read and makes no sense. */
export function invalidInput(message: string): NetworkingError {
  return new NetworkingError(400, 'InvalidInput', `Invalid input for operation: ${message}.`);
}

/** A request about one resource that cannot be done, whatever the state of others. */
export function badResource(resource: string, message: string): NetworkingError {
  return new NetworkingError(400, 'BadRequest', `Bad ${resource} request: ${message}.`);
}

export function conflict(type: string, message: string): NetworkingError {
  return new NetworkingError(409, type, message);
}

export function noFreeAddress(networkId: string): NetworkingError {
  return conflict('IpAddressGenerationFailure', `No more IP addresses available on network ${networkId}.`);
}

export function addressTaken(address: string, subnetId: string): NetworkingError {
  return conflict('IpAddressAlreadyAllocated', `IP address ${address} already allocated in subnet ${subnetId}`);
}
