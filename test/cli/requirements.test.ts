// What Buoy needs of a machine, as far as that can be told without a kernel to try.

import { describe, expect, test } from 'vitest';
import { BuoyError } from '../../src/errors.ts';
import { inWordsOfBuoy, lackingFor } from '../../src/cli/requirements/lacking.ts';
import { missingCapabilities, openFilesLimit } from '../../src/cli/requirements/process.ts';
import { REQUIREMENT_IDS, requirement } from '../../src/cli/requirements/requirement.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { Chain } from '../../src/host/ruleset.ts';
import { routerNamespace } from '../../src/model/names.ts';
import { NetlinkError } from '../../src/netlink/socket.ts';
import { SystemError } from '../../src/sys/system-error.ts';
import { ipv4, link } from '../support/models.ts';

test('every requirement says what it is for and how to get it', () => {
  for (const { name, purpose, remedy } of REQUIREMENT_IDS.map(requirement)) {
    expect(purpose, name).toMatch(/^[a-zA-Z]\S* .*[^.]$/);
    expect(remedy, name).toMatch(/^[A-Z].*[.0-9]$/);
  }
});

describe('capabilities are those that are effective', () => {
  test.each([
    ['000001ffffffffff', []],
    ['0000000000000000', ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_NET_RAW']],
    ['0000000000001000', ['CAP_SYS_ADMIN', 'CAP_NET_RAW']],
    ['0000000000203000', []],
    ['0000000000202000', ['CAP_NET_ADMIN']],
  ])('%s', (effective, missing) => {
    expect(
      missingCapabilities(`CapPrm:\t000001ffffffffff\nCapEff:\t${effective}\nCapBnd:\t000001ffffffffff\n`),
    ).toEqual(missing);
  });
});

test('the limit on open files is the soft one', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n';
  expect(openFilesLimit(limits)).toBe(1024);
  expect(openFilesLimit(limits.replace('1024 ', 'unlimited '))).toBe(Number.POSITIVE_INFINITY);
});

describe('a refusal shows what is missing', () => {
  const namespace = routerNamespace('blue');
  const name = link('rfp-x');
  const device = { name, mac: undefined, mtu: undefined, up: true, master: undefined, alias: undefined } as const;
  const ruleset = (chain: Chain): Operation => ({
    kind: 'ruleset.define',
    namespace,
    chains: new Map([['x', chain]]),
    sets: new Map(),
    replace: false,
  });

  test.each<[string, Operation, string, string | undefined]>([
    [
      'veth',
      { kind: 'link.create', namespace, link: { ...device, kind: { type: 'veth', peer: undefined } }, peer: undefined },
      'EOPNOTSUPP',
      'veth',
    ],
    [
      'macvlan',
      {
        kind: 'link.create',
        namespace,
        link: { ...device, kind: { type: 'macvlan', parent: undefined } },
        peer: undefined,
      },
      'EOPNOTSUPP',
      'macvlan',
    ],
    [
      'a device name',
      { kind: 'link.create', namespace, link: { ...device, kind: { type: 'veth', peer: undefined } }, peer: undefined },
      'EEXIST',
      undefined,
    ],
    [
      'policy routing',
      { kind: 'rule.add', namespace, rule: { family: 4, priority: 1, table: 16 } },
      'EAFNOSUPPORT',
      'policyRouting',
    ],
    ['NAT', ruleset({ type: 'nat', hook: 'prerouting', priority: 0, rules: [] }), 'ENOENT', 'nat'],
    [
      'notrack',
      ruleset({ type: 'filter', hook: 'prerouting', priority: 0, rules: [[{ kind: 'notrack' }]] }),
      'ENOENT',
      'notrack',
    ],
    [
      'conntrack',
      {
        kind: 'connections.flush',
        namespace,
        fixed: [{ fixed: ipv4('10.0.0.1'), floating: undefined }],
        others: false,
      },
      'EOPNOTSUPP',
      'conntrack',
    ],
    [
      'packet sockets',
      { kind: 'address.announce', namespace, link: name, addresses: [ipv4('10.0.0.1')] },
      'EAFNOSUPPORT',
      'packetSockets',
    ],
    [
      'writable sysctls',
      { kind: 'sysctl.set', namespace, name: 'net.ipv4.ip_forward', value: '1', before: undefined },
      'EROFS',
      'sysctls',
    ],
    ['descriptors', { kind: 'namespace.create', namespace }, 'EMFILE', 'openFiles'],
    [
      'nothing',
      { kind: 'address.delete', namespace, address: { link: name, address: ipv4('10.0.0.1'), length: 24 } },
      'EINVAL',
      undefined,
    ],
  ])('%s', (_what, operation, errno, id) => {
    expect(lackingFor({ operation, errno })).toBe(id);
  });

  test.each<[Error, BuoyError['code'], string]>([
    [new SystemError('unshare', 28), 'BUOY_LIMIT_REACHED', requirement('netNamespaces').remedy],
    [new SystemError('unshare', 22), 'BUOY_KERNEL_LACKS', requirement('namespaces').remedy],
    [new SystemError('open', 24), 'BUOY_LIMIT_REACHED', requirement('openFiles').remedy],
    [new SystemError('socket', 93), 'BUOY_KERNEL_LACKS', requirement('nftables').remedy],
    [new SystemError('socket', 97), 'BUOY_KERNEL_LACKS', requirement('packetSockets').remedy],
    [new SystemError('mount', 22), 'BUOY_NOT_PRIVILEGED', requirement('names').remedy],
  ])('%s', (thrown, code, remedy) => {
    expect(inWordsOfBuoy(thrown)).toMatchObject({ code, remedy });
  });

  test('another one is told in its own words', () => {
    expect(inWordsOfBuoy(new NetlinkError(11, 'interrupted'))).toMatchObject({
      code: 'BUOY_KERNEL_REFUSED',
      message: 'interrupted',
    });
  });

  test('what is no refusal stays what it is', () => {
    const error = new BuoyError('BUOY_LOCKED', 'x');
    expect(inWordsOfBuoy(error)).toBe(error);
  });
});
