// An event of the agent in a line.

import type { StreamedEvent } from './api-client.ts';
import { shortName } from './short-name.ts';

/** `12:03:44.120  drift    qrouter-4f1c…`; undefined for what is of no interest beside the others. */
export function eventLine({ kind, data }: StreamedEvent, now = new Date()): string | undefined {
  const words = wordsOf(kind, data);
  if (words === undefined) return undefined;
  return `${now.toTimeString().slice(0, 8)}.${String(now.getMilliseconds()).padStart(3, '0')}  ${kind.padEnd(7)}  ${shortName(words)}`;
}

function wordsOf(kind: string, data: StreamedEvent['data']): string | undefined {
  const word = (key: string): string => {
    const value = data[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  switch (kind) {
    case 'intent':
      return `${word('collection')}/${word('id')}: ${word('action')}d`;
    case 'kernel': {
      const lines: readonly unknown[] = Array.isArray(data['what']) ? data['what'] : [];
      const [first] = lines;
      const trouble = word('result') === 'done' ? '' : `: ${word('result')} ${word('message')}`;
      return `${word('where').replace('netns ', '')}: ${typeof first === 'string' ? first : ''}${trouble}`;
    }
    case 'drift':
      return `${word('namespace')}: somebody changed it`;
    case 'settled':
      return `${word('namespace')}: as it shall be, ${word('milliseconds')} ms later`;
    case 'status':
      return `${word('namespace')}: ${word('status')}`;
    case 'failure':
      return `${word('namespace')}: ${word('message')}`;
    case 'trouble':
      return word('message');
    default:
      return undefined;
  }
}
