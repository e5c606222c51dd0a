import type { Resource, ResourceType } from '../agent/resource-types.ts';

/** The argument that names a resource, and what help says of it. */
export function argumentOf<T extends Resource>({ noun, nameAttribute }: ResourceType<T>): [string, string] {
  const name = nameAttribute === 'name' ? 'name' : 'address';
  return [`<${noun.toLowerCase().replace(' ', '-')}>`, `its ${name} or id`];
}
