// Many plans applied at the same time by one kernel.

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diff } from '../../../src/host/diff.ts';
import type { Plan } from '../../../src/host/plan.ts';
import type { HostState } from '../../../src/host/state.ts';
import { NO_FOREIGN } from '../../../src/host/state.ts';
import { LinuxKernel } from '../../../src/kernel/linux/index.ts';
import { HOST, parseNamespaceName } from '../../../src/model/names.ts';
import { enterFreshNamespace } from '../../support/fresh-namespace.ts';
import { link, mac } from '../../support/models.ts';
import { must } from '../../support/must.ts';
import { planOf } from '../../support/plans.ts';

const PLANS = 40;
const NOTHING: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };

test('namespaces with links to the host are made and deleted at the same time', async () => {
  enterFreshNamespace();
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  const directory = join(mkdtempSync('/run/parallel-'), 'netns');
  await using kernel = new LinuxKernel({ instance: 'parallel', directory });
  const plans = Array.from({ length: PLANS }, (_, index) => planFor(index));
  const outcomes = await Promise.all(plans.map((plan) => kernel.apply(plan)));
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  const { namespaces, isUnfinished } = await kernel.read();
  expect(namespaces.size).toBe(PLANS + 1);
  expect(isUnfinished).toBe(false);
  const { steps } = diff(await kernel.read(), NOTHING);
  const gone = await Promise.all(steps.map((step) => kernel.apply({ steps: [step] })));
  expect(gone.flatMap(({ failures }) => failures)).toEqual([]);
  expect((await kernel.read()).namespaces.size).toBe(1);
});

function planFor(index: number): Plan {
  const namespace = must(parseNamespaceName(`qrouter-${index}`));
  const [inside, outside] = [link(`qr-${index}`), link(`tap-${index}`)];
  const host = HOST;
  const common = { mtu: 1500, up: true, master: undefined };
  return planOf([
    [
      { kind: 'namespace.create', namespace },
      {
        kind: 'link.create',
        namespace,
        link: {
          ...common,
          name: inside,
          mac: mac('02:00:00:00:00:01'),
          alias: undefined,
          kind: { type: 'veth', peer: { namespace: host, link: outside } },
        },
        peer: {
          ...common,
          name: outside,
          mac: mac('02:00:00:00:00:02'),
          alias: 'buoy parallel',
          kind: { type: 'veth', peer: { namespace, link: inside } },
        },
      },
    ],
  ]);
}
