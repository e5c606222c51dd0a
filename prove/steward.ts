// Who makes the plans of a history: the command line, which reads the whole host before each run and forgets it after, or the
// agent, which keeps account.

import type { Round } from '../src/agent/keeper.ts';
import { Keeper } from '../src/agent/keeper.ts';
import { diff } from '../src/host/diff.ts';
import type { Operation, Plan } from '../src/host/plan.ts';
import type { HostState } from '../src/host/state.ts';
import type { Result } from '../src/kernel/kernel.ts';
import type { SimulatedKernel } from '../src/kernel/simulated/index.ts';
import { disturbanceBetween } from '../src/kernel/simulated/index.ts';
import { compile, livePairs } from '../src/layout/index.ts';
import type { Ipv4Address } from '../src/model/address.ts';
import type { Model } from '../src/model/model.ts';
import type { NamespaceName } from '../src/model/names.ts';
import { INSTANCE } from './undisturbed.ts';
import { Violation } from './violation.ts';

/** A plan, and the whole host before it and as it is wanted. */
export interface Planned {
  readonly plan: Plan;
  readonly actual: HostState;
  readonly wanted: HostState;
  readonly model: Model;
}

export interface Steward {
  plan(kernel: SimulatedKernel, model: Model): Promise<Planned>;
  /** Others have changed the host. */
  hear(before: HostState, after: HostState): void;
  settle(planned: Planned, results: ReadonlyMap<Operation, Result>): void;
}

export class OneShot implements Steward {
  #last: { readonly model: Model; readonly key: string; readonly wanted: HostState } | undefined;

  async plan(kernel: SimulatedKernel, model: Model): Promise<Planned> {
    const actual = await kernel.read();
    const pairs = livePairs(actual);
    const wanted = this.#layout(model, pairs);
    demandSamePairs(wanted, pairs);
    return { plan: diff(actual, wanted), actual, wanted, model };
  }

  hear(): void {
    // It looks for itself.
  }

  settle(): void {
    // It looks for itself.
  }

  /** One run after the other wants the same. */
  #layout(model: Model, pairs: ReadonlyMap<string, Ipv4Address>): HostState {
    const key = [...pairs].join(' ');
    if (this.#last?.model === model && this.#last.key === key) return this.#last.wanted;
    const wanted = compile(model, pairs, { instance: INSTANCE });
    this.#last = { model, key, wanted };
    return wanted;
  }
}

export class Keeping implements Steward {
  readonly #keeper = new Keeper({ instance: INSTANCE });
  #hasRead = false;
  #round: Round | undefined;

  async plan(kernel: SimulatedKernel, model: Model): Promise<Planned> {
    const keeper = this.#keeper;
    const actual = await kernel.read();
    if (!this.#hasRead) keeper.learn(actual);
    else if (keeper.unsure.size > 0) keeper.learnNamespaces(keeper.unsure, partOf(actual, keeper.unsure));
    this.#hasRead = true;
    keeper.want(model);
    const round = keeper.round(keeper.unsettled);
    const [refused] = round.refused.values();
    if (refused !== undefined) throw new Violation(`a router is refused: ${refused.join(', ')}`);
    this.#round = round;
    demandSamePairs(round.wanted, livePairs(round.actual));
    let wanted: HostState | undefined;
    return {
      plan: round.plan,
      actual,
      model,
      get wanted() {
        return (wanted ??= keeper.wanted);
      },
    };
  }

  hear(before: HostState, after: HostState): void {
    const { namespaces, gone } = disturbanceBetween(before, after);
    this.#keeper.doubt(namespaces);
    this.#keeper.forget(gone);
  }

  settle(_: Planned, results: ReadonlyMap<Operation, Result>): void {
    if (this.#round !== undefined) this.#keeper.settle(this.#round, results);
  }
}

function demandSamePairs(wanted: HostState, held: ReadonlyMap<string, Ipv4Address>): void {
  for (const [router, pair] of livePairs(wanted))
    if ((held.get(router) ?? pair) !== pair) throw new Violation(`router ${router} is to give its link-local pair up`);
}

function partOf({ namespaces, foreign }: HostState, names: ReadonlySet<NamespaceName>): HostState {
  return { namespaces: new Map([...namespaces].filter(([name]) => names.has(name))), foreign };
}
