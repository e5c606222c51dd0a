import { describe } from '../host/describe.ts';
import { namespaceText } from '../host/text.ts';
import type { Failure } from './kernel.ts';

/** What the kernel refused, and with which words: `netns qrouter-…: + link …: File exists (EEXIST)`. */
export function refusalText({ operation, errno, message }: Failure): string {
  const [first = operation.kind, ...more] = describe(operation);
  const what = more.length === 0 ? first : `${first}, and ${more.length} more`;
  return `${namespaceText(operation.namespace)}: ${what}: ${message} (${errno})`;
}
