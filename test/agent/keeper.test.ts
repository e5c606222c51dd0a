import { beforeEach, describe, expect, test } from 'vitest';
import type { Round } from '../../src/agent/keeper.ts';
import { Keeper } from '../../src/agent/keeper.ts';
import type { Gone } from '../../src/host/gone.ts';
import { without } from '../../src/host/gone.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import type { Result } from '../../src/kernel/kernel.ts';
import type { Model, Network, Router } from '../../src/model/model.ts';
import { fipNamespace, fipToRouterName, routerNamespace, routerToFipName } from '../../src/model/names.ts';
import { must } from '../support/must.ts';
import { external, link, modelOf, network, port, router, uuid } from '../support/models.ts';

const BRIDGES = new Map(['br-ex', 'br-int'].map((name) => [link(name), 'bridge']));
const EMPTY_HOST: HostState = { namespaces: new Map(), foreign: { namespaces: new Map(), links: BRIDGES } };

const OUTSIDE = external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] });
const TENANT = network('c0000000');
const FIP = fipNamespace(OUTSIDE.id);
const ONE = routerNamespace(uuid('d0000001'));
const TWO = routerNamespace(uuid('d0000002'));

function routerWith(word: 'd0000001' | 'd0000002', floatingIps: Record<string, string>): Router {
  const inside = port(`b000000${word.slice(-1)}`, 'c0000000', { addresses: [`10.0.0.${word.slice(-1)}/24`] });
  return router(word, { external: 'a0000001', interfaces: [inside], floatingIps });
}

function model(...routers: Router[]): Model {
  return modelOf([OUTSIDE, TENANT], routers);
}

const first = routerWith('d0000001', { '203.0.113.20': '10.0.0.20' });
const second = routerWith('d0000002', { '203.0.113.30': '10.0.0.30' });

function operationsOf({ plan }: Round): Operation[] {
  return plan.steps.flatMap(({ operations }) => [...operations]);
}

function kindsOf(round: Round): string[] {
  return operationsOf(round).map(({ kind }) => kind);
}

/** A round in which the kernel refuses these operations, and after them all of their step. */
function settle(keeper: Keeper, round: Round, isRefused: (operation: Operation) => boolean = () => false): void {
  const results = new Map<Operation, Result>();
  for (const { operations } of round.plan.steps) {
    let hasFailed = false;
    for (const operation of operations) {
      const refusal: Result = isRefused(operation) ? { operation, errno: 'EBUSY', message: 'busy' } : 'done';
      const result: Result = hasFailed ? 'not tried' : refusal;
      hasFailed ||= result !== 'done';
      results.set(operation, result);
    }
  }
  keeper.settle(round, results);
}

describe('A keeper', () => {
  let keeper: Keeper;

  beforeEach(() => {
    keeper = new Keeper({ instance: 'test' });
    keeper.learn(EMPTY_HOST);
    keeper.want(model(first, second));
    settle(keeper, keeper.round(keeper.unsettled));
  });

  test('has nothing to do when all is done', () => {
    expect([...keeper.unsettled]).toEqual([]);
    expect([...keeper.unsure]).toEqual([]);
    keeper.want(model(first, second));
    expect([...keeper.unsettled]).toEqual([]);
  });

  test('plans for the router that changed, and for no other', () => {
    keeper.want(model(routerWith('d0000001', { '203.0.113.20': '10.0.0.20', '203.0.113.21': '10.0.0.21' }), second));
    const round = keeper.round(keeper.unsettled);
    expect([...round.subjects.keys()]).toEqual([ONE]);
    expect(kindsOf(round)).toEqual([...Array<string>(5).fill('elements.set'), 'route.set', 'address.announce']);
  });

  test('plans for both routers when a floating IP moves, though only one was asked for', () => {
    keeper.want(
      model(
        routerWith('d0000001', {}),
        routerWith('d0000002', { '203.0.113.20': '10.0.0.20', '203.0.113.30': '10.0.0.30' }),
      ),
    );
    const round = keeper.round([TWO]);
    expect(new Set(round.subjects.keys())).toEqual(new Set([ONE, TWO]));
    const routes = operationsOf(round).filter(({ kind }) => kind.startsWith('route.'));
    expect(routes.map(({ kind }) => kind)).toEqual(['route.set']);
  });

  test('plans for what a router shares, and for all who share it, when that is not settled either', () => {
    const moved = external('a0000001', { addresses: ['203.0.113.11/24'], gateways: ['203.0.113.1'] });
    const changed = routerWith('d0000001', {});
    keeper.want(modelOf([moved, TENANT], [changed, second]));
    expect(new Set(keeper.round([ONE]).subjects.keys())).toEqual(new Set([ONE, FIP, TWO]));
    // Also for one who is to go.
    keeper.want(modelOf([moved, TENANT], [changed]));
    expect(new Set(keeper.round([FIP]).subjects.keys())).toEqual(new Set([ONE, FIP, TWO]));
  });

  test('is not settled by a round for what is not wanted any more', () => {
    keeper.want(model(routerWith('d0000001', {}), second));
    const round = keeper.round(keeper.unsettled);
    keeper.want(model(first, second));
    settle(keeper, round);
    expect([...keeper.unsettled]).toEqual([ONE]);
    expect(kindsOf(keeper.round(keeper.unsettled))).toContain('route.set');
  });

  test('is unsure of what a failed router has, and of that alone', () => {
    keeper.want(model(routerWith('d0000001', {}), routerWith('d0000002', {})));
    settle(
      keeper,
      keeper.round(keeper.unsettled),
      ({ kind, namespace }) => kind === 'elements.delete' && namespace === ONE,
    );
    expect([...keeper.unsettled]).toEqual([ONE]);
    expect(keeper.unsure.has(ONE)).toBe(true);
    expect(keeper.unsure.has(TWO)).toBe(false);
  });

  test('announces again what a failed router was to announce', () => {
    keeper.want(model(routerWith('d0000001', { '203.0.113.21': '10.0.0.21' }), second));
    const round = keeper.round(keeper.unsettled);
    settle(keeper, round, ({ kind }) => kind === 'address.announce');
    // What is there is what was wanted: only the announcement is missing.
    keeper.learnNamespaces(new Set(keeper.unsure), stateOf(keeper));
    expect(kindsOf(keeper.round(keeper.unsettled))).toContain('address.announce');
  });

  test('refuses a router whose bridge is missing, and no other', () => {
    const elsewhere: Network = network('c0000009', { plug: { driver: 'bridge', bridge: link('br-none') } });
    const lost = router('d0000009', {
      external: 'a0000001',
      interfaces: [port('b0000009', 'c0000009', { addresses: ['10.9.0.1/24'] })],
    });
    keeper.want(modelOf([OUTSIDE, TENANT, elsewhere], [first, second, lost]));
    const { refused, plan } = keeper.round(keeper.unsettled);
    expect([...refused].map(([subject, errors]) => [subject, errors.map(({ code }) => code)])).toEqual([
      [routerNamespace(lost.id), ['BUOY_BRIDGE_MISSING']],
    ]);
    expect(plan.steps).toEqual([]);
  });

  test('refuses a router that would be plugged into a device that is not allowed, and no other', () => {
    keeper = new Keeper({ instance: 'test', allowedDevices: new Set([link('br-ex'), link('br-int')]) });
    const links = new Map([...BRIDGES, [link('br-own'), 'bridge'] as const]);
    keeper.learn({ namespaces: new Map(), foreign: { namespaces: new Map(), links } });
    const elsewhere = network('c0000009', { plug: { driver: 'bridge', bridge: link('br-own') } });
    const lost = router('d0000009', {
      interfaces: [port('b0000009', 'c0000009', { addresses: ['10.9.0.1/24'] })],
    });
    keeper.want(modelOf([OUTSIDE, TENANT, elsewhere], [first, lost]));
    const { refused, subjects } = keeper.round(keeper.unsettled);
    expect([...refused].map(([subject, errors]) => [subject, errors.map(({ code }) => code)])).toEqual([
      [routerNamespace(lost.id), ['BUOY_OUTSIDE_OWNED_SPACE']],
    ]);
    expect(subjects.has(ONE)).toBe(true);
  });

  test('refuses what cannot be laid out, and serves the others', () => {
    // A model that the store never makes.
    const { agentGateway: _, ...closed } = external('a0000002', { addresses: ['198.51.100.10/24'] });
    const lost = router('d0000009', { external: 'a0000002' });
    const changed = keeper.want(modelOf([OUTSIDE, TENANT, closed], [routerWith('d0000001', {}), second, lost]));
    const stuck = [fipNamespace(closed.id), routerNamespace(lost.id)];
    expect(changed).toEqual(new Set([ONE, ...stuck]));
    const { refused, subjects } = keeper.round(keeper.unsettled);
    expect(new Set(refused.keys())).toEqual(new Set(stuck));
    expect([...subjects.keys()]).toEqual([ONE]);
    keeper.want(model(second));
    settle(keeper, keeper.round(keeper.unsettled));
    expect([...keeper.unsettled]).toEqual([]);
  });

  test('finds what others have deleted in what is read again', () => {
    const state = stateOf(keeper);
    const namespaces = new Map(state.namespaces);
    namespaces.delete(TWO);
    expect([...keeper.learnNamespaces(new Set([ONE, TWO]), { ...state, namespaces })]).toEqual([TWO]);
    expect(kindsOf(keeper.round(keeper.unsettled))).toContain('namespace.create');
  });

  test('plans for a router that has lost its link together with what is shared, where it has left something', () => {
    const id = first.id;
    const namespaces = new Map(stateOf(keeper).namespaces);
    for (const [name, lost] of [
      [ONE, routerToFipName(id)],
      [FIP, fipToRouterName(id)],
    ] as const)
      namespaces.set(name, must(without(must(namespaces.get(name)), { kind: 'link', namespace: name, link: lost })));
    const state = { namespaces, foreign: EMPTY_HOST.foreign };
    expect([...keeper.learnNamespaces(new Set([ONE, FIP]), state)]).toEqual([ONE]);
    const round = keeper.round([ONE]);
    expect(round.subjects.has(FIP)).toBe(true);
    settle(keeper, round);
    expect(kindsOf(keeper.round([ONE, FIP]))).toEqual([]);
  });

  test('knows by itself what is left when something is gone', () => {
    const gone: Gone = { kind: 'link', namespace: FIP, link: fipToRouterName(first.id) };
    expect([...keeper.forget([gone])]).toEqual([ONE]);
    const left = without(must(stateOf(keeper).namespaces.get(FIP)), gone);
    const { actual } = keeper.round([ONE, TWO, FIP]);
    expect({ ...actual.namespaces.get(FIP), announcements: undefined }).toEqual({ ...left, announcements: undefined });
    expect([...keeper.forget([gone])]).toEqual([]);
  });

  test('would rather read where much is gone', () => {
    const gone = Array.from({ length: 100 }, (): Gone => ({ kind: 'rule', namespace: TWO, key: 'a rule' }));
    expect([...keeper.forget(gone)]).toEqual([]);
    expect([...keeper.unsure]).toEqual([TWO]);
  });

  test('takes everything away when nothing is wanted', () => {
    keeper.want(model());
    const round = keeper.round(keeper.unsettled);
    expect(kindsOf(round).filter((kind) => kind === 'namespace.delete')).toHaveLength(3);
    settle(keeper, round);
    expect([...keeper.unsettled]).toEqual([]);
    expect([...keeper.known]).toEqual([]);
  });
});

/** A host on which everything is as it is wanted. */
function stateOf(keeper: Keeper): HostState {
  return { ...keeper.wanted, foreign: EMPTY_HOST.foreign };
}
