// What holds when nothing goes wrong any more, and there was time to try again what had failed.

import { isDeepStrictEqual } from 'node:util';
import { diff } from '../../src/host/diff.ts';
import { listing } from '../../src/host/listing.ts';
import type { HostState } from '../../src/host/state.ts';
import type { Networking } from '../../src/intent/store/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { formatIpv4 } from '../../src/model/address.ts';
import type { Model, Router } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { fipNamespace, HOST, routerNamespace } from '../../src/model/names.ts';
import { describePlan } from '../../src/host/describe.ts';
import type { Api } from './call.ts';
import type { Agent } from '../../src/agent/agent.ts';
import { onlyWanted } from '../only-wanted.ts';
import { amiss } from '../settled.ts';
import { INSTANCE, undisturbed } from '../undisturbed.ts';
import { Violation } from '../violation.ts';

/** The host is as the store says, and nothing else of Buoy's is there. `choice`: any natural number. Throws Violation. */
export function demandHost(actual: HostState, model: Model, choice: number): void {
  const wanted = compile(model, livePairs(actual), { instance: INSTANCE });
  const plan = diff(actual, wanted);
  if (plan.steps.length > 0) throw new Violation(`something is left to be done:\n${describePlan(plan)}`);
  if (actual.isUnfinished === true) throw new Violation('a run is said not to have ended well');
  if (actual.namespaces.get(HOST)?.links.size !== wanted.namespaces.get(HOST)?.links.size)
    throw new Violation('links are left in the host');
  const trouble = amiss(actual, model, choice);
  if (trouble !== undefined) throw new Violation(`at rest, ${trouble}`);
}

/** It is as it would be without a history. Throws Violation. */
export async function demandUndisturbed(actual: HostState, model: Model): Promise<void> {
  const wanted = compile(model, livePairs(actual), { instance: INSTANCE });
  const [found, meant] = [actual, await undisturbed(wanted)].map((state) => listing(onlyWanted(state, wanted)));
  if (found !== meant)
    throw new Violation(`the host is not what it would be without its history:\n${found}\nwould be\n${meant}`);
}

/** The agent says that all is well, and so does the API. Throws Violation. */
export function demandStatuses(agent: Agent, { store, find }: Api, model: Model): void {
  const [unsettled] = agent.unsettled;
  if (unsettled !== undefined) throw new Violation(`${unsettled} is not settled, though nothing goes wrong any more`);
  const subjects = new Set([...agent.statuses.keys()].filter((subject) => subject !== HOST));
  for (const subject of subjectsOf(model)) {
    if (agent.status(subject)?.status !== 'ACTIVE')
      throw new Violation(`the agent says of ${subject}: ${JSON.stringify(agent.status(subject))}`);
    subjects.delete(subject);
  }
  const [other] = subjects;
  if (other !== undefined) throw new Violation(`the agent speaks of ${other}, which is not wanted`);
  for (const id of find('SELECT id FROM routers')) {
    const { status, 'buoy:error': error } = store.show('routers', id);
    const isServed = model.routers.has(id);
    if (status !== (isServed ? 'ACTIVE' : 'DOWN') || error !== null)
      throw new Violation(`the API shows router ${id} as ${String(status)}, with ${JSON.stringify(error)}`);
  }
  const ports = find(
    `SELECT id FROM ports WHERE device_owner IN ('network:router_interface_distributed', 'network:router_gateway')`,
  );
  for (const id of ports) {
    const { device_id: router, admin_state_up: isUp, status } = store.show('ports', id);
    if (status !== (isUp === true && model.routers.has(String(router)) ? 'ACTIVE' : 'DOWN'))
      throw new Violation(`the API shows port ${id} of router ${String(router)} as ${String(status)}`);
  }
  const served = new Set(
    [...model.routers.values()].flatMap(({ id, floatingIps }) =>
      [...floatingIps.keys()].map((floating) => `${id} ${formatIpv4(floating)}`),
    ),
  );
  for (const id of find('SELECT id FROM floatingips')) {
    const { router_id: router, floating_ip_address: address, status } = store.show('floatingips', id);
    const isServed = served.has(`${String(router)} ${String(address)}`);
    if (status !== (isServed ? 'ACTIVE' : 'DOWN'))
      throw new Violation(`the API shows ${String(address)} as ${String(status)}`);
  }
}

/** While something may go wrong: the API shows what the agent says. Throws Violation. */
export function demandSameStatuses(agent: Agent, store: Networking): void {
  for (const id of store.model().routers.keys()) {
    const said = agent.status(routerNamespace(id))?.status;
    const { status } = store.show('routers', id);
    if (said !== undefined && status !== said)
      throw new Violation(`the API shows router ${id} as ${String(status)}, and the agent says ${said}`);
  }
}

/** The routers of a store, as they are to be and as the API shows them. */
export interface ShownRouters {
  readonly model: Model;
  /** Under their ids. */
  readonly statuses: ReadonlyMap<string, unknown>;
}

export function shownRouters(store: Networking): ShownRouters {
  const model = store.model();
  return { model, statuses: new Map([...model.routers.keys()].map((id) => [id, store.show('routers', id)['status']])) };
}

/**
 * What the API shows between a call and the agent's turn: no router as ACTIVE that the call has made another, and those as before
 * that were not touched, or got and lost floating IPs alone. Throws Violation.
 */
export function demandPending(before: ShownRouters, after: ShownRouters): void {
  for (const router of after.model.routers.values()) {
    const former = before.model.routers.get(router.id);
    const status = after.statuses.get(router.id);
    if (status === 'ACTIVE' && !isSame(former, router))
      throw new Violation(`router ${router.id} is ACTIVE, though nobody has seen to its change`);
    if (former?.routes === router.routes && status !== before.statuses.get(router.id))
      throw new Violation(`router ${router.id} is ${String(status)} for what is no change of it`);
  }
}

/** A router is not ACTIVE for what it was. Throws Violation. */
export function demandNewest(applied: Router, store: Networking): void {
  const router = store.model().routers.get(applied.id);
  if (router !== undefined && !isSame(applied, router) && store.show('routers', applied.id)['status'] === 'ACTIVE')
    throw new Violation(`router ${applied.id} is ACTIVE, though it has changed since it was applied`);
}

/** But for floating IPs. */
function isSame(former: Router | undefined, router: Router): boolean {
  const { floatingIps } = router;
  return former !== undefined && isDeepStrictEqual({ ...former, floatingIps }, router);
}

/** No address is owned twice. Throws Violation. */
export function demandNoDoubles({ find }: Api): void {
  const [fixed] = find(
    `SELECT ip_address FROM fixed_ips JOIN subnets ON subnets.id = subnet_id
     GROUP BY network_id, ip_address HAVING count(*) > 1`,
  );
  const [floating] = find(
    'SELECT floating_ip_address FROM floatingips GROUP BY floating_network_id, floating_ip_address HAVING count(*) > 1',
  );
  const doubled = fixed ?? floating;
  if (doubled !== undefined) throw new Violation(`${doubled} is owned twice`);
}

function* subjectsOf({ routers }: Model): Generator<NamespaceName> {
  for (const { id, externalNetworkId } of routers.values()) {
    yield routerNamespace(id);
    if (externalNetworkId !== undefined) yield fipNamespace(externalNetworkId);
  }
}
