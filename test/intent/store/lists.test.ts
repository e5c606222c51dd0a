import { describe, expect, test } from 'vitest';
import type { Collection, ListQuery, Networking, Resource } from '../../../src/intent/store/index.ts';
import { all, make, memoryStore, refusal, world } from '../../support/stores.ts';

type SortText = `${'+' | '-'}${string}`;

function page(store: Networking, collection: Collection, query: Partial<ListQuery>, ...sort: SortText[]) {
  const keys = sort.map((text) => ({
    key: text.slice(1),
    direction: text.startsWith('-') ? ('desc' as const) : ('asc' as const),
  }));
  const none = { filters: new Map<string, string[]>(), limit: undefined, marker: undefined, isReverse: false };
  return store.list(collection, { ...none, sort: keys, ...query });
}

const names = (resources: readonly Resource[]): string[] => resources.map(({ name }) => String(name)).sort();

describe('filters', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const [red, , green] = store.create('networks', [
    { name: 'red', shared: true, project_id: 'a' },
    { name: 'red', mtu: 1400, project_id: 'b' },
    { name: 'green', admin_state_up: false },
  ]);
  store.setTags('networks', red?.id ?? '', ['x', 'y']);
  store.setTags('networks', green?.id ?? '', ['y']);

  test.each<[string, Record<string, string[]>, string[]]>([
    ['a name', { name: ['red'] }, ['red', 'red']],
    ['one of two names', { name: ['blue', 'green'] }, ['blue', 'green']],
    ['two attributes', { name: ['red'], mtu: ['1400'] }, ['red']],
    ['a boolean', { shared: ['True'] }, ['red']],
    ['the older name of a project', { tenant_id: ['b'] }, ['red']],
    ['an attribute with a colon', { 'router:external': ['1'] }, ['public']],
    ['an id', { id: [ids.blue] }, ['blue']],
    ['an attribute that is null', { 'provider:physical_network': [''], name: ['green'] }, ['green']],
    ['no value', { name: [] }, []],
    ['all of several tags', { tags: ['x,y'] }, ['red']],
    ['any of several tags', { 'tags-any': ['x,y'] }, ['green', 'red']],
    ['not all of several tags', { 'not-tags': ['x,y'], name: ['red', 'green'] }, ['green', 'red']],
    ['not any of several tags', { 'not-tags-any': ['x,y'] }, ['blue', 'public', 'red']],
  ])('%s', (_, filters, expected) => {
    expect(names(all(store, 'networks', filters))).toEqual(expected);
  });

  test.each([
    ['2026-01-02T03:04:05', 5],
    ['2026-01-02T03:04:05.999Z', 5],
    ['2026-01-02T03:04:06', 0],
    ['2026-01-02T05:04:05+02:00', 5],
    ['2026-01-02T05:04:06+02:00', 0],
  ])('what was changed since %s', (time, number) => {
    expect(all(store, 'networks', { changed_since: [time] })).toHaveLength(number);
    expect(all(store, 'networks', { changed_since: [time], name: ['green'] })).toHaveLength(number === 0 ? 0 : 1);
  });

  test('ports by their addresses and subnets', () => {
    const fitting = (...values: string[]) => all(store, 'ports', { fixed_ips: values }).map(({ id }) => id);
    expect(fitting('ip_address=10.0.0.10')).toEqual([ids.workload]);
    expect(fitting(`subnet_id=${ids.blueSubnet}`)).toHaveLength(2);
    expect(fitting(`subnet_id=${ids.blueSubnet}`, 'ip_address=10.0.0.10', 'ip_address=10.9.9.9')).toEqual([
      ids.workload,
    ]);
    expect(fitting(`subnet_id=${ids.publicSubnet}`, 'ip_address=10.0.0.10')).toEqual([]);
    expect(fitting('ip_address_substr=.0.10')).toEqual([ids.workload]);
  });

  test.each<[Record<string, string[]>, string]>([
    [{ colour: ['red'] }, '[colour] is invalid attribute for filtering'],
    [
      { changed_since: ['yesterday'] },
      'Invalid input for operation: the changed_since "yesterday" is not of the form YYYY-MM-DDTHH:MM:SS[Z|+hh:mm|-hh:mm].',
    ],
    [{ subnets: ['x'] }, '[subnets] is invalid attribute for filtering'],
    [{ shared: ['maybe'] }, "Invalid input for shared. Reason: 'maybe' is not boolean."],
    [
      { mtu: ['1500; DROP TABLE networks'] },
      "Invalid input for mtu. Reason: '1500; DROP TABLE networks' is not an integer.",
    ],
  ])('%j is refused', (filters, message) => {
    expect(refusal(() => all(store, 'networks', filters)).message).toBe(message);
  });
});

describe('long lists', () => {
  const { store } = memoryStore();
  const { blue, workload } = world(store);
  store.create(
    'ports',
    Array.from({ length: 600 }, (_, index) => ({ network_id: blue, name: `p${index}`, fixed_ips: [] })),
  );
  const query = { filters: new Map<string, string[]>(), limit: undefined, marker: undefined, isReverse: false };

  test.each<[SortText[], string[]]>([
    [[], []],
    [['-name'], []],
    [['+name'], ['name', 'id', 'nonsense', 'name']],
  ])('in pieces, sorted by %j, are what they are at once', (sort, fields) => {
    const whole = page(store, 'ports', {}, ...sort);
    const keys = sort.map((text) => ({
      key: text.slice(1),
      direction: text.startsWith('-') ? ('desc' as const) : ('asc' as const),
    }));
    const { ids, pieces } = store.listing('ports', { ...query, sort: keys }, fields);
    const texts = [...pieces];
    expect(texts.length).toBeGreaterThan(2);
    const expected = whole.resources.map((resource) =>
      fields.length === 0 ? resource : { name: resource['name'], id: resource.id },
    );
    expect(JSON.parse(`[${texts.join(',')}]`)).toEqual(expected);
    expect(ids).toEqual(whole.resources.map(({ id }) => id));
  });

  test('show what there is when its turn comes, and nothing twice', () => {
    const { ids, pieces } = store.listing('ports', { ...query, sort: [{ key: 'name', direction: 'asc' }] }, ['id']);
    const iterator = pieces[Symbol.iterator]();
    const [first] = [iterator.next()];
    const last = ids.at(-1) ?? '';
    store.update('ports', ids[0] ?? '', { name: 'zzz' });
    store.delete('ports', last);
    make(store, 'ports', { network_id: blue, name: 'zz' });
    const rest = [];
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) rest.push(next.value);
    const shown: unknown = JSON.parse(`[${[first.value, ...rest].join(',')}]`);
    expect(shown).toEqual(ids.filter((id) => id !== last).map((id) => ({ id })));
  });

  test('texts come out as they went in', () => {
    const name = '"\\ \u0000\u001f\u2028 \ud83d\udc1f </script> \'';
    store.update('ports', workload, { name, 'binding:profile': { 'ä"': [1, null, { x: true }] } });
    expect(all(store, 'ports', { id: [workload] })).toMatchObject([
      { name, 'binding:profile': { 'ä"': [1, null, { x: true }] } },
    ]);
    expect(store.show('ports', workload)).toEqual(all(store, 'ports', { id: [workload] })[0]);
  });
});

describe('pages', () => {
  const { store } = memoryStore();
  // Two have each name, and every third no gateway.
  const network = make(store, 'networks', {}).id;
  for (const [index, name] of ['a', 'b', 'c', 'a', 'b', 'c', 'd'].entries()) {
    const gateway = index % 3 === 0 ? { gateway_ip: null } : {};
    make(store, 'subnets', { network_id: network, ip_version: 4, cidr: `10.${index}.0.0/24`, name, ...gateway });
  }

  test.each<[SortText[]]>([
    [[]],
    [['+name']],
    [['-name']],
    [['+gateway_ip']],
    [['-gateway_ip', '+name']],
    [['+name', '-cidr']],
  ])('sorted by %j, they follow each other there and back', (sort) => {
    const whole = page(store, 'subnets', {}, ...sort);
    expect(whole).toMatchObject({ hasNext: false, hasPrevious: false });
    expect(new Set(whole.resources.map(({ id }) => id)).size).toBe(7);

    const there = [];
    for (let marker: string | undefined; ;) {
      const { resources, hasNext, hasPrevious } = page(store, 'subnets', { limit: 2, marker }, ...sort);
      expect(hasPrevious).toBe(marker !== undefined);
      there.push(...resources);
      marker = resources.at(-1)?.id;
      if (!hasNext) break;
    }
    expect(there).toEqual(whole.resources);

    const back = [];
    for (let marker: string | undefined; ;) {
      const query = { limit: 3, marker, isReverse: true };
      const { resources, hasNext, hasPrevious } = page(store, 'subnets', query, ...sort);
      expect(hasNext).toBe(marker !== undefined);
      back.unshift(...resources);
      marker = resources[0]?.id;
      if (!hasPrevious) break;
    }
    expect(back).toEqual(whole.resources);
  });

  test('the order is that of the first key, and then of the next', () => {
    const { resources } = page(store, 'subnets', {}, '-name', '+cidr');
    expect(resources.map(({ name, cidr }) => `${String(name)} ${String(cidr)}`)).toEqual([
      'd 10.6.0.0/24',
      'c 10.2.0.0/24',
      'c 10.5.0.0/24',
      'b 10.1.0.0/24',
      'b 10.4.0.0/24',
      'a 10.0.0.0/24',
      'a 10.3.0.0/24',
    ]);
  });

  test('a marker that is nothing and a key that cannot be sorted by are refused', () => {
    expect(refusal(() => page(store, 'subnets', { marker: network })).status).toBe(400);
    expect(refusal(() => page(store, 'subnets', {}, '+host_routes')).message).toBe(
      '[host_routes] is invalid attribute for sort keys',
    );
    expect(refusal(() => page(store, 'subnets', {}, '+id; DROP TABLE subnets')).status).toBe(400);
  });
});

test('a key to sort by that comes again and again decides nothing', () => {
  const { store } = memoryStore();
  store.create('networks', [{ name: 'b' }, { name: 'a' }]);
  const again = Array.from({ length: 600 }, (): SortText => '-name');
  const [first] = page(store, 'networks', { limit: 1 }, '+name', ...again).resources;
  expect(first?.['name']).toBe('a');
  const rest = page(store, 'networks', { marker: first?.id }, '+name', ...again);
  expect(names(rest.resources)).toEqual(['b']);
});
