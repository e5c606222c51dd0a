// Keeps account of one host: what is wanted, what is known of the kernel, and who of the subjects (a router, what the routers
// of an external network share, the host) is not settled. It makes plans for some of them at a time, whose cost is
// that of their own slices, however many others there are. Pure: time, kernel and retries are the agent's.
//
// What it knows is what was read, and what a run has done without a failure. After anything else
// (a failure, a death, a change by others) a namespace is unsure, and is read again before the next plan.

import type { BuoyError } from '../errors.ts';
import { diff } from '../host/diff.ts';
import type { Gone } from '../host/gone.ts';
import { MOST_GONE } from '../host/gone.ts';
import type { Operation, Plan } from '../host/plan.ts';
import { preflight } from '../host/preflight.ts';
import type { Slice } from '../host/slices.ts';
import { union } from '../host/slices.ts';
import type { HostState } from '../host/state.ts';
import { MAIN_TABLE } from '../host/state.ts';
import type { Result } from '../kernel/kernel.ts';
import type { LayoutOptions } from '../layout/index.ts';
import type { Model } from '../model/model.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST, isFipNamespace } from '../model/names.ts';
import { KnownHost } from './known-host.ts';
import { WantedHost } from './wanted-host.ts';

/** What is to be done for some subjects. */
export interface Round {
  /** What the plan is for. */
  readonly model: Model;
  /** Under the subjects, what they are to have; undefined: nothing. */
  readonly subjects: ReadonlyMap<NamespaceName, Slice | undefined>;
  /** What these subjects have. */
  readonly actual: HostState;
  /** What they are to have. */
  readonly wanted: HostState;
  readonly plan: Plan;
  /** Subjects for which nothing can be done as long as the host is as it is, and why. */
  readonly refused: ReadonlyMap<NamespaceName, readonly BuoyError[]>;
}

export interface KeeperOptions extends LayoutOptions {
  /** Devices that ports may be plugged into; undefined: any. Whoever needs another is refused alone: the kernel would refuse the whole plan. */
  readonly allowedDevices?: ReadonlySet<LinkName> | undefined;
}

export class Keeper {
  readonly #wanted: WantedHost;
  readonly #allowedDevices: ReadonlySet<LinkName> | undefined;
  readonly #known = new KnownHost();
  readonly #unsettled = new Set<NamespaceName>();
  readonly #unsure = new Set<NamespaceName>();
  /** Subjects of which nobody knows what was announced, and which connections were ended. */
  readonly #unfinished = new Set<NamespaceName>();
  /** Namespaces that are shared and seem to have what is of a router: of one of these, which cannot be planned for without them. */
  readonly #blurred = new Map<NamespaceName, ReadonlySet<NamespaceName>>();
  #model: Model = { networks: new Map(), routers: new Map() };

  constructor(options: KeeperOptions) {
    this.#wanted = new WantedHost(options);
    this.#allowedDevices = options.allowedDevices;
  }

  /** Subjects that are not known to be as they are wanted. */
  get unsettled(): ReadonlySet<NamespaceName> {
    return this.#unsettled;
  }

  /** Namespaces that have to be read before the next round. */
  get unsure(): ReadonlySet<NamespaceName> {
    return this.#unsure;
  }

  /** Subjects that the host is known to have something of. */
  get known(): Iterable<NamespaceName> {
    return this.#known.subjects();
  }

  /** All that is wanted. */
  get wanted(): HostState {
    return union(
      [...this.#wanted.subjects()].flatMap((subject) => this.#wanted.slice(subject) ?? []),
      [],
    );
  }

  /** Takes over what is wanted. Answers the subjects that are to have something else than before. */
  want(model: Model): ReadonlySet<NamespaceName> {
    this.#model = model;
    const changed = this.#wanted.want(model, this.#known.pairs);
    for (const subject of changed) this.#unsettled.add(subject);
    return changed;
  }

  /** Takes over a host that was read as a whole: everybody has to be looked at. */
  learn(state: HostState): void {
    this.#known.learn(state);
    this.#unsure.clear();
    this.#blurred.clear();
    this.want(this.#model);
    for (const subject of [...this.#known.subjects(), ...this.#wanted.subjects()]) {
      this.#unsettled.add(subject);
      if (state.isUnfinished === true) this.#unfinished.add(subject);
    }
  }

  /** Says that something in these namespaces may be otherwise than it was. */
  doubt(namespaces: Iterable<NamespaceName>): void {
    for (const name of namespaces) this.#unsure.add(name);
  }

  /** Takes over what was read of some namespaces. Those who are not as they are wanted, and were, are unsettled now, and are the answer. */
  learnNamespaces(names: ReadonlySet<NamespaceName>, state: HostState): Set<NamespaceName> {
    const disturbed = this.#lookAt(this.#known.learnNamespaces(names, state));
    // They may be the unsure ones themselves.
    for (const name of names) this.#unsure.delete(name);
    return disturbed;
  }

  /** Takes over that something is gone, where nothing else has changed and no round is under way. Answers as `learnNamespaces`. */
  forget(gone: readonly Gone[]): Set<NamespaceName> {
    const touched = new Set<NamespaceName>();
    for (const [namespace, ones] of Map.groupBy(gone, (one) => one.namespace)) {
      if (ones.length > MOST_GONE) this.#unsure.add(namespace);
      else for (const one of ones) for (const subject of this.#known.forget(one)) touched.add(subject);
    }
    return this.#lookAt(touched);
  }

  /** Those who are not as they are wanted, and were, are unsettled now, and are the answer. */
  #lookAt(touched: ReadonlySet<NamespaceName>): Set<NamespaceName> {
    const disturbed = new Set<NamespaceName>();
    // Of what is shared it can be told when its routers have been looked at.
    for (const subject of [...touched].sort((a, b) => Number(isFipNamespace(a)) - Number(isFipNamespace(b)))) {
      if (this.#unsettled.has(subject) || this.#isAsWanted(subject)) continue;
      this.#unsettled.add(subject);
      disturbed.add(subject);
    }
    return disturbed;
  }

  #isAsWanted(subject: NamespaceName): boolean {
    const isSo = (subjects: ReadonlySet<NamespaceName>): boolean => {
      const { steps } = diff({ ...this.#actual(subjects), isUnfinished: false }, this.#want(subjects));
      return !steps.some((step) => step.subject === subject);
    };
    this.#blurred.delete(subject);
    if (isSo(new Set([subject]))) return true;
    // What a router without its link has left in a namespace that is shared looks like that namespace's own.
    const entangled = this.#withEntangled([subject]);
    if (!isSo(entangled)) return false;
    this.#blurred.set(subject, entangled.intersection(this.#unsettled));
    return true;
  }

  /** A plan for these subjects, and for those without whom it cannot be made. */
  round(some: Iterable<NamespaceName>): Round {
    const subjects = this.#withEntangled(some);
    const refused = new Map<NamespaceName, readonly BuoyError[]>();
    for (const subject of subjects) {
      const errors = this.#obstacles(subject);
      if (errors.length > 0) refused.set(subject, errors);
    }
    // What a refused router keeps stands in a namespace that nobody wants any more: that stays, too.
    for (const [subject, errors] of refused)
      for (const name of this.#known.slice(subject)?.keys() ?? [])
        if (isFipNamespace(name) && this.#wanted.slice(name) === undefined) refused.set(name, errors);
    for (const subject of refused.keys()) subjects.delete(subject);
    const actual = this.#actual(subjects);
    const wanted = this.#want(subjects);
    const slices = new Map([...subjects].map((subject) => [subject, this.#wanted.slice(subject)]));
    return { model: this.#model, subjects: slices, actual, wanted, plan: diff(actual, wanted), refused };
  }

  #obstacles(subject: NamespaceName): BuoyError[] {
    const error = this.#wanted.error(subject);
    if (error !== undefined) return [error];
    const namespaces = new Map(this.#wanted.slice(subject));
    // What a router shares is needed as well.
    for (const name of namespaces.keys()) {
      const shared = isFipNamespace(name) && name !== subject ? this.#wanted.slice(name)?.get(name) : undefined;
      if (shared !== undefined) namespaces.set(name, shared);
    }
    const foreign = this.#known.foreign;
    return preflight({ namespaces: new Map(), foreign }, { namespaces, foreign }, this.#allowedDevices);
  }

  /** Takes over what became of a round: of every operation of its plan. */
  settle({ subjects, plan }: Round, results: ReadonlyMap<Operation, Result>): void {
    const failed = new Set<NamespaceName>();
    for (const { subject, operations } of plan.steps) {
      if (operations.every((operation) => results.get(operation) === 'done')) continue;
      failed.add(subject);
      // What else of it was done, or is there in its stead, is to be seen there.
      for (const { namespace } of operations) this.#unsure.add(namespace);
    }
    for (const [subject, slice] of subjects) {
      if (failed.has(subject)) {
        this.#unsettled.add(subject);
        this.#unfinished.add(subject);
        this.#unsure.add(subject).add(HOST);
        for (const one of [this.#known.slice(subject), this.#wanted.slice(subject)])
          for (const name of one?.keys() ?? []) this.#unsure.add(name);
      } else {
        this.#known.replace(subject, slice);
        this.#unfinished.delete(subject);
        this.#blurred.delete(subject);
        // Meanwhile something else may be wanted.
        if (slice === this.#wanted.slice(subject)) this.#unsettled.delete(subject);
      }
    }
  }

  #actual(subjects: ReadonlySet<NamespaceName>): HostState {
    const state = this.#unionOf(subjects, (subject) => this.#known.slice(subject));
    return { ...state, isUnfinished: [...subjects].some((subject) => this.#unfinished.has(subject)) };
  }

  #want(subjects: ReadonlySet<NamespaceName>): HostState {
    return this.#unionOf(subjects, (subject) => this.#wanted.slice(subject));
  }

  #unionOf(subjects: ReadonlySet<NamespaceName>, sliceOf: (subject: NamespaceName) => Slice | undefined): HostState {
    const others = new Set<NamespaceName>();
    for (const subject of subjects) {
      for (const slice of [this.#known.slice(subject), this.#wanted.slice(subject)])
        for (const name of slice?.keys() ?? []) if (!subjects.has(name)) others.add(name);
    }
    return union(
      [...subjects].flatMap((subject) => sliceOf(subject) ?? []),
      others,
    );
  }

  /**
   * What the routers of an external network share is planned with all of them. A router is planned with whom its floating
   * IPs still lead to, and with what it shares, if that is not settled either.
   */
  #withEntangled(some: Iterable<NamespaceName>): Set<NamespaceName> {
    const subjects = new Set(some);
    // Those that are added on the way are visited, too.
    for (const subject of subjects) {
      if (isFipNamespace(subject)) {
        for (const member of this.#known.membersOf(subject)) subjects.add(member);
        for (const other of this.#wanted.subjects()) if (this.#wanted.slice(other)?.has(subject)) subjects.add(other);
        continue;
      }
      for (const [shared, routers] of this.#blurred) if (routers.has(subject)) subjects.add(shared);
      const wanted = this.#wanted.slice(subject);
      for (const name of [...(this.#known.slice(subject)?.keys() ?? []), ...(wanted?.keys() ?? [])])
        if (this.#unsettled.has(name)) subjects.add(name);
      for (const [name, piece] of wanted ?? []) {
        const holders = this.#known.holdersIn(name);
        if (holders === undefined) continue;
        piece.routes.get(MAIN_TABLE)?.hosts.forEach((_, floating) => {
          const holder = holders.get(floating);
          if (holder !== undefined && holder !== subject) subjects.add(holder);
        });
      }
    }
    return subjects;
  }
}
