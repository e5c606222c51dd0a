// What users do to their intent, drawn at random. A change is a kind and three numbers that choose
// what it is done to, so that it means something whatever the intent is when its turn comes, and a
// history stays one when others before it are left out.

import type { Intent } from './intent.ts';
import { choose, EXTERNALS, FLOATING_IPS, ROUTERS, TENANTS, WORKLOADS } from './intent.ts';

export interface Change {
  readonly kind: ChangeKind;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export type ChangeKind = keyof typeof CHANGES;

/** Draws a change. `random` answers a natural number below its argument. */
export function drawChange(random: (below: number) => number): Change {
  return { kind: choose(DRAWN, random(DRAWN.length)), a: random(1000), b: random(1000), c: random(1000) };
}

/** Does the change to the intent, as far as it is possible there. */
export function applyChange(intent: Intent, { kind, a, b, c }: Change): void {
  CHANGES[kind](intent, a, b, c);
}

type Doing = (intent: Intent, a: number, b: number, c: number) => void;

const CHANGES = {
  'add a floating IP': (intent, a, b, c) => {
    const router = routerAt(intent, a);
    if (router === undefined || router.settings.external === undefined) return;
    const { floatingIps } = router.settings;
    const last = free(usedOn(intent, router.settings.external), b, FLOATING_IPS);
    const workload = free(new Set(floatingIps.values()), c, WORKLOADS);
    if (last === undefined || workload === undefined) return;
    floatingIps.set(last, workload);
    intent.touchRouter(router.number);
  },
  'remove a floating IP': (intent, a, b) => {
    const router = routerAt(intent, a);
    const last = router && floatingIpOf(router, b);
    if (last === undefined) return;
    router?.settings.floatingIps.delete(last);
    intent.touchRouter(router?.number ?? 0);
  },
  'give a floating IP another fixed IP': (intent, a, b, c) => {
    const router = routerAt(intent, a);
    const last = router && floatingIpOf(router, b);
    if (router === undefined || last === undefined) return;
    const workload = free(new Set(router.settings.floatingIps.values()), c, WORKLOADS);
    if (workload === undefined) return;
    router.settings.floatingIps.set(last, workload);
    intent.touchRouter(router.number);
  },
  'exchange the fixed IPs of two floating IPs': (intent, a, b, c) => {
    const router = routerAt(intent, a);
    const [one, other] = router === undefined ? [] : [floatingIpOf(router, b), floatingIpOf(router, c)];
    if (router === undefined || one === undefined || other === undefined || one === other) return;
    const { floatingIps } = router.settings;
    const [fixed = 0, otherFixed = 0] = [floatingIps.get(one), floatingIps.get(other)];
    floatingIps.set(one, otherFixed).set(other, fixed);
    intent.touchRouter(router.number);
  },
  'move a floating IP to another router': (intent, a, b, c) => {
    const from = routerAt(intent, a);
    const to = routerAt(intent, c);
    const last = from && floatingIpOf(from, b);
    if (from === undefined || to === undefined || last === undefined || from === to) return;
    if (to.settings.external !== from.settings.external) return;
    const workload = free(new Set(to.settings.floatingIps.values()), b, WORKLOADS);
    if (workload === undefined) return;
    from.settings.floatingIps.delete(last);
    to.settings.floatingIps.set(last, workload);
    intent.touchRouter(from.number);
    intent.touchRouter(to.number);
  },
  'delete a router': (intent, a) => {
    const router = routerAt(intent, a);
    if (router === undefined) return;
    intent.routers.delete(router.number);
    intent.touchRouter(router.number);
  },
  'create a router': (intent, a, b) => {
    const number = a % ROUTERS;
    if (intent.routers.has(number)) return;
    const external = b % EXTERNALS;
    const used = usedOn(intent, external);
    const lasts = Array.from({ length: 10 }, (_, index) => (b + index) % FLOATING_IPS).filter(
      (last) => !used.has(last),
    );
    intent.routers.set(number, {
      external,
      interfaces: new Map([[a % TENANTS, { port: b, addresses: 0 }]]),
      hasRoutes: false,
      hasSnat: false,
      floatingIps: new Map(lasts.map((last, index) => [last, index])),
    });
    intent.touchRouter(number);
  },
  'add an interface': (intent, a, b, c) => {
    const router = routerAt(intent, a);
    if (router === undefined || router.settings.interfaces.has(b % TENANTS)) return;
    router.settings.interfaces.set(b % TENANTS, { port: c, addresses: c });
    intent.touchRouter(router.number);
  },
  'remove an interface': (intent, a, b) => {
    const router = routerAt(intent, a);
    if (router === undefined || router.settings.interfaces.size === 0) return;
    const tenants = [...router.settings.interfaces.keys()];
    router.settings.interfaces.delete(choose(tenants, b));
    intent.touchRouter(router.number);
  },
  'change an interface': (intent, a, b, c) => {
    const router = routerAt(intent, a);
    if (router === undefined || router.settings.interfaces.size === 0) return;
    const tenant = choose([...router.settings.interfaces.keys()], b);
    // Mostly other addresses on the same port.
    const port = router.settings.interfaces.get(tenant)?.port ?? 0;
    router.settings.interfaces.set(tenant, { port: c % 4 === 0 ? port + 1 : port, addresses: c });
    intent.touchRouter(router.number);
  },
  'set another external network, or none': (intent, a, b) => {
    const router = routerAt(intent, a);
    if (router === undefined) return;
    router.settings.external = [0, 1, undefined][b % 3];
    // Floating IPs are of their network: some of them come along only as numbers.
    const used = router.settings.external === undefined ? new Set() : usedOn(intent, router.settings.external, a);
    for (const last of router.settings.floatingIps.keys()) if (used.has(last)) router.settings.floatingIps.delete(last);
    intent.touchRouter(router.number);
  },
  'change the gateway of an external network': (intent, a, b) => {
    changeExternal(intent, a, (settings) => (settings.gateway = b));
  },
  'change the address on an external network': (intent, a, b) => {
    changeExternal(intent, a, (settings) => (settings.address = b));
  },
  'change the subnets of an external network': (intent, a, b) => {
    changeExternal(intent, a, (settings) => (settings.extraSubnets = b));
  },
  'replace the port on an external network': (intent, a) => {
    changeExternal(intent, a, (settings) => settings.port++);
  },
  'plug a network elsewhere': (intent, a, b, c) => {
    if (a % 2 === 0) changeExternal(intent, b, (settings) => (settings.plug = c));
    else changeTenant(intent, b, (settings) => (settings.plug = c));
  },
  'change an MTU': (intent, a, b, c) => {
    if (a % 2 === 0) changeExternal(intent, b, (settings) => (settings.mtu = c));
    else changeTenant(intent, b, (settings) => (settings.mtu = c));
  },
  'set or clear extra routes': (intent, a) => {
    const router = routerAt(intent, a);
    if (router === undefined) return;
    router.settings.hasRoutes = !router.settings.hasRoutes;
    intent.touchRouter(router.number);
  },
  'give or take a snat port': (intent, a) => {
    const router = routerAt(intent, a);
    if (router === undefined) return;
    router.settings.hasSnat = !router.settings.hasSnat;
    intent.touchRouter(router.number);
  },
} satisfies Record<string, Doing>;

const KINDS = Object.keys(CHANGES).filter((kind): kind is ChangeKind => kind in CHANGES);
/** What happens to floating IPs happens most often. */
const DRAWN: readonly ChangeKind[] = [
  ...KINDS,
  ...KINDS.filter((kind) => kind.includes('floating IP')),
  ...KINDS.filter((kind) => kind.includes('floating IP')),
];

interface Found {
  readonly number: number;
  readonly settings: NonNullable<ReturnType<Intent['routers']['get']>>;
}

function routerAt({ routers }: Intent, choice: number): Found | undefined {
  if (routers.size === 0) return undefined;
  const [number, settings] = choose([...routers], choice);
  return { number, settings };
}

function floatingIpOf({ settings }: Found, choice: number): number | undefined {
  return settings.floatingIps.size === 0 ? undefined : choose([...settings.floatingIps.keys()], choice);
}

/** Floating IPs of an external network that routers have, but for the one at `except`. */
function usedOn(intent: Intent, external: number, except?: number): Set<number> {
  const excepted = except === undefined ? undefined : routerAt(intent, except)?.settings;
  const used = new Set<number>();
  for (const settings of intent.routers.values()) {
    if (settings.external !== external || settings === excepted) continue;
    for (const last of settings.floatingIps.keys()) used.add(last);
  }
  return used;
}

/** The first number from `start` on that is not used. */
function free(used: ReadonlySet<number>, start: number, count: number): number | undefined {
  for (let step = 0; step < count; step++) if (!used.has((start + step) % count)) return (start + step) % count;
  return undefined;
}

function changeExternal(intent: Intent, choice: number, change: (settings: Intent['externals'][number]) => void): void {
  change(choose(intent.externals, choice));
  intent.touchNetwork('external', choice % intent.externals.length);
}

function changeTenant(intent: Intent, choice: number, change: (settings: Intent['tenants'][number]) => void): void {
  change(choose(intent.tenants, choice));
  intent.touchNetwork('tenant', choice % intent.tenants.length);
}
