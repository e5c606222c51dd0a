// Which floating IP leads where, and the order in which they are moved: a fixed IP has one floating IP of a network at a
// time, so the one that has it goes first.

import type { FloatingIp } from '../agent/resource-types.ts';
import { FLOATING_IPS } from '../agent/resource-types.ts';
import type { Report } from '../../model/problem.ts';
import type { Call } from './call.ts';
import { deletion, Ref, update } from './call.ts';
import type { Leaving } from './interface-changes.ts';
import type { Matches } from './match.ts';
import { refOf } from './match.ts';
import type { Stored } from './stored.ts';
import { isOfFile } from './stored.ts';

export interface Associations {
  /** Before interfaces go that are in the way of others. */
  readonly early: readonly Call[];
  /** When all is there that does not need the new gateway of a router. */
  readonly first: readonly Call[];
  /** When the new gateways of routers are there. */
  readonly second: readonly Call[];
  readonly interrupted: readonly string[];
}

interface Circumstances {
  readonly early: readonly Leaving[];
  /** The ids of routers that get another gateway. */
  readonly regatewayed: ReadonlySet<string | undefined>;
}

type Target = Matches['floatingIps'][number];

export function associations(
  matches: Matches,
  stored: Stored,
  { early, regatewayed }: Circumstances,
  report: Report,
): Associations {
  const work = new Work(matches, stored, report);
  const isLate = ({ wanted }: Target): boolean => regatewayed.has(refOf(matches.routers, wanted.router).id);
  const subnetOf = fixedSubnets(stored);
  const hangsOn = (floatingIp: FloatingIp): boolean =>
    early.some(
      ({ router, port }) =>
        router.id === floatingIp.router_id && port.fixed_ips.some((fixed) => fixed.subnet_id === subnetOf(floatingIp)),
    );
  const gone = goneFloatingIps(matches, stored);
  work.remove(gone.filter(hangsOn));
  work.part(matches.floatingIps.filter((each) => each.stored !== undefined && hangsOn(each.stored)));
  const earlyCalls = work.take();

  work.remove(gone.filter((each) => !hangsOn(each)));
  for (const each of matches.floatingIps) if (!isLate(each)) work.associate(each, (other) => !isLate(other));
  work.part(matches.floatingIps.filter((each) => isLate(each) && regatewayed.has(each.stored?.router_id ?? '')));
  const firstCalls = work.take();

  for (const each of matches.floatingIps) if (isLate(each)) work.associate(each, () => true);
  return { early: earlyCalls, first: firstCalls, second: work.take(), interrupted: work.interrupted };
}

/** Made from a file that does not name them any more. */
function goneFloatingIps({ floatingIps }: Matches, stored: Stored): readonly FloatingIp[] {
  const kept = new Set(floatingIps.map(({ ref }) => ref.id));
  return stored.floatingIps.filter((each) => isOfFile(each) && !kept.has(each.id));
}

function fixedSubnets({ ports }: Stored): (floatingIp: FloatingIp) => string | undefined {
  const byId = new Map(ports.map((port) => [port.id, port]));
  return ({ port_id: portId, fixed_ip_address: address }) =>
    byId.get(portId ?? '')?.fixed_ips.find((fixed) => fixed.ip_address === address)?.subnet_id;
}

/** Calls in their order, and who has which fixed IP after those so far. */
class Work {
  readonly interrupted: string[] = [];
  readonly #matches: Matches;
  readonly #report: Report;
  readonly #calls: Call[] = [];
  /** Floating IPs by the fixed IP that they have. */
  readonly #holders = new Map<string, FloatingIp>();
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #parted = new Set<Target>();
  readonly #done = new Set<Target>();

  constructor(matches: Matches, stored: Stored, report: Report) {
    this.#matches = matches;
    this.#report = report;
    for (const each of stored.floatingIps) if (each.port_id !== null) this.#holders.set(placeOf(each), each);
    this.#targets = new Map(matches.floatingIps.flatMap((each) => (each.stored ? [[each.stored.id, each]] : [])));
  }

  take(): readonly Call[] {
    return this.#calls.splice(0);
  }

  remove(gone: readonly FloatingIp[]): void {
    for (const floatingIp of gone) {
      this.#release(floatingIp);
      this.#calls.push(deletion(FLOATING_IPS, new Ref(`floating IP ${floatingIp.floating_ip_address}`, floatingIp.id)));
    }
  }

  /** Takes floating IPs from their ports that could not keep them. */
  part(targets: readonly Target[]): void {
    for (const target of targets) {
      const { stored, ref } = target;
      if (stored === undefined || stored.port_id === null || this.#done.has(target) || this.#parted.has(target))
        continue;
      this.#parted.add(target);
      this.#release(stored);
      this.interrupted.push(stored.floating_ip_address);
      this.#calls.push(...update(FLOATING_IPS, ref, { port_id: null }));
    }
  }

  /** `isPossible`: whether a floating IP that is in the way can be moved by now; else it has to lead nowhere for a while. */
  associate(target: Target, isPossible: (other: Target) => boolean): void {
    if (this.#done.has(target) || this.#isThere(target)) return;
    const chain = new Set([target]);
    for (let last = target; ;) {
      const other = this.#inTheWayOf(last);
      if (other === undefined) break;
      if (chain.has(other) || !isPossible(other)) {
        this.part([other]);
        break;
      }
      chain.add(other);
      last = other;
    }
    for (const each of [...chain].reverse()) this.#move(each);
  }

  #move(target: Target): void {
    const { wanted, stored, ref, port } = target;
    this.#done.add(target);
    if (stored !== undefined) this.#release(stored);
    this.#calls.push(...update(FLOATING_IPS, ref, { port_id: port, fixed_ip_address: wanted.fixedIp }));
  }

  /** The floating IP of the same network that still has the fixed IP. */
  #inTheWayOf(target: Target): Target | undefined {
    const { wanted, port } = target;
    const networkId = refOf(this.#matches.networks, wanted.network).id;
    const holder = this.#holders.get(`${networkId} ${port.id} ${wanted.fixedIp}`);
    const other = holder === undefined ? undefined : this.#targets.get(holder.id);
    if (holder !== undefined && other === undefined)
      this.#report({
        code: 'BUOY_AGENT_HAS_OTHER',
        path: [...wanted.path, 'fixed_ip_address'],
        message: `${wanted.fixedIp} has the floating IP ${holder.floating_ip_address} (${holder.id}) already, which was not made from a file`,
      });
    return other === target ? undefined : other;
  }

  #isThere(target: Target): boolean {
    const { wanted, stored, port } = target;
    return (
      stored !== undefined &&
      !this.#parted.has(target) &&
      stored.port_id === port.id &&
      stored.fixed_ip_address === wanted.fixedIp &&
      stored.router_id === refOf(this.#matches.routers, wanted.router).id
    );
  }

  #release(floatingIp: FloatingIp): void {
    const place = placeOf(floatingIp);
    if (this.#holders.get(place)?.id === floatingIp.id) this.#holders.delete(place);
  }
}

function placeOf(floatingIp: FloatingIp): string {
  return `${floatingIp.floating_network_id} ${floatingIp.port_id} ${floatingIp.fixed_ip_address}`;
}
