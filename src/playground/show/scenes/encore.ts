// After the show, on a terminal: the agent goes on, whoever wants to tries it, and what happens is told until Ctrl-C.

import { formatAddress } from '../../../model/address.ts';
import { routerNamespace } from '../../../model/names.ts';
import { PORT } from '../agent-on-stage.ts';
import { eventLine } from '../event-line.ts';
import type { Made, Stage } from '../stage.ts';

/** Resolves when `signal` says so, or the agent has ended. */
export async function stay({ agent, report }: Stage, { blue, green }: Made, signal: AbortSignal): Promise<void> {
  const enter = `nsenter --all --target ${process.pid}`;
  report.heading('It goes on running', 'try it from another terminal');
  report.text(
    [
      '',
      `  export BUOY_AGENT=${agent.socket}`,
      '  npx buoy floating-ip list',
      '  curl --unix-socket $BUOY_AGENT http://buoy/v2.0/floatingips',
      '  curl --unix-socket $BUOY_AGENT http://buoy/metrics',
      '',
      '  Into the sandbox, where its network and its namespaces are:',
      `  ${enter} bash`,
      '  ip netns',
      `  ip netns exec demo-outside ping ${formatAddress(blue.floating)}`,
      `  ip netns delete ${routerNamespace(green.routerId)}`,
      `  OS_AUTH_TYPE=none OS_ENDPOINT=http://127.0.0.1:${PORT} openstack floating ip list`,
      '',
      `  What the agent says: ${agent.log}`,
      '',
    ].join('\n'),
  );
  report.heading('What happens', 'until Ctrl-C, which ends and removes all of it');
  using _events = await agent.api.events((event) => {
    const line = eventLine(event);
    if (line !== undefined) report.aside(line);
  });
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
