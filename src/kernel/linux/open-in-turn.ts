// Many namespaces, one after the other, without holding descriptors of all of them at once.

import type { NamespaceName } from '../../model/names.ts';
import type { SystemError } from '../../sys/system-error.ts';
import type { Namespaces } from './namespaces.ts';
import { OpenNamespace } from './namespaces.ts';

/** Namespaces open at a time; each holds five descriptors. */
const AT_ONCE = 32;

/**
 * Opens namespaces and hands out each with its name; the worker opens the next ones while the
 * receiver works on these. Each is closed when the receiver comes back for the next one, or leaves
 * the loop. In place of a namespace that cannot be opened stands its SystemError.
 */
export async function* openInTurn(
  namespaces: Namespaces,
  names: readonly NamespaceName[],
): AsyncGenerator<readonly [NamespaceName, OpenNamespace | SystemError]> {
  let opened: (OpenNamespace | SystemError)[] = [];
  let opening = namespaces.open(names.slice(0, AT_ONCE));
  try {
    for (let start = 0; start < names.length; start += AT_ONCE) {
      opened = await opening;
      opening = namespaces.open(names.slice(start + AT_ONCE, start + 2 * AT_ONCE));
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

/** May be called again. */
function close(namespace: OpenNamespace | SystemError): void {
  if (namespace instanceof OpenNamespace) namespace[Symbol.dispose]();
}
