// The listening process of `buoy agent`, from its first line on. Before it reads anything it makes sure that it
// was started without privileges.

// Not by way of index.ts: what reads the configuration is of use in the other process alone.
import { requireNoPrivileges, runListener } from '../agent/listener-process.ts';
import { parentStreams } from '../agent/parent-streams.ts';
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
