// Second scene: packets of three protocols, in and out, and from tenant to tenant.

import type { Journey } from '../../journey.ts';
import { probeAll } from '../../probe.ts';
import { BLUE_1, BLUE_2, FAR, GREEN_1, OUTSIDE } from '../cast.ts';
import { topology } from '../topology.ts';
import type { Made, Stage } from '../stage.ts';

export async function sendPackets({ playground, report }: Stage, made: Made): Promise<void> {
  report.heading('What there is now');
  report.picture(topology(made));
  report.heading('Packets', 'answers / messages sent');
  report.probes(await probeAll(playground, journeys(made)));
}

function journeys({ blue, green }: Made): Journey[] {
  const outside = { machine: OUTSIDE, address: FAR };
  const itself = { machine: GREEN_1, address: GREEN_1.address };
  return [
    ...[blue, green].map(({ workload, floating }): Journey => ({
      way: 'in',
      from: OUTSIDE,
      source: OUTSIDE.address,
      to: floating,
      target: { machine: workload, address: workload.address },
      expectedSeenAs: OUTSIDE.address,
    })),
    ...[blue, green].map(({ workload, floating }): Journey => ({
      way: 'out',
      from: workload,
      source: workload.address,
      to: FAR,
      target: outside,
      expectedSeenAs: floating,
    })),
    {
      way: 'across',
      from: BLUE_1,
      source: BLUE_1.address,
      to: green.floating,
      target: itself,
      expectedSeenAs: blue.floating,
    },
    { way: 'out', from: BLUE_2, source: BLUE_2.address, to: FAR, target: outside, expectedSeenAs: undefined },
  ];
}
