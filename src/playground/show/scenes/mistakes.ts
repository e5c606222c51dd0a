// Third scene: an administrator deletes this and that of Buoy's, while pings go in and out.

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { HostState } from '../../../host/state.ts';
import { fipNamespace, routerNamespace, routerPortName, routerToFipName } from '../../../model/names.ts';
import { duration } from '../../demo-report.ts';
import type { Deed } from '../administrator.ts';
import {
  deleteAddressOf,
  deleteDefaultRoute,
  deleteHostRoute,
  deleteMarkRule,
  deleteNamespace,
  flushTable,
  takeDown,
} from '../administrator.ts';
import { FAR, GATEWAY, OUTSIDE } from '../cast.ts';
import { PingStream, stopAll } from '../ping-stream.ts';
import type { Made, Stage, Tenant } from '../stage.ts';
import { PATIENCE_MS } from '../stage.ts';

/** How long all is well before a deed, and after it was made good. */
const CALM_MS = 30;
const LOOK_EVERY_MS = 2;

export async function makeMistakes(stage: Stage, { networkId, blue, green }: Made): Promise<void> {
  stage.report.heading('Mistakes of an administrator', 'repaired after; pings lost, in and out');
  const [ofBlue, ofGreen] = [routerNamespace(blue.routerId), routerNamespace(green.routerId)];
  await suffer(stage, blue, deleteDefaultRoute(ofBlue));
  await suffer(stage, blue, deleteMarkRule(ofBlue));
  await suffer(stage, blue, deleteHostRoute(fipNamespace(networkId), blue.floating));
  await suffer(stage, green, deleteAddressOf(ofGreen, routerPortName(green.portId), GATEWAY));
  await suffer(stage, green, flushTable(ofGreen));
  await suffer(stage, green, takeDown(ofGreen, routerToFipName(green.routerId)));
  await suffer(stage, blue, deleteNamespace(ofBlue));
}

async function suffer({ playground, agent, kernel, report }: Stage, tenant: Tenant, deed: Deed): Promise<void> {
  const before = await kernel.read();
  const settled = Promise.withResolvers<number>();
  let done = Infinity;
  using _events = await agent.api.events(({ kind, data, at }) => {
    if (kind === 'settled' && data['namespace'] === routerNamespace(tenant.routerId) && at >= done) settled.resolve(at);
  });
  const streams = [
    await PingStream.start(playground, { from: OUTSIDE, to: tenant.floating }),
    await PingStream.start(playground, { from: tenant.workload, to: FAR }),
  ];
  await sleep(CALM_MS);
  done = await deed.act(playground);
  // The agent says when; that it is so is seen in the kernel, and by the pings.
  const told = await Promise.race([settled.promise, sleep(PATIENCE_MS, undefined, { ref: false })]);
  const restored = await untilEqual(() => kernel.read(), before, done + PATIENCE_MS);
  const answered = await Promise.all(streams.map((stream) => stream.firstAnswer(restored ?? done, done + PATIENCE_MS)));
  await sleep(CALM_MS);
  const { sent, lost } = await stopAll(streams);
  const isRepaired = told !== undefined && restored !== undefined && answered.every((time) => time !== undefined);
  const after = isRepaired ? duration(told - done) : 'never';
  report.check(
    isRepaired,
    deed.command,
    `${after.padStart(8)}  ${String(lost).padStart(3)} of ${String(sent).padStart(3)}`,
  );
}

/** When it was first seen that the kernel is as it was; undefined if it is not until the deadline. */
async function untilEqual(
  read: () => Promise<HostState>,
  before: HostState,
  deadline: number,
): Promise<number | undefined> {
  for (;;) {
    if (isDeepStrictEqual(await read(), before)) return performance.now();
    if (performance.now() >= deadline) return undefined;
    await sleep(LOOK_EVERY_MS);
  }
}
