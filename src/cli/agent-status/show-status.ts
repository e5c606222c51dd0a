// `buoy status` where an agent runs.

import { EXIT } from '../../errors.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import { compareWithAgent } from '../hand-over/hand-over-file.ts';
import type { GlobalOptions, IntentOptions, JsonOption } from '../options.ts';
import { colorsFor, counted, print, printJson } from '../output/terminal.ts';
import { isWell, readAgentStatus } from './read-status.ts';
import { agentStatusDocument, agentStatusText } from './status-text.ts';
import { watchAgent } from './watch.ts';

type Options = GlobalOptions & JsonOption & IntentOptions;

const CLEAR_SCREEN = '\u001b[H\u001b[2J\u001b[3J';

/** With a file, also whether the agent has what it says. Answers the exit code. */
export async function showAgentStatus(
  client: AgentClient,
  file: string | undefined,
  options: Options,
): Promise<number> {
  const status = await readAgentStatus(client);
  const calls = file === undefined ? undefined : (await compareWithAgent(client, file, options)).calls.length;
  if (options.json === true)
    printJson({ ...agentStatusDocument(status), ...(calls !== undefined && { differences: calls }) });
  else {
    print(agentStatusText(status, colorsFor(process.stdout, options.color)));
    if (calls === 0) print(`The agent has what ${file} says.\n`);
    else if (calls !== undefined)
      print(
        `The agent has something else than ${file} says: ${counted(calls, 'call')} to make, see \`buoy plan ${file}\`.\n`,
      );
  }
  return isWell(status) && (calls ?? 0) === 0 ? EXIT.ok : EXIT.failed;
}

/** Until it is ended: drawn anew on a terminal, elsewhere printed anew when it is another. */
export async function watchAgentStatus(client: AgentClient, options: Options, signal?: AbortSignal): Promise<void> {
  const colors = colorsFor(process.stdout, options.color);
  let last: string | undefined;
  await watchAgent(
    client,
    async (away) => {
      const text = away === undefined ? await textOf(client, options) : awayText(away.message);
      if (text === last) return;
      if (process.stdout.isTTY && options.json !== true) print(CLEAR_SCREEN);
      else if (last !== undefined && options.json !== true) print('\n');
      print(text);
      last = text;
    },
    signal,
  );

  function awayText(message: string): string {
    return options.json === true
      ? `${JSON.stringify({ healthy: false, away: message })}\n`
      : `${colors.red('Away')}: ${message}\n`;
  }

  async function textOf(agent: AgentClient, { json }: Options): Promise<string> {
    const status = await readAgentStatus(agent);
    // One document a line, so that a program can tell them apart. What changes with every look is left out.
    if (json !== true) return agentStatusText(status, colors);
    const { heartbeat_timestamp: _now, ...agentDocument } = status.agent;
    return `${JSON.stringify({ ...agentStatusDocument(status), agent: agentDocument })}\n`;
  }
}
