// Files that are made from the sources and kept beside them, for readers and editors.

import { readFileSync } from 'node:fs';
import { CATALOGUE, EXIT, type ErrorEntry } from '../src/errors/catalogue.ts';
import { configJsonSchema } from '../src/agent/config-schema.ts';
import { jsonSchema } from '../src/intent/yaml-file/json-schema.ts';
import { withHelpTexts, withRequirements } from './fill-in.ts';
import { helpTexts } from './help-texts.ts';
import { withConfigTable, withIntentTables } from './intent-tables.ts';
import { manPages } from './man-pages.ts';

/** Texts by their path from the root of the project. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const agentPage = withConfigTable(readPage('docs/agent.md'));
  return new Map([
    ...manPages(agentPage),
    ['docs/agent-commands.md', agentCommandsPage()],
    ['docs/agent.md', agentPage],
    ['docs/cli.md', withHelpTexts(readPage('docs/cli.md'))],
    ['docs/errors.md', errorsPage(CATALOGUE)],
    ['docs/intent.md', withIntentTables(readPage('docs/intent.md'))],
    ['docs/requirements.md', withRequirements(readPage('docs/requirements.md'))],
    ['schema/agent.schema.json', `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`],
    ['schema/buoy.schema.json', `${JSON.stringify(jsonSchema(), undefined, 2)}\n`],
  ]);
}

function readPage(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

const EXIT_CODES = [
  [EXIT.ok, 'All done.'],
  [EXIT.failed, 'Something failed while it ran: the kernel refused, or a check did not hold.'],
  [EXIT.differences, '`plan` found differences; there is no error.'],
  [EXIT.badInput, 'The intent or the command line is wrong; nothing was tried.'],
  [EXIT.unable, 'This machine lacks a privilege or a kernel feature.'],
  [EXIT.foreign, 'A name that is needed belongs to somebody else; nothing was changed.'],
  [EXIT.locked, 'Another Buoy holds the lock.'],
] as const;

/** Each code has a heading of its own, so that `docs/errors.md#buoy_locked` leads there. */
function errorsPage(catalogue: Readonly<Record<string, ErrorEntry>>): string {
  const codes = Object.entries(catalogue).map(
    ([code, { summary, remedy, exit }]) =>
      `## ${code}\n\n${summary}\n\n**What to do:** ${remedy}\n\nExit code ${exit}.\n`,
  );
  return `# Errors

<!-- Made from src/errors/catalogue.ts by \`npm run docs\`; changes belong there. -->

Every error that Buoy reports has a code. With it come a sentence on what is wrong and where, in a file
(line and column) or on which object, and one on what to do. With \`--json\`, the same as data.

## Exit codes

| code | meaning |
| ---: | --- |
${EXIT_CODES.map(([code, meaning]) => `| ${code} | ${meaning} |`).join('\n')}

When there are several errors, the first one's exit code counts.

${codes.join('\n')}`;
}

/** The commands under `buoy network` and its like, each with its help. */
function agentCommandsPage(): string {
  const texts = [...helpTexts()].filter(([command]) => command.includes(' '));
  const sections = texts.map(([command, text]) => `## ${command}\n\n\`\`\`text\n${text}\`\`\`\n`);
  return `# Commands for the agent's resources

<!-- Made from src/cli by \`npm run docs\`; changes belong there. -->

[The command line](cli.md#with-an-agent) tells how they belong together.

${sections.join('\n')}`;
}
