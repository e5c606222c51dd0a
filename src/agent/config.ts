// The configuration of `buoy agent`: a YAML file, read as intents are, so that an error names line and column.

import { hostname } from 'node:os';
import { z } from 'zod';
import { shapeProblems } from '../intent/shape-problems.ts';
import { readSourceFile } from '../intent/source-file.ts';
import { throwProblems } from '../intent/problems.ts';
import { readYaml } from '../intent/yaml-file/document.ts';
import { formatAddress } from '../model/address.ts';
import type { Plug } from '../model/model.ts';
import type { LinkName } from '../model/names.ts';
import { configSchema } from './config-schema.ts';
import type { ConfigFile } from './config-schema.ts';

const LIMIT_BYTES = 1 << 20;

/** With all that the file leaves out. Plain data: it goes from one process to the other. */
export interface AgentConfig {
  readonly instance: string;
  /** This host's name in the API. */
  readonly host: string;
  /** Path of the database. */
  readonly store: string;
  readonly netnsDirectory: string;
  /** Name or number; undefined: that of the agent. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly listen: {
    readonly unix: { readonly path: string; readonly group: string | undefined };
    readonly tcp: readonly TcpListener[];
  };
  /** How each is plugged into, under its name. */
  readonly physicalNetworks: ReadonlyMap<string, Plug>;
  /** Those of the physical networks are among them; undefined: any. */
  readonly allowedDevices: ReadonlySet<LinkName> | undefined;
  readonly auditIntervalSeconds: number;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'json' | 'text' };
  readonly auditLog: string | undefined;
  /** Whether an empty store means that all is to be removed. Not in the file: a word for one start. */
  readonly mayRemoveAll: boolean;
}

export interface TcpListener {
  readonly address: string;
  readonly port: number;
  /** Undefined only on a loopback address, where whoever connects may do everything. */
  readonly security: { readonly certificate: string; readonly key: string; readonly tokens: string } | undefined;
}

/** Errors: BUOY_FILE_…; BuoyErrors with all that is wrong with it, each with line and column. */
export async function readConfig(file: string): Promise<AgentConfig> {
  return parseConfig(await readSourceFile(file, LIMIT_BYTES), file);
}

/** As `readConfig`, of a text. `file` is its name, for error messages. */
export function parseConfig(text: string, file: string): AgentConfig {
  const { value, locate } = readYaml(text, file);
  // All has a default, so an empty file is a configuration.
  const raw: unknown = value ?? {};
  const { data, error } = configSchema.safeParse(raw);
  if (error !== undefined) throwProblems(shapeProblems(error.issues, configSchema, raw, []), locate);
  return complete(data ?? z.NEVER);
}

function complete(file: ConfigFile): AgentConfig {
  const { listen = {}, physical_networks: networks = {}, log = {} } = file;
  const physicalNetworks = new Map(Object.entries(networks).map(([name, plug]) => [name, plugOf(plug)]));
  const devices = [...physicalNetworks.values()].map(deviceOf);
  return {
    instance: file.instance ?? 'default',
    host: file.host ?? hostname(),
    store: file.store ?? '/var/lib/buoy/buoy.db',
    netnsDirectory: file.netns_directory ?? '/run/netns',
    user: file.user,
    group: file.group,
    listen: {
      unix: { path: listen.unix?.path ?? '/run/buoy/buoy.sock', group: listen.unix?.group },
      tcp: (listen.tcp ?? []).map(tcpListener),
    },
    physicalNetworks,
    allowedDevices: file.allowed_devices && new Set([...file.allowed_devices, ...devices]),
    auditIntervalSeconds: file.audit_interval ?? 600,
    log: { level: log.level ?? 'info', format: log.format ?? 'json' },
    auditLog: file.audit_log,
    mayRemoveAll: false,
  };
}

type TcpEntry = NonNullable<NonNullable<ConfigFile['listen']>['tcp']>[number];

function tcpListener({ address, port, tls, tokens }: TcpEntry): TcpListener {
  // The schema has neither without the other.
  const security = tls === undefined || tokens === undefined ? undefined : { ...tls, tokens };
  return { address: formatAddress(address), port, security };
}

function plugOf(entry: NonNullable<ConfigFile['physical_networks']>[string]): Plug {
  return 'bridge' in entry ? { driver: 'bridge', bridge: entry.bridge } : { driver: 'macvlan', parent: entry.macvlan };
}

function deviceOf(plug: Plug): LinkName {
  return plug.driver === 'bridge' ? plug.bridge : plug.parent;
}
