import { describe, expect, test } from 'vitest';
import { unwrap, unwrapCreation } from '../../src/api/collections.ts';
import { parseBody } from '../../src/api/json-body.ts';
import { parseQuery } from '../../src/api/list-query.ts';
import { pageLinks } from '../../src/api/page-links.ts';
import { withoutPrefix } from '../../src/api/request-target.ts';

const parse = (text: string): unknown => parseBody(Buffer.from(text), 4);
const refusal = (status: number): unknown => expect.objectContaining({ name: 'RequestError', status });

describe('bodies', () => {
  test('JSON as JSON.parse reads it, nothing for nothing', () => {
    expect(parse('')).toBeUndefined();
    expect(parse('{"a":[1,{"b":[]}],"a":"\\"}]["}')).toEqual({ a: '"}][' });
    expect(parse('[[[[]]]]')).toEqual([[[[]]]]);
    expect(parse('[[],[],[],[],[],{},{}]')).toHaveLength(7);
  });

  test.each(['{', '{"a":1,}', 'nonsense', '{"a":"\u0001"}', '[[[[[]]]]]', `{"a":${'['.repeat(100_000)}`, '"\\'])(
    '%s is refused',
    (text) => {
      expect(() => parse(text)).toThrow(refusal(400));
    },
  );

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => parseBody(Buffer.from([0x22, 0xff, 0x22]), 4)).toThrow(refusal(400));
  });

  test.each(['{"__proto__":{"isAdmin":true}}', '{"a":{"\\u005f_proto__":1}}'])(
    'the prototype in %s is refused',
    (text) => {
      expect(() => parse(text)).toThrow(refusal(400));
    },
  );

  test('a megabyte of quotes that never end takes one pass', () => {
    expect(() => parse(`"${'\\"'.repeat(500_000)}`)).toThrow(refusal(400));
  });
});

describe('what is wrapped in bodies', () => {
  test('one or many', () => {
    expect(unwrap({ network: 1 }, 'network')).toBe(1);
    expect(unwrapCreation({ network: 1 }, 'networks')).toEqual({ bodies: [1], isBulk: false });
    expect(unwrapCreation({ networks: [{ a: 1 }, { network: { a: 2 } }] }, 'networks')).toEqual({
      bodies: [{ a: 1 }, { a: 2 }],
      isBulk: true,
    });
  });

  test.each([
    undefined,
    null,
    [],
    'network',
    {},
    { router: {} },
    { network: {}, router: {} },
    { networks: [] },
    { networks: Array.from({ length: 1001 }, () => ({})) },
    { networks: {} },
    { networks: [{}], network: {} },
    Object.create({ network: {} }),
  ])('%j is refused', (body) => {
    expect(() => unwrapCreation(body, 'networks')).toThrow(refusal(400));
  });
});

describe('queries of lists', () => {
  test('what is no word of paging is a filter', () => {
    const query = parseQuery(
      '/v2.0/ports?fields=id&fields=name&device_id=a&device_id=b&fixed_ips=ip_address%3D10.0.0.1&__proto__=x' +
        '&sort_key=name&sort_key=id&sort_dir=desc&sort_dir=asc&limit=2&marker=m&page_reverse=True',
    );
    expect(query.fields).toEqual(['id', 'name']);
    expect(query.list).toEqual({
      filters: new Map([
        ['device_id', ['a', 'b']],
        ['fixed_ips', ['ip_address=10.0.0.1']],
        ['__proto__', ['x']],
      ]),
      sort: [
        { key: 'name', direction: 'desc' },
        { key: 'id', direction: 'asc' },
      ],
      limit: 2,
      marker: 'm',
      isReverse: true,
    });
  });

  test('nothing asked is everything', () => {
    expect(parseQuery('/v2.0/ports')).toMatchObject({
      fields: [],
      list: { filters: new Map(), sort: [], limit: undefined, marker: undefined, isReverse: false },
    });
    expect(parseQuery('/v2.0/ports?limit=0&sort_key=name').list).toMatchObject({
      limit: undefined,
      sort: [{ key: 'name', direction: 'asc' }],
    });
  });

  test.each([
    'limit=-1',
    'limit=x',
    'limit=1e3',
    'limit=',
    'sort_key=a&sort_dir=up',
    'sort_dir=asc',
    'page_reverse=maybe',
  ])('%s is refused', (query) => {
    expect(() => parseQuery(`/v2.0/ports?${query}`)).toThrow(refusal(400));
  });
});

describe('links to other pages', () => {
  const ids = ['b', 'c'];
  const linksOf = (query: string, hasPrevious: boolean, hasNext: boolean): unknown =>
    pageLinks('http://h/v2.0/ports', parseQuery(`/v2.0/ports?${query}`), { ids, pieces: [], hasPrevious, hasNext });

  test('keep what was asked and lead on from the ends of the page', () => {
    expect(linksOf('limit=2&name=x&marker=a', true, true)).toEqual([
      { rel: 'next', href: 'http://h/v2.0/ports?limit=2&name=x&marker=c' },
      { rel: 'previous', href: 'http://h/v2.0/ports?limit=2&name=x&marker=b&page_reverse=True' },
    ]);
    expect(linksOf('limit=2&page_reverse=True&marker=d', true, false)).toEqual([
      { rel: 'previous', href: 'http://h/v2.0/ports?limit=2&marker=b&page_reverse=True' },
    ]);
  });

  test('are there for pages only', () => {
    expect(linksOf('name=x', false, true)).toEqual([]);
    expect(linksOf('limit=2', false, false)).toEqual([]);
  });
});

test.each([
  ['/networking', '/'],
  ['/networking/', '/'],
  ['/networking?x=1', '/?x=1'],
  ['/networking/v2.0/ports?x=1', '/v2.0/ports?x=1'],
  ['/networkings', '/networkings'],
  ['/v2.0/networking', '/v2.0/networking'],
])('%s is %s', (url, rewritten) => {
  expect(withoutPrefix(url)).toBe(rewritten);
});
