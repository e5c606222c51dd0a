import { Argument } from 'commander';
import type { Command } from 'commander';
import type { ErrorCode } from '../../errors.ts';
import { CATALOGUE } from '../../errors.ts';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions, JsonOption } from '../options.ts';
import { jsonOption } from '../options.ts';
import { explanation, isErrorCode } from '../output/error-report.ts';
import { colorsFor, print, printJson } from '../output/terminal.ts';

export function addErrors(program: Command): void {
  const codes = Object.keys(CATALOGUE).filter(isErrorCode);
  defineCommand(program, {
    usage: 'errors',
    summary: 'explain an error code, or all of them',
    description: 'Prints what an error code means and what to do about it.',
    examples: [
      ['buoy errors BUOY_LOCKED', 'one'],
      ['buoy errors', 'all'],
    ],
  })
    .addArgument(new Argument('[code]', 'the code, as an error message has it').choices(codes))
    .addOption(jsonOption())
    .action((code: ErrorCode | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & JsonOption>();
      const chosen = code === undefined ? codes : [code];
      const colors = colorsFor(process.stdout, options.color);
      if (options.json === true) printJson(chosen.map((each) => ({ code: each, ...CATALOGUE[each] })));
      else print(chosen.map((each) => explanation(each, colors)).join('\n'));
    });
}
