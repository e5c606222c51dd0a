// The topology as a picture in text, at most 100 columns wide: outside and the external bridge
// above, the fip namespace below them, and its routers two by two, each with its networks and their
// workloads. What there is too much of is counted.

import { formatAddress, formatPrefix } from '../model/address.ts';
import type { Model, Network, Port, Router } from '../model/model.ts';
import { fipGatewayName, fipNamespace, routerNamespace, routerPortName } from '../model/names.ts';
import { box, Canvas, fit } from './canvas.ts';
import type { Machine, Workload } from './machine.ts';
import type { World } from './world.ts';

const WIDTH = 99;
const COLUMN = 48;
/** Where the line down from the fip namespace runs, between the two columns. */
const TRUNK = 49;
const RIGHT = 51;
/** Where that line meets a router, from its left edge. */
const MIDDLE = 24;
const MOST_ROUTERS = 8;
const MOST_WORKLOADS = 8;
const MOST_ADDRESSES = 6;

/** Ends with a new line. */
export function picture(model: Model, world: World): string {
  const canvas = new Canvas();
  const routers = [...model.routers.values()];
  for (const network of model.networks.values()) {
    if (network.agentGateway === undefined) continue;
    const here = routers.filter((router) => router.externalNetworkId === network.id);
    drawOutside(canvas, network, network.agentGateway, world);
    drawRouters(canvas, here, true, model, world);
  }
  drawRouters(
    canvas,
    routers.filter((router) => router.externalNetworkId === undefined),
    false,
    model,
    world,
  );
  return canvas.toString();
}

function drawOutside(canvas: Canvas, network: Network, gateway: Port, world: World): void {
  const outside = world.outside.find(({ networkId }) => networkId === network.id);
  if (canvas.height > 0) canvas.put(0, canvas.height, '');
  if (outside !== undefined) drawCentred(canvas, outsideLines(outside), { above: false });
  const title = `${wireName(network)}, network ${network.id}`;
  canvas.put(0, canvas.height, wire('━━', title.length < TRUNK - 4 ? title : wireName(network), WIDTH));
  canvas.put(TRUNK, canvas.height - 1, outside === undefined ? '┯' : '┿');
  const device = fipGatewayName(gateway.id);
  drawCentred(canvas, [fipNamespace(network.id), ...addressLines(device, gateway)], { above: true });
}

function outsideLines({ name, addresses, behind }: Machine): string[] {
  const own = addresses.map(({ address, length }) => `${formatAddress(address)}/${length}`);
  return [name, own.join(', '), ...behind.map((far) => `and beyond it ${formatAddress(far)}`)];
}

function drawCentred(canvas: Canvas, lines: readonly string[], { above }: { readonly above: boolean }): void {
  const longest = Math.max(30, ...lines.map((line) => line.length));
  const half = Math.ceil((longest + 3) / 2);
  const top = canvas.height;
  canvas.put(TRUNK - half, top, ...box(2 * half + 1, lines));
  if (above) canvas.put(TRUNK, top, '┴');
  canvas.put(TRUNK, canvas.height - 1, '┬');
}

/** Two beside each other; a single one in the middle. */
function drawRouters(canvas: Canvas, routers: readonly Router[], connected: boolean, model: Model, world: World): void {
  const shown = routers.slice(0, MOST_ROUTERS);
  const columns = shown.map((router) => routerColumn(router, connected, model, world));
  if (columns.length === 1) canvas.put(TRUNK - MIDDLE, canvas.height, ...(columns[0] ?? []));
  for (let index = 0; columns.length > 1 && index < columns.length; index += 2) {
    const [left = [], right] = columns.slice(index, index + 2);
    const isLast = index + 2 >= columns.length;
    if (connected) canvas.put(MIDDLE, canvas.height, branch(right !== undefined, isLast));
    const top = canvas.height;
    canvas.put(0, top, ...left);
    if (right !== undefined) canvas.put(RIGHT, top, ...right);
    if (connected && !isLast) canvas.vertical(TRUNK, top, canvas.height);
  }
  if (routers.length > shown.length) canvas.put(0, canvas.height, more(routers.length - shown.length, 'router'));
}

/** From the line in the middle to the columns. */
function branch(toTheRight: boolean, isLast: boolean): string {
  const across = '─'.repeat(TRUNK - MIDDLE - 1);
  if (!toTheRight) return `┌${across}${isLast ? '┘' : '┤'}`;
  return `┌${across}${isLast ? '┴' : '┼'}${'─'.repeat(RIGHT + MIDDLE - TRUNK - 1)}┐`;
}

function routerColumn(router: Router, connected: boolean, model: Model, world: World): string[] {
  const canvas = new Canvas();
  const addresses = router.interfaces.flatMap((port) => addressLines(routerPortName(port.id), port));
  const routes = router.routes.map(
    ({ destination, nexthop }) => `${formatPrefix(destination)} via ${formatAddress(nexthop)}`,
  );
  canvas.put(
    0,
    0,
    ...box(COLUMN, [
      routerNamespace(router.id),
      ...atMost(MOST_ADDRESSES, addresses, 'address'),
      ...atMost(MOST_ADDRESSES, routes, 'route'),
    ]),
  );
  if (connected) canvas.put(MIDDLE, 0, '┴');
  const ids = [...new Set(router.interfaces.map((port) => port.networkId))];
  const networks = ids.flatMap((id) => model.networks.get(id) ?? []);
  if (networks.length > 0) canvas.put(2, canvas.height - 1, '┬');
  for (const [index, network] of networks.entries()) {
    const isLast = index === networks.length - 1;
    canvas.put(2, canvas.height, wire(isLast ? '┕━━' : '┝━━', wireName(network), COLUMN - 2));
    const top = canvas.height;
    canvas.put(7, top, ...workloadLines(router, network, world));
    if (!isLast) canvas.vertical(2, top, canvas.height);
  }
  return canvas
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => fit(line, COLUMN).trimEnd());
}

function workloadLines(router: Router, network: Network, world: World): string[] {
  const floating = new Map([...router.floatingIps.values()].map(({ floating: address, fixed }) => [fixed, address]));
  const here = world.workloads.filter(({ networkId, routerId }) => networkId === network.id && routerId === router.id);
  const name = Math.max(...here.map((workload) => workload.name.length));
  const address = Math.max(...here.map((workload) => formatAddress(workload.address).length));
  const line = (workload: Workload): string => {
    const public_ = floating.get(workload.address);
    return `${workload.name.padEnd(name)}  ${formatAddress(workload.address).padEnd(address)}  ${public_ === undefined ? '' : `⇄ ${formatAddress(public_)}`}`;
  };
  return atMost(MOST_WORKLOADS, here.map(line), 'workload');
}

function addressLines(device: string, port: Port): string[] {
  return port.addresses.map(({ address, length }) => `${device}  ${formatAddress(address)}/${length}`);
}

function wire(start: string, name: string, width: number): string {
  return `${start} ${name} `.padEnd(width, '━');
}

function wireName({ plug }: Network): string {
  return plug.driver === 'bridge' ? plug.bridge : `${plug.parent} (macvlan)`;
}

function atMost(most: number, lines: readonly string[], kind: string): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most - 1), more(lines.length - most + 1, kind)];
}

function more(count: number, kind: string): string {
  return `… and ${count} more ${kind}${count === 1 ? '' : kind.endsWith('s') ? 'es' : 's'}`;
}
