// After the show, on a terminal: the agent goes on, whoever wants to tries it, and what happens is told until Ctrl-C.

import { formatAddress } from '../../../model/address.ts';
import { routerNamespace } from '../../../model/names.ts';
import { PORT } from '../agent-on-stage.ts';
import { eventLine } from '../event-line.ts';
import { OUTSIDE } from '../cast.ts';
import type { Made, Stage } from '../stage.ts';

/** Resolves when `signal` says so. */
export async function stay({ agent, report }: Stage, made: Made, signal: AbortSignal): Promise<void> {
  report.heading('It goes on running', 'to be tried from another terminal');
  report.text(invitation(agent, made));
  const stopped = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => stopped.resolve(undefined), { once: true });
  for (let starts = 1; !signal.aborted; starts++) {
    using _events = await agent.api.events((event) => {
      const line = eventLine(event);
      if (line !== undefined) report.aside(line);
    });
    // Only now is all told that happens from here on.
    if (starts === 1) report.heading('What happens', 'until Ctrl-C, which ends and removes all of it');
    const how = await Promise.race([agent.ended(), stopped.promise]);
    if (how === undefined) return;
    report.text(`  The agent has ended (${how}); it is started again.\n`);
    await Promise.race([agent.start(), stopped.promise]);
  }
}

function invitation(agent: Stage['agent'], { blue, green }: Made): string {
  const lines = [
    '',
    `export BUOY_AGENT=${agent.socket}`,
    'npx buoy floating-ip list',
    'curl --unix-socket $BUOY_AGENT http://buoy/v2.0/floatingips',
    'curl --unix-socket $BUOY_AGENT http://buoy/metrics',
    `kill -9 ${agent.pid}   # the agent, which is started again then`,
    '',
    'A shell in the sandbox, where its network and its namespaces are; and there:',
    `nsenter --all --target ${process.pid} bash`,
    '',
    `ip netns exec ${OUTSIDE.namespace} ping ${formatAddress(blue.floating)}`,
    `ip -n ${routerNamespace(blue.routerId)} route flush table 16`,
    `ip netns delete ${routerNamespace(green.routerId)}`,
    `OS_AUTH_TYPE=none OS_ENDPOINT=http://127.0.0.1:${PORT} openstack floating ip list`,
    '',
    `What the agent says is in ${agent.log}`,
  ];
  return lines.map((line) => (line === '' ? '\n' : `  ${line}\n`)).join('');
}
