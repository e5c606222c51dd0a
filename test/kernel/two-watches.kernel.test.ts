// The simulated and the real kernel tell of the same: what others change, and nothing of what is done through them.
// On both, a part that is read is that part of the whole.

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describe } from '../../src/host/describe.ts';
import { without } from '../../src/host/gone.ts';
import { diff } from '../../src/host/diff.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import type { Disturbance, Disturbed } from '../../src/kernel/disturbance.ts';
import { joined, placesOf } from '../../src/kernel/disturbance.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { addTouched } from '../../src/kernel/operation-kinds.ts';
import { partOf } from '../../src/kernel/part-of.ts';
import { isIpv4 } from '../../src/model/address.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { LOOPBACK } from '../../src/model/names.ts';
import { Disturbances } from '../support/disturbances.ts';
import { must } from '../support/must.ts';
import { planOf } from '../support/plans.ts';
import { models } from '../support/random-models.ts';
import { INSTANCE, operations, START } from '../support/random-operations.ts';
import { TwoKernels } from '../support/two-kernels.ts';

const KINDS = ['real', 'simulated'] as const;

const NOTHING: Disturbance = { namespaces: new Set(), gone: [] };

let kernels: TwoKernels;

beforeAll(async () => {
  kernels = await TwoKernels.create();
});

afterAll(() => kernels[Symbol.asyncDispose]());

/** Namespaces that are ours in one of them, and not alike in both. */
function changed(before: HostState, after: HostState): NamespaceName[] {
  const names = new Set([...before.namespaces.keys(), ...after.namespaces.keys()]);
  return [...names].filter((name) => !isDeepStrictEqual(before.namespaces.get(name), after.namespaces.get(name)));
}

/** Where an operation can have changed something: where it is done, and where the other ends of links there are. */
function reach(operation: Operation, state: HostState): ReadonlySet<NamespaceName> {
  const touched = new Set<NamespaceName>();
  addTouched(operation, touched);
  const names = new Set(touched);
  for (const name of touched)
    for (const { kind } of state.namespaces.get(name)?.links.values() ?? [])
      if (kind.type === 'veth' && kind.peer !== undefined) names.add(kind.peer.namespace);
  return names;
}

async function expectPartsOf(whole: HostState, kernel: Kernel): Promise<void> {
  for (const name of whole.namespaces.keys()) {
    const { namespaces, foreign } = await kernel.readNamespaces(new Set([name]));
    const part = partOf(whole, new Set([name]));
    expect({ namespaces, foreign }).toEqual({ namespaces: part.namespaces, foreign: part.foreign });
  }
}

/** Where something is told to be gone, that is all that has changed. */
function expectNothingElseGone(before: HostState, after: HostState, { gone }: Disturbed, where: string): void {
  for (const [name, ones] of Map.groupBy(gone, ({ namespace }) => namespace)) {
    const left = ones.reduce((state, one) => without(state, one) ?? state, must(before.namespaces.get(name)));
    expect(left, where).toEqual(after.namespaces.get(name));
  }
}

async function watched(work: (told: Record<(typeof KINDS)[number], Disturbances>) => Promise<void>): Promise<void> {
  await kernels.clean();
  await using real = await Disturbances.of(kernels.kernels.real);
  await using simulated = await Disturbances.of(kernels.kernels.simulated);
  await work({ real, simulated });
}

// Of sysctls the kernel tells only some, of an alias only while the link is up, and of a new IPv6 address later, when the link has a carrier. Namespaces are
// another test's.
const changes = operations.filter((operation) => {
  if (operation.kind === 'address.add') return isIpv4(operation.address.address);
  if (operation.kind === 'link.change') return operation.link.alias === operation.before.alias;
  return operation.kind !== 'sysctl.set' && operation.kind !== 'namespace.create';
});

test('operations of others are told where they change something, and nowhere else', async () => {
  const expectTold = (own: readonly Operation[], others: readonly Operation[]) =>
    watched(async (told) => {
      // No plan deletes what it makes.
      for (const steps of [[...START], ...own.map((operation) => [operation])]) {
        const { real } = await kernels.apply(planOf([steps]));
        const hasFailed = real.some((line) => /: E[A-Z]+$/.test(line));
        // What the kernel does in part before it refuses the rest may be told.
        for (const kind of KINDS) {
          const disturbances = await told[kind].take();
          if (!hasFailed) expect(disturbances, kind).toEqual([]);
        }
      }
      for (const operation of others) {
        const before = await kernels.readByOthers();
        await kernels.changeByOthers(operation);
        const after = await kernels.readByOthers();
        for (const kind of KINDS) {
          const disturbances = await told[kind].take();
          const disturbed = disturbances.reduce(joined, NOTHING);
          if (disturbed === 'everything') throw new Error('events were lost');
          const names = [...placesOf(disturbed)];
          const where = `${kind} ${operation.namespace}: ${describe(operation).join('; ')}`;
          expect(names, where).toEqual(expect.arrayContaining(changed(before[kind], after[kind])));
          const near = reach(operation, before[kind]);
          expect(
            names.filter((name) => !near.has(name)),
            where,
          ).toEqual([]);
          expectNothingElseGone(before[kind], after[kind], disturbed, where);
          await expectPartsOf(after[kind], kernels.kernels[kind]);
        }
      }
    });
  const own = fc.array(operations, { maxLength: 10 });
  const others = fc.array(changes, { minLength: 1, maxLength: 12 });
  await fc.assert(fc.asyncProperty(own, others, expectTold), { numRuns: 15 });
});

test('plans from one layout to another are not told, and the parts are those of the whole', async () => {
  const expectQuiet = (from: Model, to: Model) =>
    watched(async (told) => {
      for (const model of [from, to]) {
        const actual = await kernels.read();
        await kernels.apply(diff(actual, compile(model, livePairs(actual), { instance: INSTANCE })));
        for (const kind of KINDS) {
          expect(await told[kind].take(), kind).toEqual([]);
          const whole = await kernels.readByOthers();
          await expectPartsOf(whole[kind], kernels.kernels[kind]);
        }
      }
    });
  await fc.assert(fc.asyncProperty(models, models, expectQuiet), { numRuns: 10 });
});

/** What somebody can delete of which the kernel tells exactly. */
function deletions({ namespaces }: HostState): Operation[] {
  return [...namespaces].flatMap(
    ([namespace, { links, addresses, routes, rules, neighbours, ruleset }]): Operation[] => [
      ...[...links.keys()]
        .filter((link) => link !== LOOPBACK)
        .map((link): Operation => ({ kind: 'link.delete', namespace, link })),
      ...[...addresses.values()].map((address): Operation => ({ kind: 'address.delete', namespace, address })),
      ...[...routes].flatMap(([table, { prefixes, hosts }]) =>
        [
          ...prefixes.values(),
          ...[...hosts].map(([address, hop]) => ({ destination: { address, length: 32 }, hop })),
        ].map((route): Operation => ({ kind: 'route.delete', namespace, table, ...route })),
      ),
      ...[...rules.values()].map((rule): Operation => ({ kind: 'rule.delete', namespace, rule })),
      ...[...neighbours.values()].map((neighbour): Operation => ({ kind: 'neighbour.delete', namespace, neighbour })),
      ...[...(ruleset?.sets ?? [])].flatMap(([set, { elements }]) =>
        [...elements.entries()].map(([key, value]): Operation => ({
          kind: 'elements.delete',
          namespace,
          set,
          elements: [{ key, value }],
        })),
      ),
    ],
  );
}

test('what is gone is told so that nothing has to be read', async () => {
  const expectExact = (model: Model, choices: readonly number[]) =>
    watched(async (told) => {
      const actual = await kernels.read();
      await kernels.apply(diff(actual, compile(model, livePairs(actual), { instance: INSTANCE })));
      for (const kind of KINDS) await told[kind].take();
      for (const choice of choices) {
        const before = await kernels.readByOthers();
        const possible = deletions(before.real);
        const operation = possible[choice % possible.length];
        if (operation === undefined) return;
        await kernels.changeByOthers(operation);
        const after = await kernels.readByOthers();
        for (const kind of KINDS) {
          const where = `${kind} ${operation.namespace}: ${describe(operation).join('; ')}`;
          const disturbed = (await told[kind].take()).reduce(joined, NOTHING);
          if (disturbed === 'everything') throw new Error('events were lost');
          expect([...disturbed.namespaces], where).toEqual([]);
          expect([...placesOf(disturbed)].toSorted(), where).toEqual(changed(before[kind], after[kind]).toSorted());
          expectNothingElseGone(before[kind], after[kind], disturbed, where);
        }
      }
    });
  const choices = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
  await fc.assert(fc.asyncProperty(models, choices, expectExact), { numRuns: 10 });
});
