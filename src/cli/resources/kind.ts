// How a kind of resource reads on the command line: its columns, and which attributes its options stand for.
// The verbs (create, list, show, set, delete) are the same for all kinds.

import type { AgentClient } from '../agent/agent-client.ts';
import { findResource } from '../agent/find.ts';
import type { Resource, ResourceType } from '../agent/resource-types.ts';

export interface Kind<T extends Resource> {
  readonly type: ResourceType<T>;
  /** The word for it on the command line: `floating-ip`. */
  readonly command: string;
  readonly description: string;
  /** Of the list. */
  readonly columns: readonly Column<T>[];
  /** Kinds whose names stand in the columns. */
  readonly refersTo: readonly ResourceType<Resource>[];
  readonly create: Creation<T>;
  readonly set: Change<T>;
  /** Takes away what `set` gives. */
  readonly unset?: Change<T>;
  readonly examples: { readonly list: Examples; readonly show: Examples; readonly delete: Examples };
  /** Waits until the host is as the resource says, as far as that can be waited for. */
  readonly settle?: (client: AgentClient, resource: T, seconds: number) => Promise<T>;
}

export type Examples = readonly (readonly [string, string])[];

export interface Column<T> {
  readonly heading: string;
  readonly text: (resource: T, nameOf: NameOf) => string;
}

/** The name of a resource by its id; the id where it has no name, `-` where there is no id. */
export type NameOf = (id: string | null | undefined) => string;

export interface Change<T extends Resource> {
  readonly settings: readonly Setting<T>[];
  readonly examples: Examples;
}

export interface Creation<T extends Resource> extends Change<T> {
  /** What has to be said: `<name>`. */
  readonly argument: Setting<T>;
}

/** An option or an argument, and what it says of a resource. */
export interface Setting<T extends Resource> {
  /** As commander takes it: `--mtu <bytes>`, `--external`, `--cidr <prefix>`, `<name>`. */
  readonly flags: string;
  readonly description: string;
  readonly isRequired?: true;
  readonly isRepeatable?: true;
  /** `words`: what was typed; one for most, several of one that is repeatable, none of one without a value. */
  readonly attributes: (words: readonly string[], context: Context<T>) => Attributes | Promise<Attributes>;
}

export type Attributes = Readonly<Record<string, unknown>>;

export interface Context<T extends Resource> {
  readonly client: AgentClient;
  /** What is changed; undefined when it is made. */
  readonly current: T | undefined;
  /** The names of all options that were given: `port`, `fixedIp`. */
  readonly given: ReadonlySet<string>;
}

/** An attribute that is what was typed. */
export function plain(attribute: string): (words: readonly string[]) => Attributes {
  return ([word]) => ({ [attribute]: word });
}

export function constant(attributes: Attributes): () => Attributes {
  return () => attributes;
}

export function whole(attribute: string): (words: readonly string[]) => Attributes {
  // What is no number goes to the agent as it is, and comes back with the words for it.
  return ([word = '']) => ({ [attribute]: /^\d{1,9}$/.test(word) ? Number(word) : word });
}

/** An attribute that is the id of what was named. */
export function reference(
  attribute: string,
  type: ResourceType<Resource>,
): (words: readonly string[], context: { readonly client: AgentClient }) => Promise<Attributes> {
  return async ([word = ''], { client }) => ({ [attribute]: (await findResource(client, type, word)).id });
}

export const DESCRIPTION = {
  flags: '--description <text>',
  description: 'for people; without effect',
  attributes: plain('description'),
} as const;

export const NEW_NAME = {
  flags: '--name <name>',
  description: 'a new name',
  attributes: plain('name'),
} as const;

export const NAME = {
  flags: '<name>',
  description: 'its name; need not be unique',
  attributes: plain('name'),
} as const;
