// Why a system refuses namespaces, as far as it says so, and what to do about it.

import { readFileSync } from 'node:fs';

/** What bears on namespaces. A setting is undefined where the kernel has no such knob. */
export interface Limits {
  readonly root: boolean;
  /** `user.max_user_namespaces`: how many may be made; 0 forbids them. */
  readonly maxUserNamespaces: string | undefined;
  /** `user.max_net_namespaces`, likewise. */
  readonly maxNetNamespaces: string | undefined;
  /** `user.max_mnt_namespaces`, likewise. */
  readonly maxMountNamespaces: string | undefined;
  /** `kernel.unprivileged_userns_clone` of Debian and Arch: 0 leaves them to root. */
  readonly unprivilegedUserNamespaces: string | undefined;
  /** `kernel.apparmor_restrict_unprivileged_userns` of Ubuntu: 1 takes their privileges away. */
  readonly apparmorRestricts: string | undefined;
}

/** Reads the limits that hold for this process. */
export function readLimits(): Limits {
  return {
    root: process.getuid?.() === 0,
    maxUserNamespaces: readSysctl('user.max_user_namespaces'),
    maxNetNamespaces: readSysctl('user.max_net_namespaces'),
    maxMountNamespaces: readSysctl('user.max_mnt_namespaces'),
    unprivilegedUserNamespaces: readSysctl('kernel.unprivileged_userns_clone'),
    apparmorRestricts: readSysctl('kernel.apparmor_restrict_unprivileged_userns'),
  };
}

function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** What to do where namespaces were refused: the settings to change, or who to be. */
export function remedyFor(limits: Limits): string {
  const settings: string[] = [];
  if (limits.maxUserNamespaces === '0') settings.push('user.max_user_namespaces=10000');
  if (limits.maxNetNamespaces === '0') settings.push('user.max_net_namespaces=10000');
  if (limits.maxMountNamespaces === '0') settings.push('user.max_mnt_namespaces=10000');
  if (limits.unprivilegedUserNamespaces === '0') settings.push('kernel.unprivileged_userns_clone=1');
  if (limits.apparmorRestricts === '1') settings.push('kernel.apparmor_restrict_unprivileged_userns=0');

  const ways: string[] = [];
  if (settings.length > 0) ways.push(`allow user namespaces with \`sudo sysctl -w ${settings.join(' ')}\``);
  if (!limits.root) ways.push('run the same command as root, with sudo');
  ways.push(
    'in a container, start that with --privileged, or with --cap-add SYS_ADMIN --cap-add NET_ADMIN ' +
      '--security-opt seccomp=unconfined --security-opt apparmor=unconfined',
  );
  return `Do one of these: ${ways.join('; or ')}.`;
}
