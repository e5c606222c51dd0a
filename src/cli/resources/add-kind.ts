import type { Command } from 'commander';
import type { Resource } from '../agent/resource-types.ts';
import { defineGroup } from '../define-command.ts';
import type { Kind } from './kind.ts';
import { addCreate } from './verbs/create.ts';
import { addDelete } from './verbs/delete.ts';
import { addList } from './verbs/list.ts';
import { addSet, addUnset } from './verbs/set.ts';
import { addShow } from './verbs/show.ts';

/** Adds `buoy KIND` with its verbs, and answers it for more. */
export function addKind<T extends Resource>(program: Command, kind: Kind<T>): Command {
  const group = defineGroup(program, {
    usage: kind.command,
    summary: `${kind.type.noun}s of the agent`,
    description: kind.description,
    examples: [...kind.create.examples, ...kind.examples.list.slice(0, 1)],
  });
  addCreate(group, kind);
  addList(group, kind);
  addShow(group, kind);
  addSet(group, kind);
  addUnset(group, kind);
  addDelete(group, kind);
  return group;
}
