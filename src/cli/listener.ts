// The listening process of `buoy agent`, from its first line on. Before it reads anything it makes sure that it
// was started without privileges.

import { parentStreams, requireNoPrivileges, runListener } from '../agent/index.ts';
import { runAgent } from '../service/run-agent.ts';
import { keepYoungGenerationSmall } from '../sys/heap.ts';
import { dieWithParent } from '../sys/privileges.ts';
import { errorsOf, errorText, exitOf } from './output/error-report.ts';
import { colorsFor, note } from './output/terminal.ts';

try {
  requireNoPrivileges();
  keepYoungGenerationSmall();
  dieWithParent();
  await runListener(parentStreams(), runAgent(note));
} catch (error) {
  const errors = errorsOf(error);
  note(errorText(errors, colorsFor(process.stderr, 'never'), true));
  process.exitCode = exitOf(errors);
}
// Whatever is still open has nobody to work for.
process.exit();
