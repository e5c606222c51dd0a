import type { Case } from '../case.ts';
import { measureAfterUp } from './after-up.ts';

export const unchanged: Case = {
  name: 'unchanged',
  title: 'The same again, unchanged',
  method: `The kernel has all that the model wants. A new process reads the kernel, compiles and compares, and has
to find nothing to do: it sends no message that changes anything.`,
  needs: [],
  run: (settings) =>
    measureAfterUp(
      { name: 'unchanged', parts: ['read', 'compile', 'diff'], leaves: (size) => size, limit: 700 },
      settings,
    ),
};
