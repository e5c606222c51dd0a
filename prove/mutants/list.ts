// Bugs to put into the program, to see whether the proof finds them.

import { AGENT } from './agent.ts';
import { APPLY, APPLY_ON_LINUX } from './apply.ts';
import { DIFFERENCE } from './difference.ts';
import { KEEPING } from './keeping.ts';
import { LAYOUT } from './layout.ts';
import type { Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [...LAYOUT, ...DIFFERENCE, ...APPLY, ...APPLY_ON_LINUX, ...KEEPING, ...AGENT];
