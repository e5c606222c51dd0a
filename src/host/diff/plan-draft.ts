// Sorts the operations of a plan while it is being made. Each has a subject, which is the namespace
// whose step it belongs to, and a stage within that step.

import type { NamespaceName } from '../../model/names.ts';
import { HOST, isFipNamespace } from '../../model/names.ts';
import type { Operation, Plan, Step } from '../plan.ts';

/** What is made, first to last. A router's come twice: for its own namespace, then for its part of the fip namespace. */
const MAKING = [
  'namespace',
  'displaced links',
  'links',
  'link sysctls',
  // Without them the kernel finds no gateway, and refuses routes.
  'default rules',
  'displaced addresses',
  'addresses',
  'neighbours',
  'on-link routes',
  'routes',
  'displaced rules',
  'rules',
  'chains',
  'elements',
  'host routes',
] as const;

/** What goes, first to last. */
const UNMAKING = [
  'host routes',
  'translations',
  'connections',
  'elements',
  'rules',
  'routes',
  'neighbours',
  'addresses',
  'links',
  'tables',
  'namespace',
] as const;

export type Making = (typeof MAKING)[number];
export type Unmaking = (typeof UNMAKING)[number];

interface Subject {
  readonly own: Map<Making, Operation[]>;
  readonly shared: Map<Making, Operation[]>;
  readonly announcements: Operation[];
  readonly unmaking: Map<Unmaking, Operation[]>;
  /** Who takes over what goes. */
  readonly heirs: Set<NamespaceName>;
}

export class PlanDraft {
  readonly #subjects = new Map<NamespaceName, Subject>();

  make(subject: NamespaceName, stage: Making, operation: Operation): void {
    const { own, shared } = this.#subject(subject);
    // What stands in the way of one end of a veth may well be at the other.
    const isOwn = operation.namespace === subject || operation.namespace === HOST || stage === 'displaced links';
    push(isOwn ? own : shared, stage, operation);
  }

  announce(subject: NamespaceName, operation: Operation): void {
    this.#subject(subject).announcements.push(operation);
  }

  unmake(subject: NamespaceName, stage: Unmaking, operation: Operation): void {
    push(this.#subject(subject).unmaking, stage, operation);
  }

  /** What the subject unmakes is to stay until `heir` has all that it makes: a floating IP moves from the one to the other. */
  handOver(subject: NamespaceName, heir: NamespaceName): void {
    if (subject !== heir) this.#subject(subject).heirs.add(heir);
  }

  /**
   * All that was put in, in order. A fip namespace that goes as a whole goes before all else that
   * goes: with it, the floating IPs of its routers are withdrawn at once.
   */
  finish(): Plan {
    const names = [...this.#subjects.keys()].sort(compareSubjects);
    const fipNamespaceGoes = (name: NamespaceName): boolean =>
      isFipNamespace(name) && this.#subject(name).unmaking.has('namespace');
    const steps = [
      ...names.map((name) => this.#making(name)),
      ...names.filter(fipNamespaceGoes).map((name) => this.#unmaking(name)),
      // From the routers down to the host.
      ...names
        .filter((name) => !fipNamespaceGoes(name))
        .reverse()
        .map((name) => this.#unmaking(name)),
    ];
    return { steps: steps.filter((step) => step.operations.length > 0) };
  }

  #making(subject: NamespaceName): Step {
    const { own, shared, announcements } = this.#subject(subject);
    const operations = [...inOrder(MAKING, own), ...inOrder(MAKING, shared), ...announcements];
    return { subject, operations, after: [] };
  }

  #unmaking(subject: NamespaceName): Step {
    const { unmaking, heirs } = this.#subject(subject);
    return { subject, operations: inOrder(UNMAKING, unmaking), after: [...heirs].sort(compareSubjects) };
  }

  #subject(name: NamespaceName): Subject {
    let subject = this.#subjects.get(name);
    if (subject === undefined) {
      subject = { own: new Map(), shared: new Map(), announcements: [], unmaking: new Map(), heirs: new Set() };
      this.#subjects.set(name, subject);
    }
    return subject;
  }
}

/** The order in which namespaces are made: the host, which is there, then what routers share, then routers. */
export function compareSubjects(a: NamespaceName, b: NamespaceName): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(name: NamespaceName): number {
  return name === HOST ? 0 : isFipNamespace(name) ? 1 : 2;
}

function push<Stage>(stages: Map<Stage, Operation[]>, stage: Stage, operation: Operation): void {
  const operations = stages.get(stage);
  if (operations === undefined) stages.set(stage, [operation]);
  else operations.push(operation);
}

function inOrder<Stage>(order: readonly Stage[], stages: ReadonlyMap<Stage, readonly Operation[]>): Operation[] {
  return order.flatMap((stage) => stages.get(stage) ?? []);
}
