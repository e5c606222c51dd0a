import type { IpAddress } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import type { Device } from './device.ts';
import type { SimulatedNamespace } from './namespace.ts';
import type { View } from './perform/route-operation.ts';

/** A namespace as a run knows it: with the devices that were there when it was opened, and those that the run made. */
export class Session implements View {
  readonly namespace: SimulatedNamespace;
  /** Made by this run. */
  readonly isNew: boolean;
  readonly #known: Map<LinkName, Device>;
  readonly #announced = new Map<Device, Set<IpAddress>>();

  constructor(namespace: SimulatedNamespace, isNew: boolean) {
    this.namespace = namespace;
    this.isNew = isNew;
    this.#known = new Map(namespace.devices);
  }

  link(name: LinkName): Device | undefined {
    return this.#known.get(name);
  }

  links(): Iterable<Device> {
    return this.#known.values();
  }

  learn(device: Device): void {
    this.#known.set(device.name, device);
  }

  forget(name: LinkName): void {
    this.#known.delete(name);
  }

  /** Notes an address that the kernel announces by itself. */
  noteAnnounced(device: Device, address: IpAddress): void {
    const addresses = this.#announced.get(device);
    if (addresses === undefined) this.#announced.set(device, new Set([address]));
    else addresses.add(address);
  }

  isAnnounced(name: LinkName, address: IpAddress): boolean {
    const device = this.#known.get(name);
    return device !== undefined && (this.#announced.get(device)?.has(address) ?? false);
  }
}
