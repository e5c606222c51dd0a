// Cycles: a model is applied to a host and taken away again, each time a little differently.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diff } from '../../src/host/diff.ts';
import { describe } from '../../src/host/describe.ts';
import type { Plan } from '../../src/host/plan.ts';
import { operationCount } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import { NO_FOREIGN } from '../../src/host/state.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import { routerNamespace, tapName } from '../../src/model/names.ts';
import { probe } from '../../src/playground/probe.ts';
import { INTENTS_IN_TURN } from '../../test/support/intents-in-turn.ts';
import { INSTANCE, Lab } from '../../test/support/lab.ts';

const BASE = INTENTS_IN_TURN['create all'];
const CHANGES = [
  INTENTS_IN_TURN['move floating IPs'],
  INTENTS_IN_TURN['change the gateway'],
  INTENTS_IN_TURN['change the external network'],
];
const NOTHING: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };

/** From one cycle with something more to the next one; without common divisors, so that all of them meet. */
const EVERY = { change: 4, packets: 7, newKernel: 11, refusal: 13 } as const;

/** One host on which cycles are run. */
export class Cycles implements AsyncDisposable {
  readonly lab: Lab;
  #number = 0;

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  static async create(): Promise<Cycles> {
    return new Cycles(await Lab.create(...Object.values(INTENTS_IN_TURN)));
  }

  /** Runs the next cycle. Throws when something came out otherwise than it should. */
  async run(): Promise<void> {
    const number = this.#number++;
    if (number % EVERY.newKernel === 0) {
      await using kernel = this.lab.openKernel();
      await this.#cycle(kernel, number);
    } else {
      await this.#cycle(this.lab.kernel, number);
    }
  }

  async #cycle(kernel: Kernel, number: number): Promise<void> {
    if (number % EVERY.refusal === 0) await this.#beRefused(kernel, number / EVERY.refusal);
    await bring(kernel, BASE);
    const change = number % EVERY.change === 0 ? CHANGES[(number / EVERY.change) % CHANGES.length] : undefined;
    if (change !== undefined) await bring(kernel, change);
    if (number % EVERY.packets === 0) await this.#sendPackets(change ?? BASE);
    await bring(kernel, undefined);
  }

  /** Something comes in the way after the plan was made. What could not be done then is left to the cycle to repair. */
  async #beRefused(kernel: Kernel, number: number): Promise<void> {
    const obstacle = OBSTACLES[number % OBSTACLES.length] ?? nameTaken;
    const plan = await planFor(kernel, BASE);
    using _inTheWay = obstacle(this.lab);
    const { failures } = await kernel.apply(plan);
    if (failures.length === 0) throw new Error('nothing was refused');
  }

  /** Packets leave connections, neighbours and cached routes in the kernel. */
  async #sendPackets(model: Model): Promise<void> {
    for (const way of ['in by floating IP', 'out by floating IP']) {
      const { ok, detail } = await probe(this.lab.playground, this.lab.journey(model, way), 'udp');
      if (!ok) throw new Error(`${way}: ${detail}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}

/** Puts something in the way of `BASE`; disposing takes it out of the way. */
type Obstacle = (lab: Lab) => Disposable;

/** The kernel refuses the name, after the namespace was made. */
const nameTaken: Obstacle = ({ directory }) => {
  const path = join(directory, routerNamespace('green'));
  writeFileSync(path, 'somebody’s');
  return { [Symbol.dispose]: () => rmSync(path) };
};

/** The kernel refuses one of many messages. */
const deviceNameTaken: Obstacle = (lab) => {
  const port = BASE.routers.get('green')?.interfaces[0];
  if (port === undefined) throw new Error('green has no port');
  lab.inHost('ip', 'link', 'add', tapName(port.id), 'type', 'bridge');
  return { [Symbol.dispose]: () => lab.inHost('ip', 'link', 'delete', tapName(port.id)) };
};

/** It is not the kernel that refuses: there is nothing to ask it for. */
const bridgeGone: Obstacle = (lab) => {
  lab.inHost('ip', 'link', 'set', 'br-green', 'name', 'br-gone');
  return { [Symbol.dispose]: () => lab.inHost('ip', 'link', 'set', 'br-gone', 'name', 'br-green') };
};

const OBSTACLES = [nameTaken, deviceNameTaken, bridgeGone];

async function planFor(kernel: Kernel, model: Model | undefined): Promise<Plan> {
  const actual = await kernel.read();
  const wanted = model === undefined ? NOTHING : compile(model, livePairs(actual), { instance: INSTANCE });
  return diff(actual, wanted);
}

/** Makes the host as the model says, or empty. Throws when anything of that is refused, or there was nothing to do. */
async function bring(kernel: Kernel, model: Model | undefined): Promise<void> {
  const plan = await planFor(kernel, model);
  if (operationCount(plan) === 0) throw new Error('there was nothing to do');
  const { failures } = await kernel.apply(plan);
  const [failure] = failures;
  if (failure === undefined) return;
  throw new Error(`${describe(failure.operation).join('; ')}: ${failure.message} (${failures.length} failures)`);
}
