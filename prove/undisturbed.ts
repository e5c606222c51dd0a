// The Buoy whose work is proven, and what a host is like on which nothing ever goes wrong.

import { diff } from '../src/host/diff.ts';
import { ownerMark } from '../src/host/mark.ts';
import type { HostState } from '../src/host/state.ts';
import { SimulatedHost, SimulatedKernel } from '../src/kernel/simulated/index.ts';
import { strangers } from './foreign.ts';
import { Violation } from './violation.ts';

export const INSTANCE = 'prove';
export const MARK = ownerMark(INSTANCE);

/** What is read of a host that had nothing of Buoy's and was brought to the wanted state at once. Throws Violation. */
export async function undisturbed(wanted: HostState): Promise<HostState> {
  const kernel = new SimulatedKernel(new SimulatedHost({ state: strangers() }), { instance: INSTANCE });
  const { failures } = await kernel.apply(diff(await kernel.read(), wanted));
  if (failures.length > 0) {
    const refusals = failures.map(({ operation, errno }) => `${operation.kind} in ${operation.namespace} (${errno})`);
    throw new Violation(`undisturbed, there are failures: ${refusals.join()}`);
  }
  return kernel.read();
}
