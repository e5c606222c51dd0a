// Tries what the kernel can do by doing it: a plan of one small step for each requirement goes
// through the same LinuxKernel as any other, to namespaces whose names lie in a directory made for
// this, one of which stands for the host. So what works here works in `buoy apply`, and the host's
// own network is never touched.

import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseNamespaceName } from '../../model/names.ts';
import { ownerMark } from '../../host/mark.ts';
import type { Failure } from '../../kernel/kernel.ts';
import type { OpenNamespace } from '../../kernel/linux/index.ts';
import { LinuxKernel, Namespaces, prepareDirectory, releaseName } from '../../kernel/linux/index.ts';
import { MessageBatch } from '../../netlink/message.ts';
import { createBridge } from '../../netlink/route/index.ts';
import { callUnless } from '../../sys/libc.ts';
import { SystemError } from '../../sys/system-error.ts';
import type { Observation } from './finding.ts';
import { lackingForCall } from './lacking.ts';
import { PROBE_BRIDGE, PROBE_HOST, PROBE_PLAN, PROBE_ROUTER, TRIALS } from './probe-plan.ts';
import type { RequirementId } from './requirement.ts';

type Observations = ReadonlyMap<RequirementId, Observation>;

const INSTANCE = 'doctor';
const MNT_DETACH = 2;
const EINVAL = 22;
const THERE: Observation = { verdict: 'there' };

/** Makes a directory in `parent` for the time it takes. What could not be tried is left out. */
export async function probe(parent: string): Promise<Observations> {
  const directory = mkdtempSync(join(parent, 'buoy-doctor-'));
  try {
    prepareDirectory(directory);
    await using namespaces = new Namespaces({ host: '/proc/self/ns/net', directory });
    const [host] = await namespaces.create([PROBE_HOST], ownerMark(INSTANCE));
    if (host === undefined || host instanceof SystemError) return withoutNamespaces(host);
    using opened = host;
    return new Map([...(await tryPlan(directory)), ['bridge', tryBridge(opened)], ['nftables', THERE]]);
  } catch (error) {
    if (error instanceof SystemError) return withoutNamespaces(error);
    throw error;
  } finally {
    remove(directory);
  }
}

function withoutNamespaces(error: SystemError | undefined): Observations {
  if (error === undefined) return new Map();
  return new Map([[lackingForCall(error.call, error.code) ?? 'namespaces', missing(error.message)]]);
}

async function tryPlan(directory: string): Promise<Observations> {
  await using kernel = new LinuxKernel({ instance: INSTANCE, host: join(directory, PROBE_HOST), directory });
  const { failures } = await kernel.apply(PROBE_PLAN);
  const observations = new Map<RequirementId, Observation>();
  for (const [id, operations] of TRIALS) {
    const failure = failures.find(({ operation }) => operations.includes(operation));
    observations.set(id, failure === undefined ? THERE : missing(wordsOf(failure)));
  }
  // It hangs on one end of a veth.
  if (observations.get('veth') !== THERE) observations.delete('macvlan');
  const { namespaces } = await kernel.read();
  observations.set(
    'tableComments',
    namespaces.has(PROBE_ROUTER) ? THERE : missing('the comment of a table was not kept'),
  );
  return observations;
}

function tryBridge({ route }: OpenNamespace): Observation {
  const batch = new MessageBatch(1);
  createBridge(batch, { name: PROBE_BRIDGE, index: 0, mac: undefined, mtu: undefined });
  const [refusal] = route.exchange(batch);
  return refusal === undefined ? THERE : missing(refusal.message);
}

function missing(detail: string): Observation {
  return { verdict: 'missing', detail };
}

function wordsOf({ errno, message }: Failure): string {
  return `${errno}: ${message}`;
}

/** Each name goes, and with it its namespace and all in that. */
function remove(directory: string): void {
  for (const name of readdirSync(directory)) {
    const namespace = parseNamespaceName(name);
    if (namespace !== undefined) releaseName(directory, namespace);
  }
  callUnless(EINVAL, 'umount2', directory, MNT_DETACH);
  rmdirSync(directory);
}
