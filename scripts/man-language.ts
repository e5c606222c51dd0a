// The language of manual pages, man(7).

import { buoyVersion } from '../src/cli/package-files.ts';

/** man(7) prints others for these, or takes them for its own. */
const SIGNS: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** A term and what it means, both in Markdown. */
export type Entry = readonly [string, string];

/** A whole page. Its number is that of its section of the manual; `purpose`, in Markdown, is for whatis(1). */
export function page(
  name: string,
  number: number,
  manual: string,
  purpose: string,
  sections: readonly string[],
): string {
  const title = `.TH ${name.toUpperCase()} ${number} "" "Buoy ${buoyVersion()}" "${manual}"`;
  return [title, section('Name', [`${name} \\- ${prose(purpose)}`]), ...sections, ''].join('\n');
}

/** A part of a page, of lines in this language. */
export function section(title: string, lines: readonly string[]): string {
  return [`.SH ${title.toUpperCase()}`, ...lines].join('\n');
}

/** A list of terms, each with its meaning below it. */
export function entries(list: readonly Entry[]): readonly string[] {
  return list.map(([term, meaning]) => `.TP\n${bold(term.replaceAll('`', ''))}${meaning && `\n${prose(meaning)}`}`);
}

/** Text to be typed. */
export function bold(text: string): string {
  return `\\fB${code(text)}\\fR`;
}

/** Text that stands for itself: its signs are those of ASCII. */
export function code(text: string): string {
  return text.replaceAll(/[\\\-'"`^~]/g, (sign) => SIGNS[sign] ?? sign);
}

/** One paragraph of Markdown, in lines of a length that tools for manual pages like. */
export function prose(markdown: string): string {
  const text = markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split('`')
    .map((part, index) => (index % 2 === 1 ? bold(part) : part.replaceAll('\\', '\\e').replaceAll('--', '\\-\\-')))
    .join('');
  // A line that begins with one of these is taken for a command.
  return text
    .replaceAll(/(.{1,78})(?: +|$)/g, '$1\n')
    .trimEnd()
    .replaceAll(/^(?=[.'])/gm, '\\&');
}
