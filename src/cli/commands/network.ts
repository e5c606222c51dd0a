import type { Command } from 'commander';
import { addKind } from '../resources/add-kind.ts';
import { NETWORK_KIND } from '../resources/networks.ts';

export function addNetwork(program: Command): void {
  addKind(program, NETWORK_KIND);
}
