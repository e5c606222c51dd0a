// Many namespaces, one after the other, without holding descriptors of all of them at once.

import type { NamespaceName } from '../../model/names.ts';
import { SystemError } from '../../sys/system-error.ts';
import type { Namespaces, OpenNamespace } from './namespaces.ts';

/** Namespaces open at a time; each holds at most five descriptors. */
const AT_ONCE = 32;

/**
 * Opens namespaces with their sysctls and hands out each with its name; the worker opens the next ones while the
 * receiver works on these. Each is closed when the receiver comes back for the next one, or leaves
 * the loop. In place of a namespace that cannot be opened stands its SystemError.
 */
export function openInTurn(
  namespaces: Namespaces,
  names: readonly NamespaceName[],
): AsyncGenerator<readonly [NamespaceName, OpenNamespace | SystemError]> {
  return inTurn(names, (some) => namespaces.open(some, () => true));
}

/** The same with whatever it is that is opened in them. What is disposed of here may be so again. */
export async function* inTurn<Opened extends Disposable>(
  names: readonly NamespaceName[],
  open: (names: readonly NamespaceName[]) => Promise<(Opened | SystemError)[]>,
): AsyncGenerator<readonly [NamespaceName, Opened | SystemError]> {
  let opened: (Opened | SystemError)[] = [];
  let opening = open(names.slice(0, AT_ONCE));
  try {
    for (let start = 0; start < names.length; start += AT_ONCE) {
      opened = await opening;
      opening = open(names.slice(start + AT_ONCE, start + 2 * AT_ONCE));
      for (const [index, namespace] of opened.entries()) {
        const name = names[start + index];
        if (name !== undefined) yield [name, namespace];
        close(namespace);
      }
    }
  } finally {
    opened.forEach(close);
    (await opening).forEach(close);
  }
}

function close(opened: Disposable | SystemError): void {
  if (!(opened instanceof SystemError)) opened[Symbol.dispose]();
}
