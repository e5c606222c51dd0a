import { colorsFor } from '../../src/cli/output/terminal.ts';

export const PLAIN = colorsFor({}, 'never');
