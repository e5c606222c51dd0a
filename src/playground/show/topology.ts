// What the show has made, as a picture that fits into 80 columns.

import { formatAddress } from '../../model/address.ts';
import { fipNamespace, routerNamespace } from '../../model/names.ts';
import { box, Canvas } from '../canvas.ts';
import { FAR, OUTSIDE, WORKLOADS } from './cast.ts';
import { shortName } from './short-name.ts';
import type { Made, Tenant } from './stage.ts';

const WIDTH = 77;
const MIDDLE = 38;
const BOX = 38;
const COLUMN = 36;
const RIGHT = 41;
/** From a column's left edge. */
const CABLE = 18;

/** Ends with a new line. */
export function topology({ networkId, blue, green }: Made): string {
  const canvas = new Canvas();
  canvas.put(
    MIDDLE - BOX / 2,
    0,
    ...box(BOX + 1, [`outside  ${formatAddress(OUTSIDE.address)}  ${formatAddress(FAR)}`]),
  );
  canvas.put(MIDDLE, 2, '┬');
  canvas.put(2, 3, wire('br-ex', WIDTH));
  canvas.put(MIDDLE, 3, '┿');
  canvas.put(MIDDLE - BOX / 2, 4, ...box(BOX + 1, [`${shortName(fipNamespace(networkId))}   answers ARP`]));
  canvas.put(MIDDLE, 4, '┴');
  canvas.put(MIDDLE, 6, '┬');
  canvas.put(2 + CABLE, 7, `┌${'─'.repeat(MIDDLE - CABLE - 3)}┴${'─'.repeat(RIGHT + CABLE - MIDDLE - 1)}┐`);
  drawTenant(canvas, 2, blue);
  drawTenant(canvas, RIGHT, green);
  return canvas.toString();
}

function drawTenant(canvas: Canvas, left: number, tenant: Tenant): void {
  const { routerId, workload, floating } = tenant;
  canvas.put(left, 8, ...box(COLUMN + 1, [`${shortName(routerNamespace(routerId))}   NAT 1:1`]));
  canvas.put(left + CABLE, 8, '┴');
  canvas.put(left + CABLE, 10, '┬');
  canvas.put(left, 11, wire(workload.bridge, COLUMN + 1));
  canvas.put(left + CABLE, 11, '┷');
  const machines = WORKLOADS.filter(({ networkId }) => networkId === workload.networkId);
  const lines = machines.map(
    (machine) =>
      `  ${machine.name}  ${formatAddress(machine.address)}${machine === workload ? `  ⇄ ${formatAddress(floating)}` : ''}`,
  );
  canvas.put(left, 12, ...lines);
}

function wire(name: string, width: number): string {
  return `━━ ${name} `.padEnd(width, '━');
}
