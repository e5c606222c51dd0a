// Manual pages, made of what the commands say of themselves and of docs/agent.md. They have no date: the same sources make
// the same pages.

import type { Command } from 'commander';
import { allCommands } from '../src/cli/commands.ts';
import { createProgram } from '../src/cli/program.ts';
import { helpTexts } from './help-texts.ts';
import type { Entry } from './man-language.ts';
import { bold, code, entries, page, prose, section } from './man-language.ts';

const COMMANDS = await allCommands();
const HELP_TEXTS = helpTexts();
const DOCUMENTS = '/usr/share/doc/buoy';

/** Pages by their path from the root of the project. `agentPage`: docs/agent.md, with its table of fields. */
export function manPages(agentPage: string): ReadonlyMap<string, string> {
  const program = createProgram(COMMANDS);
  const agent = program.commands.find((command) => command.name() === 'agent');
  if (agent === undefined) throw new Error('there is no command `agent`');
  return new Map([
    ['man/buoy.1', programPage(program)],
    ['man/buoy-agent.8', agentManual(program, agent, agentPage)],
  ]);
}

function programPage(program: Command): string {
  return page('buoy', 1, 'User Commands', 'floating IPs for Linux hosts', [
    section('Synopsis', [bold('buoy [options] <command>')]),
    section('Description', [prose(program.description())]),
    section('Options', entries(optionsOf(program))),
    section('Commands', commandsOf(program, 'buoy')),
    section('Exit status', entries(listIn('', 'Exit codes:'))),
    section('Examples', entries(listIn('', 'Examples:'))),
    seeAlso('buoy-agent', 8, ['cli.md', 'intent.md', 'errors.md']),
  ]);
}

function agentManual(program: Command, agent: Command, agentPage: string): string {
  const fields = tableIn(agentPage, '<!-- fields -->');
  return page('buoy-agent', 8, 'System Administration', agent.summary(), [
    section('Synopsis', [bold(`buoy agent ${agent.usage()}`)]),
    section('Description', [prose(agent.description())]),
    section('Options', entries([...ownOptionsOf(agent), ...optionsOf(program)])),
    section('Configuration', entries(fields.map(fieldEntry))),
    section('Signals', entries(tableIn(agentPage, '## Signals').map(([name = '', what = '']): Entry => [name, what]))),
    section('Files', entries(filesOf(agent, fields))),
    section('Exit status', entries(listIn('', 'Exit codes:'))),
    section('Examples', entries(listIn('agent', 'Examples:'))),
    seeAlso('buoy', 1, ['agent.md', 'api.md', 'errors.md']),
  ]);
}

function fieldEntry([name = '', kind = '', fallback = '', meaning = '']: readonly string[]): Entry {
  if (fallback === '—') return [name, `${meaning} (${kind})`];
  return [name, `${meaning} (${kind}; ${fallback === '**required**' ? 'required' : `default: ${fallback}`})`];
}

/** What is where, unless somebody says otherwise. */
function filesOf(agent: Command, fields: readonly (readonly string[])[]): readonly Entry[] {
  const all: readonly Entry[] = [
    ...agent.options.map((option): Entry => [String(option.defaultValue), option.description]),
    ...fields.map(([, , fallback = '', meaning = '']): Entry => [fallback, meaning]),
  ];
  return all.filter(([path]) => path.startsWith('/'));
}

function commandsOf(parent: Command, before: string): readonly string[] {
  return parent.commands.flatMap((command) => {
    const typed = `${before} ${command.name()}`;
    return [
      `.SS "${code(`${typed} ${command.usage()}`)}"`,
      prose(command.description()),
      ...entries(ownOptionsOf(command)),
      '.PP\nExamples:',
      ...entries(listIn(typed.replace('buoy ', ''), 'Examples:')),
      ...commandsOf(command, typed),
    ];
  });
}

function optionsOf(command: Command): readonly Entry[] {
  const help = command.createHelp();
  return help.visibleOptions(command).map((option) => [help.optionTerm(option), help.optionDescription(option)]);
}

/** Without `--help`, which all have. */
function ownOptionsOf(command: Command): readonly Entry[] {
  return optionsOf(command).filter(([flags]) => !flags.includes('--help'));
}

/** The lines below a heading of the help of a command: `  term  meaning`. */
function listIn(command: string, heading: string): readonly Entry[] {
  const [, after] = (HELP_TEXTS.get(command) ?? '').split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`the help of \`${command}\` has no ${heading}`);
  const [list = ''] = after.split('\n\n');
  return list
    .trim()
    .split('\n')
    .map((line): Entry => {
      const [term = '', meaning = ''] = line.trim().split(/ {2,}/);
      return [term, meaning];
    });
}

/** The cells of the rows of the first table after a mark. */
function tableIn(markdown: string, mark: string): readonly (readonly string[])[] {
  const [, after = ''] = markdown.split(mark);
  const [, rows] = /\n\| --- .*\n((?:\|.*\n)+)/.exec(after) ?? [];
  if (rows === undefined) throw new Error(`docs have no table after ${mark}`);
  return rows
    .trimEnd()
    .split('\n')
    .map((row) => row.slice(2, -2).split(' | '));
}

function seeAlso(name: string, number: number, documents: readonly string[]): string {
  const paths = documents.map((document) => `.I ${code(`${DOCUMENTS}/${document}`)}`);
  return section('See also', [`.BR ${code(name)} (${number})`, ...paths.map((path) => `.br\n${path}`)]);
}
