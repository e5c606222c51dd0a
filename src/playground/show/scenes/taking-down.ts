// Last scene, where nobody stays to look: all of it goes by way of the API.

import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostState } from '../../../host/state.ts';
import type { Made, Stage } from '../stage.ts';
import { PATIENCE_MS } from '../stage.ts';

const LOOK_EVERY_MS = 5;

export async function takeDown({ report, requests, kernel }: Stage, made: Made, before: HostState): Promise<void> {
  report.heading('All of it goes');
  const { blue, green } = made;
  for (const tenant of [blue, green]) {
    await requests.delete('floatingips', tenant.floatingIpId);
    await requests.removeInterface(tenant.routerId, tenant.subnetId);
    await requests.delete('routers', tenant.routerId);
    for (const id of tenant.ports.values()) await requests.delete('ports', id);
    await requests.delete('networks', tenant.networkId);
  }
  await requests.delete('networks', made.networkId);
  const deadline = performance.now() + PATIENCE_MS;
  let isAsBefore = isDeepStrictEqual(await kernel.read(), before);
  while (!isAsBefore && performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
    isAsBefore = isDeepStrictEqual(await kernel.read(), before);
  }
  report.check(isAsBefore, 'nothing is left, and the host is as it was before');
}
