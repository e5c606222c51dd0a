// What packets cost on their way.

import { z } from 'zod';
import { built, compiled } from '../build.ts';
import type { Case } from '../case.ts';
import { sizes } from '../case.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import { MEASUREMENT } from '../measurement.ts';
import type { Size } from '../models.ts';
import { count, figure } from '../table.ts';

const ROUNDS = 40;
const DATAGRAMS = 500;
/** Microseconds a packet. */
const ROUND = z.strictObject({ newIn: z.number(), newOut: z.number(), established: z.number() });

type Round = z.infer<typeof ROUND>;

const KINDS = [
  { key: 'newIn', name: 'new flow in' },
  { key: 'newOut', name: 'new flow out' },
  { key: 'established', name: 'established' },
] as const;

/** With the iptables-restore(8) that puts others in the place of Buoy's rules. */
const LAYOUTS = [
  { name: 'Buoy', restore: undefined },
  { name: 'as Neutron, iptables-legacy', restore: 'iptables-legacy-restore' },
  { name: 'as Neutron, iptables-nft', restore: 'iptables-nft-restore' },
];

export const packets: Case = {
  name: 'packets',
  title: 'Packets',
  method: `\`bench/packets/packets.c\` sends UDP datagrams between the outside and a workload, each when the one before has
arrived, from one thread: the time of one is the CPU time of the whole way (two veth pairs, two
bridges, the fip and the router namespace) and two system calls. Every ${DATAGRAMS} datagrams are a round, of
which a run has ${ROUNDS} of each kind; what the tables say is the fastest round of all runs, since whatever disturbs
a round only makes it slower. The floating IP is the one in the middle of the router's. In the rows "as Neutron" the
router has, instead of Buoy's maps and its one rule, the rules of Neutron's L3 agent: two of iptables and
one policy rule a floating IP. Each datagram has to arrive from the address that it is translated to.`,
  needs: ['gcc', 'ip', 'nft', 'iptables'],
  run(settings) {
    const { one } = sizes(settings);
    const program = compiled('packets/packets');
    const found = LAYOUTS.flatMap((layout) =>
      [1, one.floatingIps].map((floatingIps) => ({
        layout,
        size: { routers: 1, floatingIps },
        rounds: new Array<Round>(),
      })),
    );
    // One after the other in turn, so that what disturbs the machine disturbs all of them.
    for (let run = 1; run <= settings.repetitions; run++) {
      for (const { layout, size, rounds } of found) {
        settings.progress(`${layout.name}, ${count(size.floatingIps)}: run ${run} of ${settings.repetitions}`);
        rounds.push(...measure(program, size, layout.restore));
      }
    }
    return {
      tables: [
        {
          columns: ['rules', 'floating IPs', ...KINDS.map(({ name }) => name)],
          rows: found.map(({ layout, size, rounds }) => [
            layout.name,
            count(size.floatingIps),
            ...KINDS.map(({ key }) => `${figure(fastest(rounds, key))} µs`),
          ]),
        },
      ],
      goals: KINDS.map(({ key, name }) => {
        const [few = [], many = []] = found
          .filter(({ layout }) => layout.restore === undefined)
          .map(({ rounds }) => rounds);
        const text = `packets, ${name}: ${count(one.floatingIps)} floating IPs over 1`;
        return {
          figure: text,
          measured: fastest(many, key) / fastest(few, key),
          bound: 'at most',
          limit: 1.15,
          unit: '×',
        } as const;
      }),
      measurements: found.map(({ layout, size, rounds }) => ({ layout: layout.name, size, rounds })),
    };
  },
};

function fastest(rounds: readonly Round[], key: keyof Round): number {
  return Math.min(...rounds.map((round) => round[key]));
}

function measure(program: string, size: Size, restore: string | undefined): Round[] {
  const args = [
    program,
    String(ROUNDS),
    String(DATAGRAMS),
    ...sizeArguments(size),
    ...(restore === undefined ? [] : [restore]),
  ];
  const lines = inSandbox(size, [built('act', 'up', ...sizeArguments(size)), built('packets', ...args)]);
  lines.next(MEASUREMENT);
  return lines.next(z.array(ROUND));
}
