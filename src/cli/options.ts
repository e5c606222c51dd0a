// Options that several commands share, each defined once.

import { InvalidArgumentError, Option } from 'commander';
import { INSTANCE_NAME } from '../host/mark.ts';
import type { IntentFormat } from '../intent/index.ts';
import type { LinkName } from '../model/names.ts';
import { parseLinkName } from '../model/names.ts';
import type { ColorChoice } from './output/terminal.ts';
import { COLOR_CHOICES } from './output/terminal.ts';

/** What every command has. */
export interface GlobalOptions {
  readonly instance: string;
  readonly color: ColorChoice;
  readonly debug?: true;
  readonly netnsDir: string;
}

export interface JsonOption {
  readonly json?: true;
}

/** Of commands that change the kernel. */
export interface ChangeOptions {
  /** Seconds. */
  readonly lockWait: number;
  readonly auditLog?: string;
}

export interface IntentOptions {
  readonly format: IntentFormat;
  readonly host?: string;
  readonly bridge?: ReadonlyMap<string, LinkName>;
}

const LONGEST_LOCK_WAIT = 86_400;

export function globalOptions(): Option[] {
  return [
    new Option('--instance <name>', 'which Buoy this is; each owns only what it made itself')
      .default('default')
      .argParser(parseInstance),
    new Option('--color <when>', 'colour what is printed: auto, always or never')
      .choices(COLOR_CHOICES)
      .default('auto'),
    new Option('--debug', 'print the stack of an unexpected error'),
    new Option('--netns-dir <dir>', 'where network namespaces have their names').default('/run/netns').hideHelp(),
  ];
}

export function jsonOption(): Option {
  return new Option('--json', 'print one JSON document');
}

export function changeOptions(): Option[] {
  return [
    new Option('--lock-wait <seconds>', 'how long to wait for another Buoy that is changing this host')
      .default(30)
      .argParser(parseSeconds),
    new Option('--audit-log <file>', 'append a line of JSON for each operation: who, what, before, after, outcome'),
  ];
}

export function waitOption(): Option {
  return new Option('--wait <seconds>', 'how long to wait until it works on the host; 0: not at all')
    .default(5)
    .argParser(parseSeconds);
}

export function directOption(): Option {
  return new Option('--direct', 'work on the kernel even if an agent keeps this host');
}

export function intentOptions(): Option[] {
  return [
    new Option(
      '--format <format>',
      'what FILE is: yaml, or neutron-routers (what sync_routers of Neutron answers, in JSON)',
    )
      .choices(['yaml', 'neutron-routers'])
      .default('yaml'),
    new Option('--host <name>', "of neutron-routers: this host's name in Neutron (default: its hostname)"),
    new Option(
      '--bridge <network=bridge>',
      'of neutron-routers: the bridge of a network, by its id; once for each',
    ).argParser(parseBridge),
  ];
}

function parseInstance(text: string): string {
  if (!INSTANCE_NAME.test(text)) throw new InvalidArgumentError('Use 1 to 32 letters, digits, `-`, `_` or `.`.');
  return text;
}

function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= LONGEST_LOCK_WAIT)) throw new InvalidArgumentError('Use a number of seconds, up to 86400 (a day).');
  return seconds;
}

function parseBridge(text: string, earlier: ReadonlyMap<string, LinkName> | undefined): ReadonlyMap<string, LinkName> {
  const equals = text.indexOf('=');
  const network = text.slice(0, Math.max(equals, 0));
  const bridge = parseLinkName(text.slice(equals + 1));
  if (network === '' || bridge === undefined)
    throw new InvalidArgumentError('Use NETWORK_ID=BRIDGE, where BRIDGE is a device name of 1 to 15 bytes.');
  return new Map([...(earlier ?? []), [network, bridge]]);
}
