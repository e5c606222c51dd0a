import { release } from 'node:os';
import type { Command } from 'commander';
import { EXIT } from '../../errors.ts';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions, JsonOption } from '../options.ts';
import { jsonOption } from '../options.ts';
import type { Colors } from '../output/terminal.ts';
import { colorsFor, print, printJson } from '../output/terminal.ts';
import { checkRequirements, isAble } from '../requirements/check.ts';
import type { Finding, Verdict } from '../requirements/finding.ts';
import { GROUPS } from '../requirements/requirement.ts';
import { buoyVersion } from '../package-files.ts';

export function addDoctor(program: Command): void {
  defineCommand(program, {
    usage: 'doctor',
    summary: 'tell what this machine lacks, if anything',
    description:
      'Looks whether this machine has the privileges, limits and kernel features that Buoy needs, and says how to get what is missing. ' +
      'The kernel is tried in network namespaces made for that, of which nothing is left; as root only.',
    examples: [
      ['sudo buoy doctor', 'everything'],
      ['buoy doctor', 'what can be told without root'],
      ['sudo buoy doctor --json', 'for a program'],
    ],
  })
    .addOption(jsonOption())
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & JsonOption>();
      const findings = await checkRequirements(options.netnsDir);
      const able = isAble(findings);
      if (options.json === true) printJson({ able, kernel: release(), findings: findings.map(document) });
      else print(report(findings, able, colorsFor(process.stdout, options.color)));
      process.exitCode = able ? EXIT.ok : EXIT.unable;
    });
}

function document({ id, group, name, purpose, verdict, detail, remedy, optional }: Finding): Record<string, unknown> {
  return {
    id,
    group: group.toLowerCase(),
    name,
    purpose,
    needed: optional !== true,
    verdict,
    detail,
    ...(verdict === 'missing' && { remedy }),
  };
}

function report(findings: readonly Finding[], able: boolean, colors: Colors): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = [`Buoy ${buoyVersion()} on Linux ${release()}`];
  for (const group of GROUPS) {
    lines.push('', colors.bold(group));
    for (const finding of findings) if (finding.group === group) lines.push(...findingLines(finding, width, colors));
  }
  lines.push('', conclusion(findings, able, colors));
  return lines.map((line) => `${line}\n`).join('');
}

function findingLines(
  { name, purpose, verdict, detail, remedy, optional }: Finding,
  width: number,
  colors: Colors,
): string[] {
  const what = optional === true ? `${purpose} (optional)` : purpose;
  const found = detail === undefined || verdict === 'not tried' ? '' : colors.dim(` [${detail}]`);
  const line = `  ${symbol(verdict, optional === true, colors)} ${name.padEnd(width)}  ${what}${found}`;
  return verdict === 'missing' ? [line, `      ${remedy}`] : [line];
}

function symbol(verdict: Verdict, optional: boolean, colors: Colors): string {
  if (verdict === 'there') return colors.green('✓');
  if (verdict === 'not tried') return colors.yellow('?');
  return optional ? colors.yellow('✗') : colors.red('✗');
}

function conclusion(findings: readonly Finding[], able: boolean, colors: Colors): string {
  if (able) return colors.green('Buoy can work here.');
  const untried = findings.some(({ verdict }) => verdict === 'not tried');
  return `${colors.red('Buoy cannot work here: see ✗.')}${untried ? ' As long as that is missing, ? cannot be tried.' : ''}`;
}
