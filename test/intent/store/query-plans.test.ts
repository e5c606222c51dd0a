// What SQLite does for a change: it looks up, and goes through no table, however long that is.

import { expect, test } from 'vitest';
import { make, memoryStore, world } from '../../support/stores.ts';

test('a floating IP is created, moved, shown and deleted without a scan', () => {
  const { store, database } = memoryStore();
  const prepare = database.prepare.bind(database);
  const texts = new Set<string>();
  database.prepare = (text) => {
    texts.add(text);
    return prepare(text);
  };
  const ids = world(store);
  store.model();
  const { id } = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload, tags: ['gold'] });
  store.update('floatingips', id, { port_id: null, description: 'spare' });
  store.update('floatingips', id, { port_id: ids.workload });
  store.model();
  store.setRouterStatus(ids.router, { status: 'ACTIVE' });
  store.show('floatingips', id);
  store.delete('floatingips', id);
  store.model();

  const queries = [...texts].filter((text) => /^\s*(?:SELECT|INSERT|UPDATE|DELETE)/.test(text));
  expect(queries.length).toBeGreaterThan(20);
  const steps = queries.flatMap((text) =>
    prepare(`EXPLAIN QUERY PLAN ${text}`)
      .all()
      .map(({ detail }) => `${String(detail)} in ${text}`),
  );
  expect(steps.filter((step) => step.startsWith('SEARCH'))).not.toEqual([]);
  expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([]);
});
