// Runs a command in a sandbox of its own: `node sandbox/run.ts ip link`.

import { BuoyError, EXIT } from '../src/errors.ts';
import { enterSandbox } from './enter.ts';
import { becomeProgram, findProgram } from './program.ts';

const [command, ...args] = process.argv.slice(2);

try {
  if (command === undefined) throw new Error('usage: node sandbox/run.ts COMMAND [ARGUMENT…]');
  enterSandbox();
  const program = findProgram(command);
  if (program === undefined) throw new Error(`${command}: no such program`);
  becomeProgram(program, args, process.env);
} catch (error) {
  const lines = error instanceof BuoyError ? [`${error.code}: ${error.message}`, `  ${error.remedy}`] : [String(error)];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = error instanceof BuoyError ? error.exit : EXIT.badInput;
}
