// The simulated kernel and the real one, side by side.

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '../../src/host/describe.ts';
import { listing } from '../../src/host/listing.ts';
import { ownerMark } from '../../src/host/mark.ts';
import type { Operation, Plan } from '../../src/host/plan.ts';
import type { HostState, LinkEnd } from '../../src/host/state.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import { changeHost, SimulatedHost, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import { deriveMac } from '../../src/model/mac.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { HOST, parseNamespaceName } from '../../src/model/names.ts';
import { enterFreshNamespace } from './fresh-namespace.ts';
import { link } from './models.ts';
import { must } from './must.ts';
import { planOf } from './plans.ts';
import { BRIDGE, INSTANCE, PARENT } from './random-operations.ts';

/** In the host from the beginning: for random operations, and for random models. */
const DEVICES = [BRIDGE, PARENT, ...['br-a', 'br-b', 'br-int', 'eth0', 'eth1'].map(link)];
const FIRST = must(parseNamespaceName('qrouter-first'));

/** Something of each of the two. */
interface Kinds<Something> {
  readonly real: Something;
  readonly simulated: Something;
}

/** What became of each operation, and what there is afterwards, on both kernels. */
type Ends = Kinds<readonly string[]>;

export class TwoKernels implements AsyncDisposable {
  readonly #real: LinuxKernel;
  /** What a new namespace has on this machine. */
  readonly #sysctls: ReadonlyMap<string, string>;
  #host = new SimulatedHost();
  #simulated: SimulatedKernel;
  /** Another process, as it were. */
  readonly #others: LinuxKernel;

  private constructor(real: LinuxKernel, others: LinuxKernel, sysctls: ReadonlyMap<string, string>) {
    this.#real = real;
    this.#others = others;
    this.#sysctls = sysctls;
    this.#simulated = this.#simulatedKernel();
  }

  /** In a network namespace of their own. */
  static async create(): Promise<TwoKernels> {
    enterFreshNamespace();
    for (const name of DEVICES) {
      execFileSync('ip', ['link', 'add', name, 'up', 'type', 'bridge']);
      // Without that, a bridge takes the smallest MTU and the lowest MAC address of its ports.
      execFileSync('ip', ['link', 'set', name, 'mtu', '9000', 'address', deriveMac(name, new Set())]);
    }
    const options = { instance: INSTANCE, directory: join(mkdtempSync('/run/two-'), 'netns') };
    const real = new LinuxKernel(options);
    await real.apply(planOf([[{ kind: 'namespace.create', namespace: FIRST }]]));
    const { sysctls } = must((await real.read()).namespaces.get(FIRST));
    return new TwoKernels(real, new LinuxKernel(options), sysctls);
  }

  /** Both without anything. Links go before namespaces, so that there is nothing to wait for. */
  async clean(): Promise<void> {
    const { namespaces } = await this.#real.read();
    const names = [...namespaces.keys()].filter((name) => name !== HOST);
    const links = [...must(namespaces.get(HOST)).links.keys()];
    const operations: Operation[] = [
      ...links.map((name): Operation => ({ kind: 'link.delete', namespace: HOST, link: name })),
      ...names.map((namespace): Operation => ({ kind: 'namespace.delete', namespace, ends: [] })),
    ];
    await this.#real.apply(planOf([operations]));
    this.#simulated = this.#simulatedKernel();
  }

  read(): Promise<HostState> {
    return this.#real.read();
  }

  async apply(plan: Plan): Promise<Ends> {
    return { real: await endOf(this.#real, plan), simulated: await endOf(this.#simulated, plan) };
  }

  /** Deletes a namespace, and waits for the other ends of its veths to go. */
  async deleteNamespace(namespace: NamespaceName): Promise<Ends> {
    const ends = farEnds(await this.#simulated.read(), namespace);
    return this.apply(planOf([[{ kind: 'namespace.delete', namespace, ends }]]));
  }

  /** Does an operation behind the back of both. */
  async changeByOthers(operation: Operation): Promise<void> {
    await this.#others.apply(planOf([[operation]]));
    changeHost(this.#host, operation);
  }

  /** What an onlooker reads, who remembers nothing. */
  async readByOthers(): Promise<Kinds<HostState>> {
    return { real: await this.#others.read(), simulated: await this.#simulated.read() };
  }

  get kernels(): Kinds<Kernel> {
    return { real: this.#real, simulated: this.#simulated };
  }

  #simulatedKernel(): SimulatedKernel {
    const links = new Map(DEVICES.map((name): [LinkName, string] => [name, 'bridge']));
    const state: HostState = { namespaces: new Map(), foreign: { namespaces: new Map(), links } };
    this.#host = new SimulatedHost({ state, mark: ownerMark(INSTANCE), sysctls: this.#sysctls });
    return new SimulatedKernel(this.#host, { instance: INSTANCE });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clean();
    await this.#real.close();
    await this.#others.close();
  }
}

async function endOf(kernel: Kernel, plan: Plan): Promise<readonly string[]> {
  const lines: string[] = [];
  await kernel.apply(plan, {
    settled: (operation, result) => {
      const text = typeof result === 'string' ? result : result.errno;
      lines.push(`${operation.namespace}: ${describe(operation).join('; ')}: ${text}`);
    },
  });
  const state = await kernel.read();
  const foreign = [...state.foreign.links].map(([name, word]) => `${word} ${name}`);
  return [...lines, ...listing(state).split('\n'), ...foreign.sort()];
}

function farEnds(state: HostState, name: NamespaceName): LinkEnd[] {
  const kinds = [...(state.namespaces.get(name)?.links.values() ?? [])].map(({ kind }) => kind);
  const peers = kinds.flatMap((kind) => (kind.type === 'veth' && kind.peer !== undefined ? [kind.peer] : []));
  return peers.filter(({ namespace }) => namespace !== name);
}
