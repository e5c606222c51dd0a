// Pages that a person writes, with parts that are made from the sources between two comments.

import { REQUIREMENT_IDS, requirement } from '../src/cli/requirements/requirement.ts';
import { helpTexts } from './help-texts.ts';

/** The page with its help texts as the program prints them: a text block follows `<!-- buoy plan --help -->`. */
export function withHelpTexts(page: string): string {
  const texts = helpTexts();
  return page.replace(
    /(<!-- buoy (?:([\w -]+?) )?--help -->\n\n```text\n)[^`]*?(?:`(?!``)[^`]*?)*```/g,
    (_block, start: string, command: string | undefined) => {
      const text = texts.get(command ?? '');
      if (text === undefined) throw new Error(`docs show the help of a command that is not there: ${command ?? ''}`);
      return `${start}${text}\`\`\``;
    },
  );
}

/** The page with a table of what Buoy needs. */
export function withRequirements(page: string): string {
  const rows = REQUIREMENT_IDS.map(requirement).map(
    ({ group, name, purpose, remedy, optional }) =>
      `| ${group} | ${name} | ${purpose}${optional === true ? ' (optional)' : ''} | ${remedy} |`,
  );
  const table = ['| | what | what for | where it is missing |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return page.replace(
    /(<!-- requirements -->\n)[\s\S]*(<!-- \/requirements -->)/,
    (_all, start: string, end: string) => `${start}${table}\n${end}`,
  );
}
