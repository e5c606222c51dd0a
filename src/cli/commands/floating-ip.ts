import type { Command } from 'commander';
import { addKind } from '../resources/add-kind.ts';
import { FLOATING_IP_KIND } from '../resources/floating-ips.ts';

export function addFloatingIp(program: Command): void {
  addKind(program, FLOATING_IP_KIND);
}
