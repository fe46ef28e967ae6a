import { describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import type { Backend, SearchHit } from '$lib/api/client';
import { pieces, Search } from './search.svelte';

/** A backend whose answers come when the test says so. */
function slow(): { backend: Backend; answer: (query: string, items: string[]) => void } {
  const waiting = new Map<string, (hits: SearchHit[]) => void>();
  const search = (query: string): Promise<SearchHit[]> => new Promise((resolve) => waiting.set(query, resolve));
  return {
    backend: { commands: { search }, events: {} } as unknown as Backend,
    answer: (query, items) => waiting.get(query)?.(items.map((item) => ({ item }) as SearchHit)),
  };
}

describe('searching while typing', () => {
  it('drops answers to older questions', async () => {
    const { backend, answer } = slow();
    use(backend);
    const search = new Search();
    const first = search.type('p');
    const second = search.type('pa');
    answer('pa', ['new']);
    await second;
    answer('p', ['old']);
    await first;
    expect(search.hits.map((hit) => hit.item)).toEqual(['new']);
    expect(search.answered).toBe(true);
  });

  it('does not act on hits that answer something else', async () => {
    const { backend } = slow();
    use(backend);
    const search = new Search();
    void search.type('pay');
    expect(search.answered).toBe(false);
  });

  it('moves around the ends', async () => {
    const { backend, answer } = slow();
    use(backend);
    const search = new Search();
    const done = search.type('x');
    answer('x', ['a', 'b', 'c']);
    await done;
    search.move(-1);
    expect(search.hit?.item).toBe('c');
    search.move(1);
    expect(search.hit?.item).toBe('a');
  });

  it('lists what the window gives it while nothing is typed', async () => {
    const { backend, answer } = slow();
    use(backend);
    const search = new Search(async () => [{ item: 'pinned' } as SearchHit]);
    await search.type('');
    expect(search.hit?.item).toBe('pinned');
    const done = search.type('x');
    answer('x', ['found']);
    await done;
    expect(search.hit?.item).toBe('found');
  });

  it('keeps the chosen hit when the list is asked for again', async () => {
    let items = ['a', 'b', 'c'];
    const search = new Search(async () => items.map((item) => ({ item }) as SearchHit));
    await search.type('');
    search.move(1);
    items = ['new', 'a', 'b'];
    await search.reload();
    expect(search.hit?.item).toBe('b');
    items = ['new'];
    await search.reload();
    expect(search.hit?.item).toBe('new');
  });
});

describe('matched pieces', () => {
  it('set off what matched', () => {
    expect(pieces('payments', [[0, 3]])).toEqual([
      { text: 'pay', set: true },
      { text: 'ments', set: false },
    ]);
  });

  it('bear overlaps, disorder and ends beyond the name', () => {
    const all = pieces('abcdef', [
      [4, 9],
      [1, 2],
      [2, 2],
    ]);
    expect(all.map((one) => one.text).join('')).toBe('abcdef');
    expect(all.filter((one) => one.set).map((one) => one.text)).toEqual(['bc', 'd', 'ef']);
  });

  it('count UTF-16 units, as the backend does', () => {
    expect(pieces('🔑key', [[2, 3]])).toEqual([
      { text: '🔑', set: false },
      { text: 'key', set: true },
    ]);
  });
});
