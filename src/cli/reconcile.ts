// From a file and a kernel to the plan between them: what `plan`, `apply` and `status FILE` share.

import { BuoyError } from '../errors.ts';
import { diff } from '../host/diff.ts';
import type { Plan } from '../host/plan.ts';
import { preflight } from '../host/preflight.ts';
import type { HostState } from '../host/state.ts';
import type { IntentOptions as IntentSource } from '../intent/index.ts';
import { readIntent } from '../intent/index.ts';
import { throwAll } from '../intent/problems.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { compile, livePairs } from '../layout/index.ts';
import type { Model } from '../model/model.ts';
import type { IntentOptions } from './options.ts';

/** What the options say of the file's format. Throws BUOY_USAGE. */
export function intentSource({ format, host, bridge }: IntentOptions): IntentSource {
  if (format === 'yaml' && (host !== undefined || bridge !== undefined)) {
    const option = host === undefined ? '--bridge' : '--host';
    throw new BuoyError(
      'BUOY_USAGE',
      `${option} is for --format neutron-routers: an intent in YAML says itself which bridges there are`,
    );
  }
  return { format, ...(host !== undefined && { host }), ...(bridge !== undefined && { bridges: bridge }) };
}

/** Throws BuoyErrors: all that is wrong with the file. */
export async function readModel(file: string, options: IntentOptions): Promise<Model> {
  return readIntent(file, intentSource(options));
}

/** A kernel as it was read, beside an intent. */
export interface Comparison {
  readonly actual: HostState;
  readonly wanted: HostState;
  /** What is to be done so that the one becomes the other. */
  readonly plan: Plan;
}

/** Changes nothing. Throws BuoyErrors: all that stands in the way on this host. */
export async function compare(kernel: Kernel, model: Model, instance: string): Promise<Comparison> {
  const actual = await kernel.read();
  const wanted = compile(model, livePairs(actual), { instance });
  throwAll(preflight(actual, wanted), (error) => error);
  return { actual, wanted, plan: diff(actual, wanted) };
}
