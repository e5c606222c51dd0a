import type { Command } from 'commander';
import { EXIT } from '../../errors.ts';
import { operationCount } from '../../host/plan.ts';
import { agentOptions } from '../agent/endpoint.ts';
import type { AgentOptions } from '../agent/endpoint.ts';
import { runningAgent } from '../agent/with-agent.ts';
import type { DirectOption } from '../agent/with-agent.ts';
import { defineCommand } from '../define-command.ts';
import { planForAgent } from '../hand-over/hand-over-file.ts';
import type { GlobalOptions, IntentOptions, JsonOption } from '../options.ts';
import { directOption, intentOptions, jsonOption } from '../options.ts';
import { planDocument, planText } from '../output/plan-report.ts';
import { tally, totalOf } from '../output/tally.ts';
import { colorsFor, count, print, printJson } from '../output/terminal.ts';
import { compare, readModel } from '../reconcile.ts';
import { withKernel } from '../with-kernel.ts';

type Options = GlobalOptions & IntentOptions & JsonOption & AgentOptions & DirectOption;

export function addPlan(program: Command): void {
  const command = defineCommand(program, {
    usage: 'plan',
    summary: 'print what `apply` would do, and do nothing',
    description:
      'Compares what FILE says with what the kernel has and prints the operations that `buoy apply` would do, in their order: ' +
      '+ is made, ~ is changed, - is removed. If an agent keeps this host, these are calls of its API. Changes nothing. Ends with exit code 2 if there is any.',
    examples: [
      ['sudo buoy plan net.yaml', 'what would be done'],
      ['sudo buoy plan net.yaml --json', 'the same for a program'],
    ],
  }).argument('<file>', 'the intent');
  for (const option of [...intentOptions(), ...agentOptions(), directOption(), jsonOption()]) command.addOption(option);
  command.action(async (file: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    using agent = await runningAgent(options);
    if (agent !== undefined) {
      process.exitCode = await planForAgent(agent, file, options);
      return;
    }
    const model = await readModel(file, options);
    const { plan } = await withKernel(options, (kernel) => compare(kernel, model, options.instance));
    const operations = operationCount(plan);
    if (options.json === true) {
      printJson({ operations: planDocument(plan) });
    } else if (operations === 0) {
      print(`Nothing to do: the kernel is as ${file} says.\n`);
    } else {
      const counts = tally(plan);
      const [added, changed, removed] = (['added', 'changed', 'removed'] as const).map((change) =>
        count(totalOf(counts, change)),
      );
      print(`${planText(plan, colorsFor(process.stdout, options.color))}\n`);
      print(`${added} to add, ${changed} to change, ${removed} to remove.\n`);
    }
    process.exitCode = operations === 0 ? EXIT.ok : EXIT.differences;
  });
}
