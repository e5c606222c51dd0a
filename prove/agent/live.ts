// Lives a history of the whole agent on a simulated host, and watches it.

import { setImmediate as turn } from 'node:timers/promises';
import type { AgentEvent } from '../../src/agent/events.ts';
import { NetworkingError } from '../../src/intent/store/index.ts';
import type { SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import { changeHost, ProcessDied, SimulatedHost } from '../../src/kernel/simulated/index.ts';
import { compile } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { HOST } from '../../src/model/names.ts';
import { foreignText, strangers } from '../foreign.ts';
import { choose } from '../intent.ts';
import type { Life } from '../live.ts';
import { meddlingOn } from '../meddle.ts';
import { INSTANCE, MARK } from '../undisturbed.ts';
import { Violation } from '../violation.ts';
import { makeCall } from './call.ts';
import { Disk } from './disk.ts';
import type { AgentHistory, AgentMove, Doing } from './history.ts';
import { AUDIT_MS, Listener } from './listener.ts';
import { Overseer } from './overseer.ts';
import {
  demandHost,
  demandNewest,
  demandNoDoubles,
  demandPending,
  demandSameStatuses,
  demandStatuses,
  demandUndisturbed,
  shownRouters,
} from './rest.ts';
import { beginning } from './world.ts';

/** One history of so many begins on a host without anything. */
const FROM_NOTHING = 8;
const STEPS_AT_ONCE = [1, 3, 32];
/** One recovery of so many is compared with a host without a history. */
const COMPARED = 6;
/** One call of so many is looked at, when it is refused, whether it has changed anything. */
const LOOKED_AT = 12;
/** Longer than any retry waits. */
const LONGEST_WAIT_MS = 80_000;
/** Turns of the event loop in which the agent comes to rest. */
const MOST_TURNS = 400;

/** `tell` gets to know what happens, in words. Throws Violation when a promise is broken. */
export async function liveAgent(history: AgentHistory, tell?: (line: string) => void): Promise<Life> {
  using disk = new Disk(beginning(), history.seed);
  return await new Living(history, disk, tell).live();
}

class Living {
  readonly #history: AgentHistory;
  readonly #tell: ((line: string) => void) | undefined;
  readonly #disk: Disk;
  readonly #host: SimulatedHost;
  #foreign: string;
  /** There are more bridges than on a host without a history. */
  #hasBridges = false;
  readonly #overseer: Overseer;
  #kernel: SimulatedKernel;
  #listener: Listener;
  #state: 'up' | 'stopping' | 'down' = 'up';
  /** What the next process may find stored: what was acknowledged, and what nobody was told of. */
  #stored: readonly string[];
  /** What happens after so many more operations. */
  #later: { left: number; readonly doing: Doing }[] = [];
  #losesEvents = false;
  /** The agent has not been told of something. */
  #isUnheard = false;
  #calls = 0;
  #mishaps = 0;
  #recoveries = 0;
  /** Since time has passed: what the agent had to do something for, and what it did. */
  #stimuli = 0;
  #rounds = 0;
  /** Subjects that are said to be settled in the round that is under way. */
  readonly #said = new Set<NamespaceName>();

  constructor(history: AgentHistory, disk: Disk, tell: ((line: string) => void) | undefined) {
    this.#history = history;
    this.#disk = disk;
    this.#tell = tell;
    const open = disk.open();
    this.#stored = [open.dump()];
    const state = history.seed % FROM_NOTHING === 0 ? strangers() : stateOf(open.store.model());
    open.close();
    this.#host = new SimulatedHost({ state, mark: MARK, seed: history.seed });
    this.#foreign = foreignText(this.#host, MARK);
    this.#overseer = new Overseer(this.#host, history.seed, tell);
    this.#overseer.afterOperation = () => this.#count();
    this.#kernel = this.#newKernel();
    this.#listener = this.#newListener();
  }

  async live(): Promise<Life> {
    try {
      await this.#settle();
      for (const move of this.#history.moves) await this.#make(move);
      await this.#recover();
    } finally {
      this.#listener.end();
      this.#listener.open.close();
    }
    const { plans, operations, faults, walks } = this.#overseer;
    return { changes: this.#calls, runs: plans, operations, faults: faults + this.#mishaps, walks };
  }

  async #make({ acts, passing, recovers }: AgentMove): Promise<void> {
    const sorted = acts.map((act) => ({ left: act.after ?? -1, doing: act }));
    this.#later = sorted.filter(({ left }) => left >= 0);
    for (const { doing } of sorted.filter(({ left }) => left < 0)) this.#do(doing);
    await this.#settle();
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) {
      this.#do(next.doing);
      await this.#settle();
    }
    await this.#pass(passing);
    if (recovers) await this.#recover();
  }

  /** The host was read, or something was done to it. */
  #count(): void {
    for (const one of this.#later) one.left--;
    const due = this.#later.filter(({ left }) => left < 0);
    if (due.length === 0) return;
    this.#later = this.#later.filter(({ left }) => left >= 0);
    for (const { doing } of due) this.#do(doing);
  }

  #do(doing: Doing): void {
    this.#stimuli++;
    switch (doing.kind) {
      case 'call':
        return this.#call(doing);
      case 'meddle':
        return this.#meddle(doing);
      case 'fault':
        this.#tell?.(`the kernel, from here on: ${JSON.stringify(doing.fault)}`);
        return this.#overseer.arm(doing.fault);
      case 'poison': {
        const names = [...this.#host.read(MARK).namespaces.keys()].filter((name) => name !== HOST);
        this.#overseer.poisoned = names.length === 0 ? undefined : choose(names, doing.where);
        this.#tell?.(`the kernel refuses everything in ${this.#overseer.poisoned}`);
        return;
      }
      case 'kill listener':
        return this.#kill();
      case 'restart':
        return this.#stop();
      case 'audit':
        if (this.#state === 'up') this.#listener.agent.audit();
    }
  }

  #call({ call, mishap }: Extract<Doing, { kind: 'call' }>): void {
    if (this.#state !== 'up') return;
    const { open } = this.#listener;
    // To look at everything takes longer than a call.
    const before = mishap === undefined && this.#calls % LOOKED_AT > 0 ? undefined : open.dump();
    const text = `${call.kind} (${call.a}, ${call.b}, ${call.c})${mishap === undefined ? '' : ` ${JSON.stringify(mishap)}`}`;
    this.#calls++;
    if (mishap !== undefined) this.#mishaps++;
    const shown = shownRouters(open.store);
    try {
      open.call(() => makeCall(open.api, call), mishap);
      this.#tell?.(`a client: ${text}`);
    } catch (error) {
      if (error instanceof ProcessDied) {
        this.#tell?.(`a client, unanswered: ${text}`);
        this.#kill();
        this.#stored = [before, open.undecided].filter((one) => one !== undefined);
        return;
      }
      if (!(error instanceof NetworkingError)) throw error;
      this.#tell?.(`a client, refused: ${text}: ${error.type}`);
      if (before !== undefined && open.dump() !== before) throw new Violation(`a call was refused and done: ${text}`);
    }
    demandPending(shown, shownRouters(open.store));
  }

  #meddle({ meddling, told }: Extract<Doing, { kind: 'meddle' }>): void {
    const operation = meddlingOn(this.#host.read(MARK), meddling);
    if (operation === undefined) return;
    this.#tell?.(`somebody: ${meddling.kind} in ${operation.namespace}, and the agent is told of ${told}`);
    this.#overseer.disturbed();
    const watchers = [...this.#host.watchers];
    if (told === 'nothing') {
      this.#isUnheard = true;
      this.#host.watchers.clear();
    }
    if (told === 'loss') this.#losesEvents = true;
    changeHost(this.#host, operation);
    if (told === 'nothing') for (const watcher of watchers) this.#host.watchers.add(watcher);
    this.#overseer.announced.note(operation);
  }

  #kill(): void {
    if (this.#state === 'down') return;
    this.#tell?.('the listening process dies');
    this.#state = 'down';
    this.#stored = [this.#listener.open.dump()];
    this.#listener.die();
  }

  #stop(): void {
    if (this.#state !== 'up') return;
    this.#tell?.('the listening process is stopped');
    this.#state = 'stopping';
    const listener = this.#listener;
    this.#stored = [listener.open.dump()];
    void listener.stop().finally(() => {
      if (this.#listener === listener) this.#state = 'down';
    });
  }

  /** Lets the agent come to rest; whoever is down is started again. Throws Violation if it never does. */
  async #settle(): Promise<void> {
    for (let turns = 0; ; turns++) {
      await turn();
      this.#overseer.rethrow();
      if (this.#state === 'down') {
        if (!this.#listener.line.isBusy) this.#start();
      } else if (this.#state === 'up') {
        if (this.#overseer.isKernelDead) this.#stopWithoutKernel();
        else if (this.#listener.error !== undefined) throw new Violation(`it could not start: ${this.#listener.error}`);
        else if (this.#listener.isAtRest) break;
      }
      if (turns > MOST_TURNS + 10 * this.#stimuli) throw new Violation('the agent never comes to rest');
    }
    if (this.#rounds > 4 + 3 * this.#stimuli)
      throw new Violation(`${this.#rounds} rounds for ${this.#stimuli} things that happened`);
    const { agent, open } = this.#listener;
    demandSameStatuses(agent, open.store);
  }

  /** When it has heard that the privileged process is no more. */
  #stopWithoutKernel(): void {
    if (this.#listener.error !== undefined || this.#listener.clock.isAwaited) this.#stop();
  }

  async #pass(milliseconds: number): Promise<void> {
    this.#tell?.(`${milliseconds} ms pass`);
    this.#stimuli = 1;
    this.#rounds = 0;
    this.#host.settle();
    this.#listener.clock.pass(milliseconds);
    await this.#settle();
  }

  #start(): void {
    this.#stimuli++;
    if (this.#overseer.isKernelDead) this.#kernel = this.#newKernel();
    this.#listener = this.#newListener();
    this.#state = 'up';
  }

  #newKernel(): SimulatedKernel {
    return this.#overseer.newKernel(choose(STEPS_AT_ONCE, this.#history.seed), () => {
      const loses = this.#losesEvents;
      this.#losesEvents = false;
      return loses;
    });
  }

  #newListener(): Listener {
    const open = this.#disk.open();
    const found = open.dump();
    if (!this.#stored.includes(found)) throw new Violation('what is stored is not what was acknowledged');
    demandNoDoubles(open.api);
    const kernel = this.#kernel;
    const listener: Listener = new Listener(open, {
      seed: this.#history.seed,
      kernel,
      apply: (plan, observer) =>
        this.#overseer.apply(kernel, listener.agent.told ?? open.store.model(), plan, observer),
      reading: () => this.#count(),
      tell: (event) => this.#hear(event),
    });
    return listener;
  }

  #hear(event: AgentEvent): void {
    switch (event.kind) {
      case 'round':
        this.#rounds++;
        return this.#said.clear();
      case 'settled': {
        this.#said.add(event.subject);
        const { router } = event;
        if (router !== undefined) this.#overseer.keep(() => demandNewest(router, this.#listener.open.store));
        return;
      }
      case 'failure':
        if (this.#said.has(event.subject))
          this.#overseer.keep(() => {
            throw new Violation(`${event.subject} is said to be settled, and to have failed`);
          });
        return;
      case 'trouble':
        this.#tell?.(`the agent has trouble: ${String(event.error)}`);
        return this.#overseer.keep(() => {
          // Of a dead kernel alone.
          if (!(event.error instanceof ProcessDied)) throw event.error;
        });
      default:
    }
  }

  /** Nothing goes wrong any more, and time passes: all has to be well. */
  async #recover(): Promise<void> {
    this.#tell?.('nothing goes wrong from here on');
    this.#recoveries++;
    this.#overseer.cure();
    this.#losesEvents = false;
    await this.#pass(0);
    this.#makeBridges();
    await this.#pass(this.#isUnheard ? AUDIT_MS + LONGEST_WAIT_MS : LONGEST_WAIT_MS);
    this.#isUnheard = false;
    await this.#demandWell();
    const operations = this.#overseer.operations;
    if (this.#recoveries % 2 === 0) this.#stop();
    else if (this.#recoveries % 3 === 0) this.#kill();
    else this.#listener.agent.audit();
    await this.#settle();
    if (this.#overseer.operations > operations) throw new Violation('something was done to a host that was right');
    await this.#demandWell();
  }

  /** The administrator makes the bridges that networks need. */
  #makeBridges(): void {
    if (foreignText(this.#host, MARK) !== this.#foreign) throw new Violation('what is foreign has changed');
    const { foreign } = this.#host.read(MARK);
    for (const { plug } of this.#listener.open.store.model().networks.values()) {
      if (plug.driver !== 'bridge' || foreign.links.has(plug.bridge)) continue;
      const kind = { type: 'other', word: 'bridge' } as const;
      const link = {
        name: plug.bridge,
        kind,
        mac: undefined,
        mtu: 1500,
        up: true,
        master: undefined,
        alias: undefined,
      };
      changeHost(this.#host, { kind: 'link.create', namespace: HOST, link, peer: undefined });
      this.#hasBridges = true;
    }
    this.#foreign = foreignText(this.#host, MARK);
  }

  async #demandWell(): Promise<void> {
    const { agent, open } = this.#listener;
    const model = open.store.model();
    const choice = this.#history.seed + this.#recoveries;
    const actual = this.#host.read(MARK);
    demandStatuses(agent, open.api, model);
    demandHost(actual, model, choice);
    this.#overseer.isUntouched = true;
    const stale = this.#overseer.connections.stale(actual);
    if (stale !== undefined) throw new Violation(`connections are left ${stale}`);
    const silent = this.#overseer.announced.missing(actual);
    if (silent !== undefined) throw new Violation(`a floating IP was never announced: ${silent}`);
    if (foreignText(this.#host, MARK) !== this.#foreign) throw new Violation('what is foreign has changed');
    if (choice % COMPARED === 0 && !this.#hasBridges) await demandUndisturbed(actual, model);
  }
}

/** A host that has what a store says. */
function stateOf(model: Model): ReturnType<typeof strangers> {
  return { ...strangers(), namespaces: compile(model, new Map(), { instance: INSTANCE }).namespaces };
}
