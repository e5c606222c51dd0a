import type { Plug } from '../../model/model.ts';
import { quote } from '../../model/problem.ts';
import type { Path, Report } from '../../model/problem.ts';
import type { EntryList, Identified } from './entries.ts';
import type { Defaults, NetworkEntry } from './schema.ts';

type PlugKeys = Pick<NetworkEntry, 'bridge' | 'macvlan'>;

export interface PluggedNetwork extends NetworkEntry {
  readonly plug: Plug;
}

/** How each network is reached on this host; networks that do not tell are reported and left out. */
export function plugNetworks(
  networks: EntryList<NetworkEntry>,
  defaults: Defaults,
  report: Report,
): EntryList<PluggedNetwork> {
  refuseTwo(defaults, ['defaults'], report);
  const entries: Identified<PluggedNetwork>[] = [];
  const leftOut = [...networks.leftOut];
  for (const entry of networks.entries) {
    const { value, path, name } = entry;
    refuseTwo(value, path, report);
    const plug = plugOf(value) ?? plugOf(defaults);
    if (plug !== undefined) {
      entries.push({ ...entry, value: { ...value, plug } });
      continue;
    }
    leftOut.push({ value, path });
    report({
      code: 'BUOY_MISSING_KEY',
      path: [...path, 'bridge'],
      message: `the network ${quote(name)} names neither a bridge nor a macvlan NIC, and there is none in defaults`,
      remedy: () => 'Add `bridge:` with a Linux bridge of this host, or `macvlan:` with one of its NICs.',
    });
  }
  return { entries, leftOut };
}

function plugOf({ bridge, macvlan }: PlugKeys): Plug | undefined {
  if (bridge !== undefined) return { driver: 'bridge', bridge };
  return macvlan === undefined ? undefined : { driver: 'macvlan', parent: macvlan };
}

function refuseTwo({ bridge, macvlan }: PlugKeys, path: Path, report: Report): void {
  if (bridge === undefined || macvlan === undefined) return;
  report({
    code: 'BUOY_INVALID_VALUE',
    path: [...path, 'macvlan'],
    atKey: true,
    message: `there is both a bridge (${quote(bridge)}) and a macvlan NIC (${quote(macvlan)})`,
    remedy: () => 'Keep one of the two.',
  });
}
