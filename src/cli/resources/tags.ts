import { Option } from 'commander';
import { collect } from './settings.ts';

export interface TagOptions {
  readonly tag?: readonly string[];
  readonly untag?: readonly string[];
}

export function tagOption(): Option {
  return new Option('--tag <tag>', 'a tag to find it by; can be given more than once').argParser(collect);
}

export function untagOption(): Option {
  return new Option('--untag <tag>', 'a tag to take away; can be given more than once').argParser(collect);
}

/** The tags of a resource after the change; undefined when there is none. */
export function changedTags(
  tags: readonly string[],
  { tag = [], untag = [] }: TagOptions,
): readonly string[] | undefined {
  if (tag.length + untag.length === 0) return undefined;
  return [...new Set([...tags, ...tag])].filter((each) => !untag.includes(each));
}
