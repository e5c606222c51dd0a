// Makes a World in the kernel: bridges in the host's namespace, and a namespace for each machine.

import { BuoyError } from '../errors.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST } from '../model/names.ts';
import { MAIN_TABLE, PROTOCOL_STATIC } from '../host/state.ts';
import { MessageBatch } from '../netlink/message.ts';
import {
  addAddress,
  changeLink,
  createBridge,
  createVeth,
  readLinks,
  setRoute,
  settleLink,
} from '../netlink/route/index.ts';
import { Namespaces, OpenNamespace, prepareDirectory, releaseName } from '../kernel/linux/index.ts';
import type { Descriptor } from '../sys/descriptor.ts';
import type { SystemError } from '../sys/system-error.ts';
import type { Machine } from './machine.ts';
import { cableName, linkName } from './machine.ts';
import type { Wire, World } from './world.ts';

export interface PlaygroundSettings {
  /** Path of the network namespace that plays the host. */
  readonly host: string;
  /** Where namespaces have their names. */
  readonly directory: string;
}

const MARK = 'buoy playground';
const DEVICE = linkName('eth0');
const LOOPBACK = linkName('lo');
const KERNELS_CHOICE = 0;

/** A World that exists. Disposing takes the machines away; the bridges go with the host's namespace. */
export class Playground implements AsyncDisposable {
  readonly world: World;
  readonly #namespaces: Namespaces;
  readonly #directory: string;
  readonly #made: NamespaceName[] = [];

  private constructor(world: World, { host, directory }: PlaygroundSettings) {
    this.world = world;
    this.#namespaces = new Namespaces({ host, directory });
    this.#directory = directory;
  }

  /** Throws SystemError, and BUOY_KERNEL_REFUSED with the kernel's words. */
  static async build(world: World, settings: PlaygroundSettings): Promise<Playground> {
    prepareDirectory(settings.directory);
    const playground = new Playground(world, settings);
    try {
      await playground.#build();
      return playground;
    } catch (error) {
      await playground[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Opens a socket (socket(2)) on a machine. Throws SystemError. */
  async socket(machine: Machine, domain: number, type: number, protocol: number): Promise<Descriptor> {
    return this.#namespaces.socket(machine.namespace, domain, type, protocol);
  }

  /** Opens a namespace of this host, whoever it belongs to. Throws SystemError. */
  async open(name: NamespaceName): Promise<OpenNamespace> {
    const [opened] = await this.#namespaces.open([name]);
    if (opened instanceof OpenNamespace) return opened;
    throw opened ?? new BuoyError('BUOY_INTERNAL', 'the namespace worker did not answer');
  }

  /** Takes the name of a namespace of this host away, whoever it belongs to, as `ip netns delete` does. Throws SystemError. */
  unname(name: NamespaceName): void {
    releaseName(this.#directory, name);
  }

  async #build(): Promise<void> {
    using opened = new DisposableStack();
    const take = (namespace: OpenNamespace | SystemError | undefined): OpenNamespace => {
      if (namespace instanceof OpenNamespace) return opened.use(namespace);
      throw namespace ?? new BuoyError('BUOY_INTERNAL', 'the namespace worker did not answer');
    };
    const host = (await this.#namespaces.open([HOST])).map(take)[0] ?? take(undefined);
    exchange(host, (batch) => this.world.wires.forEach((wire) => writeBridge(batch, wire)));
    const bridges = indexes(host);
    exchange(host, (batch) => this.world.wires.forEach((wire) => writeNic(batch, wire, indexOf(bridges, wire.bridge))));

    const { outside, nexthops, workloads } = this.world;
    const machines = [...outside, ...nexthops, ...workloads];
    const created = await this.#namespaces.create(
      machines.map((machine) => machine.namespace),
      MARK,
    );
    for (const namespace of created) if (namespace instanceof OpenNamespace) this.#made.push(namespace.name);
    const inside = created.map(take);
    for (const [index, machine] of machines.entries()) {
      const namespace = inside[index] ?? take(undefined);
      exchange(host, (batch) => writeCable(batch, machine, indexOf(bridges, machine.bridge), namespace));
      const devices = indexes(namespace);
      exchange(namespace, (batch) =>
        writeMachine(batch, machine, indexOf(devices, DEVICE), indexOf(devices, LOOPBACK)),
      );
      exchange(namespace, (batch) => settleLink(batch, indexOf(devices, DEVICE)));
    }
    // One by one, since each is answered with a link.
    for (const index of indexes(host).values()) exchange(host, (batch) => settleLink(batch, index));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#made.splice(0)) releaseName(this.#directory, name);
    await this.#namespaces[Symbol.asyncDispose]();
  }
}

function writeBridge(batch: MessageBatch, { bridge, mtu }: Wire): void {
  createBridge(batch, { name: bridge, index: KERNELS_CHOICE, mac: undefined, mtu });
}

function writeNic(batch: MessageBatch, { nic, mtu }: Wire, bridge: number): void {
  if (nic === undefined) return;
  const end = { index: KERNELS_CHOICE, mac: undefined, mtu };
  createVeth(batch, { ...end, name: cableName(nic) }, bridge, { ...end, name: nic }, undefined);
  for (const name of [cableName(nic), nic]) changeLink(batch, name, { up: true });
}

function writeCable(batch: MessageBatch, { name, mtu }: Machine, bridge: number, namespace: OpenNamespace): void {
  const end = { index: KERNELS_CHOICE, mac: undefined, mtu };
  createVeth(batch, { ...end, name: cableName(name) }, bridge, { ...end, name: DEVICE }, namespace.descriptor.number);
  changeLink(batch, cableName(name), { up: true });
}

function writeMachine(batch: MessageBatch, machine: Machine, device: number, loopback: number): void {
  changeLink(batch, loopback, { up: true });
  changeLink(batch, device, { up: true });
  for (const address of machine.addresses) addAddress(batch, { ...address, index: device });
  for (const address of machine.behind) addAddress(batch, { address, length: 32, index: loopback });
  for (const { destination, gateway } of machine.routes) {
    setRoute(batch, { table: MAIN_TABLE, destination, index: device, gateway, protocol: PROTOCOL_STATIC });
  }
}

/** Sends what `write` writes, if anything. */
function exchange(namespace: OpenNamespace, write: (batch: MessageBatch) => void): void {
  const batch = new MessageBatch(1);
  write(batch);
  if (batch.count === 0) return;
  const refusal = namespace.route.exchange(batch)[0];
  if (refusal === undefined) return;
  const where = namespace.name === HOST ? 'the host' : namespace.name;
  throw new BuoyError('BUOY_KERNEL_REFUSED', `the playground could not be built in ${where}: ${refusal.message}`);
}

function indexes(namespace: OpenNamespace): ReadonlyMap<LinkName, number> {
  return new Map(readLinks(namespace.route).map(({ name, index }) => [name, index]));
}

function indexOf(links: ReadonlyMap<LinkName, number>, name: LinkName): number {
  const index = links.get(name);
  if (index === undefined) throw new BuoyError('BUOY_INTERNAL', `the device ${name} was made and is not there`);
  return index;
}
