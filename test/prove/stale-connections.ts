import type { Operation } from '../../src/host/plan.ts';
import { FIXED, FLOATING } from '../../src/host/translation.ts';
import type { Ipv4Address } from '../../src/model/address.ts';
import { formatIpv4 } from '../../src/model/address.ts';
import type { NamespaceName } from '../../src/model/names.ts';

/**
 * Connections that may have been translated as they no longer would be, told by the fixed IPs that they are of:
 * whatever goes wrong, they have to be ended at last.
 */
export class StaleConnections {
  readonly #fixed = new Map<NamespaceName, Set<Ipv4Address>>();

  /** Notes what was done. */
  note(operation: Operation): void {
    const { kind, namespace } = operation;
    if (kind === 'namespace.delete') this.#fixed.delete(namespace);
    else if (kind === 'connections.flush' && operation.others) this.#fixed.delete(namespace);
    else if (kind === 'connections.flush')
      this.#fixed.set(namespace, this.#of(namespace).difference(new Set(operation.fixed.map(({ fixed }) => fixed))));
    else if (kind === 'elements.delete') this.#add(operation, ({ value }) => value);
    else if (kind === 'elements.set') this.#add(operation, ({ before }) => before);
  }

  /** Fixed IPs, in words, of which there may be some. */
  left(): string[] {
    return [...this.#fixed].flatMap(([namespace, all]) => [...all].map((one) => `${formatIpv4(one)} in ${namespace}`));
  }

  /** `was`: what an element's key was translated to. */
  #add(
    { namespace, set, elements }: Extract<Operation, { kind: 'elements.set' | 'elements.delete' }>,
    was: (element: (typeof elements)[number]) => Ipv4Address | undefined,
  ): void {
    for (const element of elements) {
      const value = was(element);
      const fixed = set === FIXED ? element.key : value;
      if (value !== undefined && fixed !== undefined && (set === FIXED || set === FLOATING))
        this.#fixed.set(namespace, this.#of(namespace).add(fixed));
    }
  }

  #of(namespace: NamespaceName): Set<Ipv4Address> {
    return this.#fixed.get(namespace) ?? new Set();
  }
}
