// The listening process of `buoy agent`, from its first line on. Before it reads anything it makes sure that it
// was started without privileges.

import { parentStreams, requireNoPrivileges, runListener } from '../agent/index.ts';
import type { RunAgent } from '../agent/index.ts';
import { keepYoungGenerationSmall } from '../sys/heap.ts';
import { dieWithParent } from '../sys/privileges.ts';
import { errorsOf, errorText, exitOf } from './output/error-report.ts';
import { colorsFor, note } from './output/terminal.ts';

/** Until there are store, loop and API: looks at the kernel once, and keeps it as it is. */
const run: RunAgent = async (kernel) => {
  await kernel.read();
  return { reload: async () => undefined, stop: async () => undefined };
};

try {
  requireNoPrivileges();
  keepYoungGenerationSmall();
  dieWithParent();
  await runListener(parentStreams(), run);
} catch (error) {
  const errors = errorsOf(error);
  note(errorText(errors, colorsFor(process.stderr, 'never'), true));
  process.exitCode = exitOf(errors);
}
// Whatever is still open has nobody to work for.
process.exit();
