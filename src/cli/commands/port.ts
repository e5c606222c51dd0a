import type { Command } from 'commander';
import { addKind } from '../resources/add-kind.ts';
import { PORT_KIND } from '../resources/ports.ts';

export function addPort(program: Command): void {
  addKind(program, PORT_KIND);
}
