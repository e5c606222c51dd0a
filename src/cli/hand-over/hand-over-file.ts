// `buoy plan FILE` and `buoy apply FILE` where an agent runs: the file's intent goes to its store.

import { BuoyError, EXIT } from '../../errors.ts';
import { readYamlDraft, throwProblems } from '../../intent/index.ts';
import { enumerate } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import { waitUntilAllActive } from '../agent/settle.ts';
import type { WaitOption } from '../agent/with-agent.ts';
import type { GlobalOptions, IntentOptions, JsonOption } from '../options.ts';
import { ProgressLine } from '../output/progress.ts';
import { colorsFor, counted, note, print, printJson } from '../output/terminal.ts';
import type { HandOver } from './call.ts';
import { callDocument, callText, FILE_TAG } from './call.ts';
import { difference } from './difference.ts';
import { readWanted } from './read-wanted.ts';
import { runCalls } from './run-calls.ts';
import { readStored } from './stored.ts';

type Options = GlobalOptions & JsonOption & IntentOptions;

/** The difference between a file and what the agent has. Throws BuoyErrors: all that stands in the way, each at its place. */
export async function compareWithAgent(client: AgentClient, file: string, options: Options): Promise<HandOver> {
  if (options.format !== 'yaml')
    throw new BuoyError('BUOY_AGENT_RUNS', `an agent keeps this host, and takes no ${options.format} file`, {
      remedy: 'Stop the agent to apply the file directly, or write the intent in YAML.',
    });
  const draft = await readYamlDraft(file);
  const [{ configurations }, stored] = await Promise.all([client.agent(), readStored(client)]);
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const wanted = readWanted(draft, configurations.physical_networks ?? {}, report);
  throwProblems(problems, draft.locate);
  const handOver = difference(wanted, stored, report);
  throwProblems(problems, draft.locate);
  return handOver;
}

/** Prints the calls, and answers the exit code. */
export async function planForAgent(client: AgentClient, file: string, options: Options): Promise<number> {
  const { calls, interrupted } = await compareWithAgent(client, file, options);
  if (options.json === true) {
    const documents = calls.map((call) => ({ ...callDocument(call), text: callText(call) }));
    printJson({ calls: documents, interrupted });
  } else if (calls.length === 0) {
    print(nothingToDo(file));
  } else {
    const colors = colorsFor(process.stdout, options.color);
    const paint: Record<string, typeof colors.green> = { '+': colors.green, '~': colors.yellow, '-': colors.red };
    for (const line of calls.map(callText)) print(`${(paint[line.charAt(0)] ?? String)(line)}\n`);
    print(`\n${interruptedText(interrupted)}${counted(calls.length, 'call')} of the agent.\n`);
  }
  return calls.length === 0 ? EXIT.ok : EXIT.differences;
}

/** Makes the calls, waits until the host is so, and answers the exit code. */
export async function applyToAgent(client: AgentClient, file: string, options: Options & WaitOption): Promise<number> {
  const start = performance.now();
  const { calls, interrupted } = await compareWithAgent(client, file, options);
  if (options.json !== true) note(interruptedText(interrupted));
  {
    using progress = new ProgressLine('calling the agent', 'calls');
    await runCalls(client, calls, (done) => progress.update(done, calls.length));
  }
  if (calls.length > 0 && options.wait > 0) await waitUntilAllActive(client, { tags: FILE_TAG }, options.wait);
  const seconds = (performance.now() - start) / 1000;
  if (options.json === true)
    printJson({ calls: calls.length, seconds: Number(seconds.toFixed(3)), interrupted, errors: [] });
  else if (calls.length === 0) print(nothingToDo(file));
  else {
    const done = colorsFor(process.stdout, options.color).green('Done');
    print(`${done} in ${seconds.toFixed(2)} s: ${counted(calls.length, 'call')} of the agent.\n`);
  }
  return EXIT.ok;
}

function nothingToDo(file: string): string {
  return `Nothing to do: the agent has what ${file} says.\n`;
}

function interruptedText(interrupted: readonly string[]): string {
  if (interrupted.length === 0) return '';
  return `Not without a gap, since something has to go before what takes its place can come: ${enumerate(interrupted, String)}.\n`;
}
