import { describe, expect, test } from 'vitest';
import { BUOY, buoy, json, run } from './buoy.ts';

const RIGHT = 'test/cli/intents/net.yaml';
const WRONG = 'test/cli/intents/wrong.yaml';

describe('a file that is right', () => {
  test('is counted', () => {
    expect(buoy('validate', RIGHT)).toEqual({
      exit: 0,
      out: `${RIGHT} is valid: 2 networks, 1 router, 2 floating IPs.\n`,
      err: '',
    });
  });

  test('is counted in JSON', () => {
    expect(json(buoy('validate', '--json', RIGHT))).toEqual({ valid: true, networks: 2, routers: 1, floating_ips: 2 });
  });

  test('may be a pipe', () => {
    const shown = run('bash', '-c', `${BUOY.join(' ')} validate <(cat ${RIGHT})`);
    expect(shown).toMatchObject({
      exit: 0,
      out: expect.stringContaining('2 networks, 1 router, 2 floating IPs'),
      err: '',
    });
  });
});

describe('a file that is wrong', () => {
  test('has each error at its place, with a code and what to do', () => {
    expect(buoy('validate', WRONG)).toEqual({
      exit: 3,
      out: '',
      err: [
        `${WRONG}:4:13: "a-name-that-is-too-long" is not a device name`,
        '  BUOY_INVALID_NAME: A device name has 1 to 15 bytes and no `/`, `:` or white space.',
        `${WRONG}:8:11: "203.0.113.5/24" is not a prefix`,
        '  BUOY_INVALID_VALUE: The bits after the length must be zero: 203.0.113.0/24.',
        '2 errors.',
        '',
      ].join('\n'),
    });
  });

  test('has the same in JSON', () => {
    const shown = buoy('validate', WRONG, '--json');
    expect(shown).toMatchObject({ exit: 3, err: '' });
    expect(json(shown)).toMatchObject({
      errors: [
        { code: 'BUOY_INVALID_NAME', file: WRONG, line: 4, column: 13, subject: 'networks[0].bridge' },
        { code: 'BUOY_INVALID_VALUE', file: WRONG, line: 8, column: 11, subject: 'subnets[0].cidr' },
      ],
    });
  });

  test.each(['plan', 'apply', 'status', 'demo'])('is refused by `%s` as well, before anything else', (command) => {
    const shown = buoy(command, WRONG);
    expect(shown).toMatchObject({ exit: 3, err: buoy('validate', WRONG).err });
  });

  test('may be a file that is not there', () => {
    expect(buoy('validate', 'nowhere.yaml')).toEqual({
      exit: 3,
      out: '',
      err: 'buoy: cannot read nowhere.yaml: no such file or directory\n  BUOY_FILE_UNREADABLE: Check the path and its permissions. Nothing was changed: an intent that cannot be read is never taken for an empty one.\n',
    });
  });
});

test("Neutron's list of routers, on the host that it is for", () => {
  const list = ['validate', 'test/fixtures/neutron/dvr-openvswitch-routers.json', '--format', 'neutron-routers'];
  expect(buoy(...list, '--host', 'labhost', '--json')).toMatchObject({ exit: 0, err: '' });
  expect(buoy(...list, '--host', 'elsewhere')).toMatchObject({
    exit: 3,
    err: expect.stringContaining('BUOY_HOST_UNKNOWN'),
  });
});
