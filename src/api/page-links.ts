import type { Listing } from '../intent/store/index.ts';
import type { ParsedQuery } from './list-query.ts';

export interface Link {
  readonly rel: 'next' | 'previous';
  readonly href: string;
}

/** What leads from a page to the next and the previous one; `url`: that of the collection, without a query. */
export function pageLinks(url: string, query: ParsedQuery, listing: Listing): readonly Link[] {
  const [first, last] = [listing.ids[0], listing.ids.at(-1)];
  if (query.list.limit === undefined || first === undefined || last === undefined) return [];
  return [...(listing.hasNext ? [link('next', last)] : []), ...(listing.hasPrevious ? [link('previous', first)] : [])];

  function link(rel: Link['rel'], marker: string): Link {
    const parameters = new URLSearchParams(query.parameters);
    parameters.delete('page_reverse');
    parameters.set('marker', marker);
    if (rel === 'previous') parameters.set('page_reverse', 'True');
    return { rel, href: `${url}?${parameters.toString()}` };
  }
}
