// Every error a user can meet, with its code, in one place. `docs/errors.md` is made from this
// catalogue (`npm run docs`) and a test checks that the two agree.

/** What the catalogue says of one code. */
export interface ErrorEntry {
  /** What is wrong, in one sentence, as it reads in `docs/errors.md`. */
  readonly summary: string;
  /** What the user can do about it. */
  readonly remedy: string;
  /** The process exit code of a command that ends with this error. */
  readonly exit: number;
}

/** Exit codes of the command line, as documented in docs/errors.md. */
export const EXIT = {
  /** All done. */
  ok: 0,
  /** Something failed while it ran: the kernel refused, or a check did not hold. */
  failed: 1,
  /** `plan` found differences; there is no error. */
  differences: 2,
  /** The intent or the command line is wrong; nothing was tried. */
  badInput: 3,
  /** This machine lacks a privilege or a kernel feature. */
  unable: 4,
  /** A name that is needed belongs to somebody else; nothing was changed. */
  foreign: 5,
  /** Another Buoy holds the lock. */
  locked: 6,
} as const;

/** The codes and what they mean. Each room's errors stand together. */
export const CATALOGUE = {
  BUOY_INTERNAL: {
    summary: 'Buoy met a state that its authors thought impossible.',
    remedy: 'Report it with the printed details. Nothing needs to be cleaned up: the next run repairs what is left.',
    exit: EXIT.failed,
  },
  BUOY_NO_SANDBOX: {
    summary: 'This system gives no sandbox: neither a user namespace, nor, as root, plain namespaces.',
    remedy:
      'Allow user namespaces (`sudo sysctl -w user.max_user_namespaces=10000`; on Ubuntu also ' +
      '`kernel.apparmor_restrict_unprivileged_userns=0`), or run the same command as root.',
    exit: EXIT.unable,
  },
  // Intent: what a file says, and whether it makes sense.
  BUOY_FILE_UNREADABLE: {
    summary: 'The intent file cannot be read.',
    remedy:
      'Check the path and its permissions. Nothing was changed: an intent that cannot be read is never taken for an empty one.',
    exit: EXIT.badInput,
  },
  BUOY_FILE_TOO_LARGE: {
    summary: 'The intent file is larger than any that Buoy reads (16 MiB of YAML, 64 MiB of JSON).',
    remedy: 'Check that it is the right file.',
    exit: EXIT.badInput,
  },
  BUOY_FILE_NOT_TEXT: {
    summary: 'The intent file is not text: it has invalid UTF-8 or control characters.',
    remedy: 'Check that it is the right file, and save it as UTF-8.',
    exit: EXIT.badInput,
  },
  BUOY_FILE_TOO_COMPLEX: {
    summary: 'The intent file nests deeper or has more parts than any intent.',
    remedy: 'Check that it is the right file. An intent nests 5 levels deep.',
    exit: EXIT.badInput,
  },
  BUOY_INTENT_EMPTY: {
    summary: 'The intent names no router. That is never taken to mean that all routers shall go.',
    remedy: 'Check that it is the right and whole file. To remove everything that Buoy made, use `buoy destroy`.',
    exit: EXIT.badInput,
  },
  BUOY_YAML_SYNTAX: {
    summary: 'The intent file is not valid YAML 1.2.',
    remedy: 'Mend the syntax; indentation, quotes and brackets are the usual suspects.',
    exit: EXIT.badInput,
  },
  BUOY_YAML_UNSUPPORTED: {
    summary:
      'The intent file uses a part of YAML that an intent may not use: anchors, aliases, tags, directives or several documents.',
    remedy: 'Write the value out.',
    exit: EXIT.badInput,
  },
  BUOY_JSON_SYNTAX: {
    summary: 'The intent file is not valid JSON.',
    remedy: 'Check that it is the whole answer of `sync_routers`, as JSON.',
    exit: EXIT.badInput,
  },
  BUOY_UNKNOWN_KEY: {
    summary: 'The intent has a key that Buoy does not know, and so does not silently ignore.',
    remedy: 'Remove the key, or mend its spelling. `schema/buoy.schema.json` has all keys.',
    exit: EXIT.badInput,
  },
  BUOY_MISSING_KEY: {
    summary: 'The intent lacks a key that is needed.',
    remedy: 'Add the key.',
    exit: EXIT.badInput,
  },
  BUOY_INVALID_VALUE: {
    summary: 'A value in the intent is not of the kind that its key needs.',
    remedy: 'Mend the value. `schema/buoy.schema.json` says what each key takes.',
    exit: EXIT.badInput,
  },
  BUOY_INVALID_NAME: {
    summary: 'A name cannot be that of a network device or a namespace.',
    remedy:
      'Device names have at most 15 bytes and no `/`, `:` or white space; ids have at most 247 bytes and no `/`, white space or control characters.',
    exit: EXIT.badInput,
  },
  BUOY_DUPLICATE: {
    summary: 'Something that may be there once is there twice: a key, an id, or a route.',
    remedy: 'Remove or rename one of the two.',
    exit: EXIT.badInput,
  },
  BUOY_UNKNOWN_REFERENCE: {
    summary: 'The intent refers to a network, subnet or router that it does not define.',
    remedy: 'Mend the id or name, or define what it refers to.',
    exit: EXIT.badInput,
  },
  BUOY_AMBIGUOUS_REFERENCE: {
    summary: 'It is not clear which network, subnet or router is meant: more than one fits.',
    remedy: 'Refer to the one that is meant by its id.',
    exit: EXIT.badInput,
  },
  BUOY_NETWORK_NOT_EXTERNAL: {
    summary: "A router's gateway, or a gateway port of this host, is on a network that is not external.",
    remedy: 'Set `router:external: true` on the network, or choose an external one.',
    exit: EXIT.badInput,
  },
  BUOY_NO_EXTERNAL_GATEWAY: {
    summary: "A floating IP's router has no external gateway on the floating IP's network.",
    remedy: 'Give the router `external_gateway_info` with that network, or choose another router.',
    exit: EXIT.badInput,
  },
  BUOY_SUBNETS_OVERLAP: {
    summary: 'Two subnets of one router or one network overlap. (On different routers they may.)',
    remedy: 'Give one of them other addresses, or take it off the router.',
    exit: EXIT.badInput,
  },
  BUOY_ADDRESS_OUTSIDE_SUBNET: {
    summary: 'An address is in no subnet of its network.',
    remedy: "Choose an address of one of the network's subnets, or add the subnet.",
    exit: EXIT.badInput,
  },
  BUOY_ADDRESS_UNUSABLE: {
    summary:
      'An address that no host can have: a network, broadcast, multicast or loopback address, or one of the links that Buoy makes.',
    remedy: 'Choose another address.',
    exit: EXIT.badInput,
  },
  BUOY_ADDRESS_IN_USE: {
    summary: 'An IP or MAC address is used twice on one network, or a fixed IP has two floating IPs.',
    remedy: 'Choose another address for one of the two.',
    exit: EXIT.badInput,
  },
  BUOY_NO_FREE_ADDRESS: {
    summary: "An external network has no free IPv4 address for this host's own gateway port.",
    remedy: 'Enlarge `allocation_pools`, add a subnet, or give the network an `agent_gateway_ip`.',
    exit: EXIT.badInput,
  },
  BUOY_FIXED_IP_UNREACHABLE: {
    summary: 'No interface of the router reaches the fixed IP of a floating IP.',
    remedy: "Give the router an interface on the fixed IP's subnet, or mend the fixed IP or the router.",
    exit: EXIT.badInput,
  },
  BUOY_NEXTHOP_UNREACHABLE: {
    summary: 'An extra route leads over an address that the router is not connected to.',
    remedy: "Choose a nexthop in a subnet of one of the router's interfaces or of its external network.",
    exit: EXIT.badInput,
  },
  BUOY_ROUTER_UNSUPPORTED: {
    summary: 'A router of a kind that Buoy does not serve yet: it is not distributed, or it is highly available.',
    remedy: 'Leave it to neutron-l3-agent, or make it a distributed router.',
    exit: EXIT.badInput,
  },
  BUOY_HOST_UNKNOWN: {
    summary: "Neutron's list has no gateway port on an external network for this host.",
    remedy: 'Give the name that this host has in Neutron with `--host`.',
    exit: EXIT.badInput,
  },
  BUOY_TOO_MANY_ERRORS: {
    summary: 'The intent has more errors than are shown.',
    remedy: 'Mend those that are shown first.',
    exit: EXIT.badInput,
  },

  // The embedded store.
  BUOY_STORE_FOREIGN: {
    summary: 'The file that should be the store is something else. It was not touched.',
    remedy: 'Give another path for the store, or move that file away.',
    exit: EXIT.badInput,
  },
  BUOY_STORE_NEWER: {
    summary: 'The store was written by a newer Buoy. It was not touched.',
    remedy: 'Install that version again, or restore a copy of the store from before.',
    exit: EXIT.badInput,
  },
  BUOY_STORE_CORRUPT: {
    summary: 'The store is damaged. It was not touched.',
    remedy:
      'Check the disk. Keep the file and the one ending in `-wal` beside it, and restore both from a copy; `sqlite3 FILE .recover` saves what can be read.',
    exit: EXIT.failed,
  },
  BUOY_STORE_LOCKED: {
    summary: 'Another process has the store open.',
    remedy: 'Stop the other agent first. The store is let go of when its process ends, however that happens.',
    exit: EXIT.locked,
  },
  BUOY_STORE_FULL: {
    summary: 'There is no space left on the disk of the store. What was there before is unchanged.',
    remedy: 'Make space, then try again.',
    exit: EXIT.failed,
  },
  BUOY_STORE_UNUSABLE: {
    summary: 'The store cannot be opened, read or written.',
    remedy: 'Check the path, its permissions and the disk; the message has the reason.',
    exit: EXIT.unable,
  },

  // src/kernel
  BUOY_LOCKED: {
    summary: 'Another Buoy is changing this host.',
    remedy:
      'Wait until it has ended, or give `--lock-wait` more seconds. The lock goes with its holder, however that ends.',
    exit: EXIT.locked,
  },
  BUOY_AUDIT_LOG: {
    summary: 'The audit log cannot be written.',
    remedy:
      'Check the path, its permissions and the free space. What was done before stays; the same command does the rest.',
    exit: EXIT.failed,
  },
  BUOY_KERNEL_REFUSED: {
    summary: 'The kernel refused an operation.',
    remedy:
      'The message carries the kernel\u2019s own words. `buoy doctor` tells what this kernel lacks; running the command again repairs what was left undone.',
    exit: EXIT.failed,
  },

  BUOY_OUTSIDE_OWNED_SPACE: {
    summary:
      'What is wanted, or what the listening process of the agent asked for, is outside of what this Buoy may change; nothing of it was done.',
    remedy:
      'If a device was plugged into that the configuration does not allow, add it to `allowed_devices`. Otherwise take the listening process for compromised, and report it with the record in the audit log.',
    exit: EXIT.failed,
  },
  BUOY_KERNEL_PROCESS_GONE: {
    summary: 'The connection between the two processes of the agent has ended.',
    remedy:
      'Nothing needs to be done: the agent starts over, and what was left undone is repaired. The data plane stays up.',
    exit: EXIT.failed,
  },

  // src/agent
  BUOY_LISTENER_PRIVILEGED: {
    summary:
      'The listening process of the agent still had privileges when it began, so it has ended before it read anything.',
    remedy:
      'Start the agent as root, with CAP_SETPCAP (and CAP_SETUID and CAP_SETGID for `user`): it takes all of them away from the listening process.',
    exit: EXIT.unable,
  },
  BUOY_NO_ACCOUNT: {
    summary: 'The configuration names a user or group that this machine does not have.',
    remedy: 'Create it (`useradd --system --no-create-home buoy`), or mend the name.',
    exit: EXIT.badInput,
  },
  BUOY_NO_DIRECTORY: {
    summary: 'A directory that the listening process of the agent needs is not there and cannot be made.',
    remedy: 'Make it, and give it to the user that the configuration names.',
    exit: EXIT.unable,
  },
  BUOY_NOTHING_WANTED: {
    summary:
      'The agent was started with a store in which nothing is wanted, on a host that has routers which this store has never had.',
    remedy:
      'Nothing was changed. Check that the store is the right one (`store` in the configuration). To have everything of this Buoy removed, start the agent once with `--remove-all`.',
    exit: EXIT.badInput,
  },
  BUOY_NOT_TRIED: {
    summary: 'An operation was left alone because one before it failed.',
    remedy: 'See the error of the one before it. The agent tries again by itself.',
    exit: EXIT.failed,
  },

  // src/cli
  BUOY_USAGE: {
    summary: 'The command line is wrong.',
    remedy: '`buoy --help` and `buoy COMMAND --help` tell what there is.',
    exit: EXIT.badInput,
  },
  BUOY_NOT_PRIVILEGED: {
    summary: 'The process lacks a privilege that Buoy needs to work on network namespaces.',
    remedy: 'Run the same command as root, with sudo. `buoy doctor` tells which privileges are missing.',
    exit: EXIT.unable,
  },
  BUOY_KERNEL_LACKS: {
    summary: 'This kernel lacks a feature that Buoy needs, or its module is not loaded.',
    remedy: '`buoy doctor` tells what is missing and how to get it.',
    exit: EXIT.unable,
  },
  BUOY_LIMIT_REACHED: {
    summary: 'A limit of this system is too low for what Buoy has to do.',
    remedy: '`buoy doctor` tells which limit it is and how to raise it.',
    exit: EXIT.unable,
  },
  // src/cli, as a client of the agent
  BUOY_AGENT_UNREACHABLE: {
    summary: 'The agent cannot be reached, or does not answer.',
    remedy:
      'Start it (`buoy agent --config FILE`), or say where it listens with `--agent` or the environment variable BUOY_AGENT: a path of a socket, or a URL.',
    exit: EXIT.unable,
  },
  BUOY_AGENT_DENIED: {
    summary: 'The agent wants a token, or does not let this one do that.',
    remedy:
      'Give a file with a token that the agent knows, of scope `write` for changes, with `--token-file` or the environment variable BUOY_TOKEN_FILE.',
    exit: EXIT.unable,
  },
  BUOY_AGENT_REFUSED: {
    summary:
      'The agent refused a request. The message has its own words and, in parentheses, the type of the error in Neutron.',
    remedy: 'Mend what the message names. A request that is refused has changed nothing.',
    exit: EXIT.badInput,
  },
  BUOY_AGENT_FAILED: {
    summary: 'The agent could not do what it was asked for.',
    remedy: 'The log of the agent says more. Ask again when it is mended.',
    exit: EXIT.failed,
  },
  BUOY_AGENT_ANSWER: {
    summary: 'What answers is no agent that this Buoy understands.',
    remedy:
      'Check that `--agent` or BUOY_AGENT names an agent of Buoy, and that its version fits this one (`buoy --version`).',
    exit: EXIT.failed,
  },
  BUOY_AGENT_RUNS: {
    summary: 'An agent keeps this host, and would undo what is changed behind its back.',
    remedy:
      'Change the intent of the agent (`buoy apply FILE`, `buoy router delete`, …), or stop it first. `--direct` passes it by.',
    exit: EXIT.locked,
  },
  BUOY_AGENT_CANNOT_SAY: {
    summary: 'The file says something that the API of the agent has no words for, or that it cannot change.',
    remedy: 'Leave it out of the file, or stop the agent and apply the file directly.',
    exit: EXIT.badInput,
  },
  BUOY_AGENT_HAS_OTHER: {
    summary: 'The agent has something of its own in a place that the file needs; it was not touched.',
    remedy: 'Delete it, or change the file. Only what carries the tag `buoy:file` is changed by `buoy apply`.',
    exit: EXIT.foreign,
  },
  BUOY_AGENT_NOT_SETTLED: {
    summary: 'The agent has taken the change, and it is not seen to work yet.',
    remedy: '`buoy status` tells how far it is; `--wait` waits longer.',
    exit: EXIT.failed,
  },
  BUOY_NAME_UNKNOWN: {
    summary: 'The agent has nothing with that name or id.',
    remedy: '`list` shows what there is.',
    exit: EXIT.badInput,
  },
  BUOY_NAME_AMBIGUOUS: {
    summary: 'Several have that name.',
    remedy: 'Use the id of the one that is meant.',
    exit: EXIT.badInput,
  },
  BUOY_TOKEN_FILE: {
    summary: 'The file with the token for the agent cannot be used.',
    remedy: 'Name a file that has the token and nothing else, readable by you.',
    exit: EXIT.badInput,
  },

  // Host and layout: what stands in the way on this host.
  BUOY_NAMESPACE_FOREIGN: {
    summary: 'A namespace that is needed has a name that somebody else has already; it was not touched.',
    remedy: 'Stop and clean up what made it (another L3 agent, by its name), or take the router off this host.',
    exit: EXIT.foreign,
  },
  BUOY_LINK_FOREIGN: {
    summary: "A device that is needed has a name that somebody else's device has already; that was not touched.",
    remedy: 'Remove or rename that device (`ip link`), or give the port another id.',
    exit: EXIT.foreign,
  },
  // The intent names a device that this host does not have: the file is what there is to mend, so
  // these exit as bad input does. The machine lacks no feature or privilege.
  BUOY_BRIDGE_MISSING: {
    summary: 'A network is to be plugged into a bridge that this host does not have.',
    remedy: 'Create the bridge (`ip link add NAME type bridge; ip link set NAME up`), or mend the name in the intent.',
    exit: EXIT.badInput,
  },
  BUOY_NOT_A_BRIDGE: {
    summary: 'A network is to be plugged into a device that is not a Linux bridge.',
    remedy: 'Name a bridge in the intent, or plug into this device as `macvlan`.',
    exit: EXIT.badInput,
  },
  BUOY_PARENT_MISSING: {
    summary: 'A network is to be plugged, by macvlan, into a device that this host does not have.',
    remedy: 'Mend the name in the intent, or create the device.',
    exit: EXIT.badInput,
  },
  BUOY_LINK_LOCAL_EXHAUSTED: {
    summary: 'There are more routers with an external gateway on this host than link-local address pairs (8192).',
    remedy: 'Move routers to other hosts.',
    exit: EXIT.badInput,
  },

  // src/api
  BUOY_API_SOCKET: {
    summary: "The API's unix socket cannot be made.",
    remedy: 'Stop the agent that listens there, choose another path, or mend the permissions of its folder.',
    exit: EXIT.failed,
  },
  BUOY_API_ADDRESS: {
    summary: "The API's TCP port cannot be listened on, or its address is none.",
    remedy: 'Give an IP address that this host has, and a port that no other program listens on.',
    exit: EXIT.failed,
  },
  BUOY_API_UNPROTECTED: {
    summary: 'The API was to listen on a TCP port without TLS or without tokens.',
    remedy:
      'Give it a certificate and a token file. Without them it listens on loopback only, and only if told so explicitly.',
    exit: EXIT.badInput,
  },
  BUOY_API_TOKENS: {
    summary: "The file of the API's tokens cannot be used.",
    remedy:
      'It has a line `NAME read|write sha256:HEX` for each token and may be written by its owner only. Tokens that were in force before stay so.',
    exit: EXIT.badInput,
  },
  BUOY_API_CERTIFICATE: {
    summary: "The API's TLS certificate or its key cannot be used.",
    remedy: 'Give the certificate, with its chain, and its key as PEM. Those that were in force before stay so.',
    exit: EXIT.badInput,
  },

  // src/playground
  BUOY_NOT_IN_SANDBOX: {
    summary:
      'The demo was to be built in a network that is in use. It builds bridges and machines, and only ever in a sandbox.',
    remedy: 'Run it with `buoy demo` or `npm start`, which enter a sandbox first.',
    exit: EXIT.unable,
  },
  BUOY_AGENT_ENDED: {
    summary: 'The agent of the demo could not be started, or has ended by itself.',
    remedy: 'What it said last is part of the message. `buoy doctor` tells what this machine lacks, if anything.',
    exit: EXIT.failed,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof CATALOGUE;
