import type { Command } from 'commander';
import { enterSandbox } from '../../../sandbox/enter.ts';
import { EXIT } from '../../errors.ts';
import type { StartAgent } from '../../playground/index.ts';
import { runDemo, runShow } from '../../playground/index.ts';
import { defineCommand } from '../define-command.ts';
import type { Services } from '../program.ts';
import type { GlobalOptions, IntentOptions } from '../options.ts';
import { intentOptions } from '../options.ts';
import { colorsFor, print, WIDEST } from '../output/terminal.ts';
import { intentSource } from '../reconcile.ts';

interface Options extends GlobalOptions, IntentOptions {
  readonly stay: boolean;
  readonly verbose?: true;
}

/** What shells say of a program that SIGINT has ended. */
const INTERRUPTED = 130;
/** Tables and pictures are not made to fit less. */
const NARROWEST = 80;

export function addDemo(program: Command, { startAgent }: Services): void {
  const command = defineCommand(program, {
    usage: 'demo',
    summary: 'see it work in a sandbox, with real packets',
    description:
      "Makes a sandbox (namespaces of its own: this machine's network is never touched). Without FILE it shows the agent there: makes networks, routers and floating IPs " +
      'through its API, sends packets, breaks things, kills it; on a terminal the agent then goes on until Ctrl-C, with its addresses told. ' +
      'With FILE it makes the bridges, workloads and outside hosts that FILE needs, applies FILE, ' +
      'and sends ICMP, TCP and UDP through every floating IP in both directions. Needs no root. Ends with exit code 1 if anything did not come out as it should.',
    examples: [
      ['buoy demo', 'the agent at work'],
      ['buoy demo net.yaml', 'your own file'],
      ['buoy demo --verbose net.yaml', 'with every operation of the plan'],
    ],
  }).argument('[file]', 'the intent (default: none, the agent is shown)');
  for (const option of intentOptions()) command.addOption(option);
  command.option('-v, --verbose', 'of FILE: print every operation of the plan, not only how many');
  command.option('--no-stay', 'without FILE: end when all was shown, on a terminal as well');
  command.action(async (file: string | undefined, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    const intent = intentSource(options);
    // Starts this program over in the sandbox: nothing may come before that should not come twice.
    enterSandbox();
    const output = { write: print, color: colorsFor(process.stdout, options.color).isColorSupported };
    if (file === undefined) return show(startAgent, options, output);
    const { ok } = await runDemo({
      ...output,
      intentFile: file,
      intent,
      verbose: options.verbose === true,
      inSandbox: true,
    });
    process.exitCode = ok ? EXIT.ok : EXIT.failed;
  });
}

async function show(
  startAgent: StartAgent,
  options: Options,
  output: { readonly write: (text: string) => void; readonly color: boolean },
): Promise<void> {
  const stop = new AbortController();
  // Whoever says it twice does not want to wait.
  const end = (): void => (stop.signal.aborted ? process.exit(INTERRUPTED) : stop.abort());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  const { ok } = await runShow({
    ...output,
    width: widthOf(process.stdout),
    stays: options.stay && process.stdout.isTTY,
    inSandbox: true,
    startAgent,
    signal: stop.signal,
  });
  if (ok !== undefined) process.exitCode = ok ? EXIT.ok : EXIT.failed;
  // The scene that was left is still under way.
  else process.exit(INTERRUPTED);
}

/** Some terminals say that they have no columns at all. */
function widthOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns === 0 ? WIDEST : Math.max(NARROWEST, Math.min(columns, WIDEST));
}
