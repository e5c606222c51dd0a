// How many network namespaces the kernel keeps, with names or without: those too that nobody uses and
// something holds. The kernel does not tell, but it limits them for each user namespace (`ucount` in
// kernel/ucount.c), and one that is taken apart no longer counts: so the limit at which one more can
// just be made tells how many there are. No other program on the machine disturbs that.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const LIMIT = '/proc/sys/user/max_net_namespaces';
/** `uid_map` of the first user namespace, whose limit is the machine's. */
const ALL_USERS = /^\s*0\s+0\s+4294967295$/;

/** Undefined where the limit is not ours to change. Makes one more for a moment. */
export function countLivingNamespaces(): number | undefined {
  if (ALL_USERS.test(readFileSync('/proc/self/uid_map', 'utf8').trimEnd())) return undefined;
  const before = readFileSync(LIMIT, 'utf8');
  try {
    for (let limit = 1; limit <= Number(before); limit++) {
      writeFileSync(LIMIT, String(limit));
      if (spawnSync('unshare', ['--net', 'true']).status === 0) return limit - 1;
    }
    return undefined;
  } finally {
    writeFileSync(LIMIT, before);
  }
}
