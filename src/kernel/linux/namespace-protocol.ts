// What the main thread and the namespace worker say to each other.

import type { NamespaceName } from '../../model/names.ts';

/** Where the worker works. */
export interface WorkerSettings {
  /** Path of the network namespace that is HOST: `/proc/self/ns/net`, or another in tests. */
  readonly host: string;
  /** Where namespaces have their names: `/run/netns`. */
  readonly directory: string;
}

export interface WorkerData {
  readonly settings: WorkerSettings;
  /** Descriptors of the namespace that the worker is at home in, and of HOST. They are not the worker's to close. */
  readonly home: number;
  readonly host: number;
  /** The upper half of the ports of its netlink sockets (own-ports.ts). */
  readonly ownPorts: number;
}

export type Request =
  /** Enter a namespace and open what is needed to work in it from any thread; `hasSysctls`: also to read or set its sysctls. */
  | { readonly kind: 'open'; readonly namespace: NamespaceName; readonly hasSysctls: boolean }
  /** Make a namespace, put the mark inside, give it its name, and open it. */
  | { readonly kind: 'create'; readonly namespace: NamespaceName; readonly mark: string }
  /** Open one socket in a namespace. */
  | {
      readonly kind: 'socket';
      readonly namespace: NamespaceName;
      readonly domain: number;
      readonly type: number;
      readonly protocol: number;
    }
  /** Open one netlink socket in a namespace, and nothing else of it. */
  | { readonly kind: 'netlink'; readonly namespace: NamespaceName; readonly protocol: number };

/** Descriptors that the receiver now owns. */
export interface NamespaceDescriptors {
  readonly namespace: number;
  readonly route: number;
  readonly netfilter: number;
  readonly sysctls: SysctlDescriptors | undefined;
}

/** `/proc/sys/net/ipv4` and `/proc/sys/net/ipv6` as a namespace sees them (O_PATH). */
export interface SysctlDescriptors {
  readonly ipv4: number;
  readonly ipv6: number;
}

export type Reply =
  | { readonly ok: true; readonly descriptors: NamespaceDescriptors | undefined; readonly socket: number }
  | { readonly ok: false; readonly call: string; readonly errno: number };
