import type { Case } from '../case.ts';
import { measureAfterUp } from './after-up.ts';

export const deleteAll: Case = {
  name: 'delete-all',
  title: 'Delete all',
  method: `A new process reads the kernel and takes everything away. It is done when the last device of the host is
gone; then nothing may be left. (The kernel takes namespaces apart after their names are gone.)`,
  needs: [],
  run: (settings) =>
    measureAfterUp(
      {
        name: 'down',
        parts: ['read', 'compile', 'diff', 'apply'],
        leaves: () => ({ routers: 0, floatingIps: 0 }),
        limit: 1500,
      },
      settings,
    ),
};
