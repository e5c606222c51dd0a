// Options of a command from settings, and attributes from what was typed.

import type { Command } from 'commander';
import { Option } from 'commander';
import { BuoyError } from '../../errors.ts';
import type { Resource } from '../agent/resource-types.ts';
import type { Attributes, Context, Setting } from './kind.ts';

/** Reads what was typed with a command: the attributes that it says. */
export type ReadAttributes<T extends Resource> = (
  options: Readonly<Record<string, unknown>>,
  context: Omit<Context<T>, 'given'>,
) => Promise<Attributes>;

/** Adds an option for each setting. */
export function addSettings<T extends Resource>(command: Command, settings: readonly Setting<T>[]): ReadAttributes<T> {
  const options = settings.map((setting) => {
    const option = new Option(setting.flags, setting.description).makeOptionMandatory(setting.isRequired === true);
    if (setting.isRepeatable === true) option.argParser(collect);
    command.addOption(option);
    return option;
  });
  return async (typed, context) => {
    const given = new Set(options.map((option) => option.attributeName()).filter((name) => wordsOf(typed[name])));
    let attributes: Attributes = {};
    for (const [index, { attributes: read }] of settings.entries()) {
      const option = options[index];
      const value = option === undefined ? undefined : typed[option.attributeName()];
      // `--route X` and `--no-route` are two options with one name.
      const words = option?.negate === true ? (value === false ? [] : undefined) : wordsOf(value);
      if (words !== undefined) attributes = { ...attributes, ...(await read(words, { ...context, given })) };
    }
    return attributes;
  };
}

/** Throws BUOY_USAGE for a change of nothing. */
export function demandSome(attributes: Attributes, isMore: boolean): void {
  if (Object.keys(attributes).length > 0 || isMore) return;
  throw new BuoyError('BUOY_USAGE', 'nothing is said that should be changed');
}

/** What follows an option; undefined for one that was not given. */
function wordsOf(value: unknown): readonly string[] | undefined {
  if (value === true) return [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.map(String) : undefined;
}

export function collect(word: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), word];
}
