import { relative } from 'node:path';
import type { Command } from 'commander';
import { enterSandbox } from '../../../sandbox/enter.ts';
import { EXIT } from '../../errors.ts';
import { runDemo } from '../../playground/index.ts';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions, IntentOptions } from '../options.ts';
import { intentOptions } from '../options.ts';
import { colorsFor, print } from '../output/terminal.ts';
import { packageFile } from '../package-files.ts';
import { intentSource } from '../reconcile.ts';

interface Options extends GlobalOptions, IntentOptions {
  readonly verbose?: true;
}

export function addDemo(program: Command): void {
  const command = defineCommand(program, {
    usage: 'demo',
    summary: 'try a file in a sandbox, with real packets',
    description:
      "Makes a sandbox (namespaces of its own: this machine's network is never touched) with the bridges, workloads and outside hosts that FILE needs, applies FILE there, " +
      'and sends ICMP, TCP and UDP through every floating IP in both directions. Needs no root. Ends with exit code 1 if anything did not come out as it should.',
    examples: [
      ['buoy demo', 'an example that comes with Buoy'],
      ['buoy demo net.yaml', 'your own file'],
      ['buoy demo --verbose', 'with every operation of the plan'],
    ],
  }).argument('[file]', 'the intent (default: an example)');
  for (const option of intentOptions()) command.addOption(option);
  command.option('-v, --verbose', 'print every operation of the plan, not only how many');
  command.action(async (file: string | undefined, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    const intent = intentSource(options);
    // Starts this program over in the sandbox: nothing may come before that should not come twice.
    enterSandbox();
    const { ok } = await runDemo({
      intentFile: file ?? relative(process.cwd(), packageFile('examples/quickstart.yaml')),
      intent,
      write: print,
      color: colorsFor(process.stdout, options.color).isColorSupported,
      verbose: options.verbose === true,
      inSandbox: true,
    });
    process.exitCode = ok ? EXIT.ok : EXIT.failed;
  });
}
