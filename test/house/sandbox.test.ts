import { spawnSync } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { type Limits, remedyFor } from '../../sandbox/refusal.ts';

const IN_SANDBOX = [process.execPath, 'sandbox/run.ts'];
/** A user namespace in which `user.max_…_namespaces` can be set without consequences for the machine. */
const AS_ROOT_OF_NOTHING = ['unshare', '--user', '--map-root-user', '--', 'sh', '-c'];

const systemAllowsUserNamespaces = spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0;

function run(command: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const [program = '', ...args] = command;
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, signal, lines: stdout.split('\n').slice(0, -1), stderr };
}

/** Runs a program in a sandbox on a system whose settings are these. */
function runWhere(settings: string, ...command: readonly string[]) {
  return run([...AS_ROOT_OF_NOTHING, `${settings}; exec "$@"`, 'sh', ...command]);
}

describe('a sandbox', () => {
  test('has a network that leads nowhere, an empty /run/netns, and root', () => {
    const script =
      'readlink /proc/self/ns/net; sed 1d /proc/self/net/route; ls -A /run/netns; id -u; : > /run/netns/name';
    const { status, lines, stderr } = run([...IN_SANDBOX, 'sh', '-c', script]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [namespace, ...rest] = lines;
    expect(namespace).not.toBe(readlinkSync('/proc/self/ns/net'));
    expect(rest).toEqual(['0']);
    expect(existsSync('/run/netns/name')).toBe(false);
  });

  test('ends as the program in it ends', () => {
    expect(run([...IN_SANDBOX, 'sh', '-c', 'exit 7']).status).toBe(7);
    expect(run([...IN_SANDBOX, 'sh', '-c', 'kill -TERM $$']).signal).toBe('SIGTERM');
  });

  test('is entered in spite of a note in the environment that is not ours', () => {
    const strayed = { BUOY_ENTERING_SANDBOX: `1 ${readlinkSync('/proc/self/ns/net')}` };
    const { lines } = run([...IN_SANDBOX, 'readlink', '/proc/self/ns/net'], strayed);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toBe(readlinkSync('/proc/self/ns/net'));
  });

  test('can be entered from a sandbox, and leaves no note to the programs in it', () => {
    const { lines } = run([...IN_SANDBOX, ...IN_SANDBOX, 'sh', '-c', 'env | grep -c BUOY_; ls /run']);
    expect(lines).toEqual(['0', 'buoy-sandbox', 'netns']);
  });

  test('a machine without unshare(1) is told what to install', () => {
    const { status, stderr } = run([...IN_SANDBOX, 'true'], { PATH: '/nowhere' });
    expect(status).toBe(EXIT.unable);
    expect(stderr).toMatch(/^BUOY_NO_SANDBOX: .*unshare.*\n.*util-linux/);
  });
});

describe.skipIf(!systemAllowsUserNamespaces)('where the system refuses a user namespace', () => {
  const refused = 'echo 0 > /proc/sys/user/max_user_namespaces';
  const script = 'readlink /proc/self/ns/user; readlink /proc/self/ns/net; ls /run';

  test('root gets plain namespaces', () => {
    const outside = `${refused}; readlink /proc/self/ns/user; readlink /proc/self/ns/net`;
    const { status, lines } = runWhere(outside, ...IN_SANDBOX, 'sh', '-c', script);
    expect(status).toBe(0);
    const [outerUser, outerNetwork, user, network, ...entries] = lines;
    expect(user).toBe(outerUser);
    expect(network).not.toBe(outerNetwork);
    expect(entries).toEqual(['buoy-sandbox', 'netns']);
  });

  test('a process without privileges is told which setting to change', () => {
    const { status, stderr } = runWhere(
      refused,
      'setpriv',
      '--bounding-set=-all',
      '--inh-caps=-all',
      ...IN_SANDBOX,
      'true',
    );
    expect(status).toBe(EXIT.unable);
    expect(stderr).toMatch(/^BUOY_NO_SANDBOX: .*unshare failed/);
    expect(stderr).toContain('sudo sysctl -w user.max_user_namespaces=');
  });

  test('no network namespaces: even root is told so', () => {
    const { status, stderr } = runWhere('echo 0 > /proc/sys/user/max_net_namespaces', ...IN_SANDBOX, 'true');
    expect(status).toBe(EXIT.unable);
    expect(stderr).toContain('sudo sysctl -w user.max_net_namespaces=');
  });
});

describe('the remedy for a refusal', () => {
  const user: Limits = {
    root: false,
    maxUserNamespaces: '10000',
    maxNetNamespaces: '10000',
    maxMountNamespaces: '10000',
    unprivilegedUserNamespaces: undefined,
    apparmorRestricts: undefined,
  };

  test('names exactly the settings that stand in the way', () => {
    expect(remedyFor({ ...user, unprivilegedUserNamespaces: '0', apparmorRestricts: '0' })).toContain(
      '`sudo sysctl -w kernel.unprivileged_userns_clone=1`',
    );
    expect(remedyFor({ ...user, apparmorRestricts: '1', maxMountNamespaces: '0' })).toContain(
      '`sudo sysctl -w user.max_mnt_namespaces=10000 kernel.apparmor_restrict_unprivileged_userns=0`',
    );
    expect(remedyFor(user)).not.toContain('sysctl');
  });

  test('is to be root only for those who are not', () => {
    expect(remedyFor(user)).toContain('with sudo');
    expect(remedyFor({ ...user, root: true })).not.toContain('sudo');
  });
});
