import type { Command } from 'commander';
import { addKind } from '../resources/add-kind.ts';
import { SUBNET_KIND } from '../resources/subnets.ts';

export function addSubnet(program: Command): void {
  addKind(program, SUBNET_KIND);
}
