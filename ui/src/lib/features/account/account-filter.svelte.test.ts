import { describe, expect, it } from 'vitest';
import type { AccountRow } from '$lib/api/client';
import { AccountFilter } from './account-filter.svelte';
import { initials } from './colours';

function row(name: string, more: Partial<AccountRow> = {}): AccountRow {
  const rest = { alias: null, partition: 'aws', colour: 'blue', production: false, favourite: false, tags: [] };
  return { id: name, account_id: '123456789012', name, ...rest, identities: 1, live: false, ...more };
}

const accounts = [
  row('Payments', { favourite: true, tags: ['pci'], alias: 'acme-pay' }),
  row('Data lake', { account_id: '999988887777', tags: ['data'] }),
  row('Web shop', { tags: ['shop', 'pci'] }),
];
const names = (filter: AccountFilter): string[] => filter.shown.map((one) => one.name);

describe('the account filter', () => {
  it('finds by every word, in name, alias, id and tags', () => {
    const filter = new AccountFilter(() => accounts);
    filter.text = 'acme PAY';
    expect(names(filter)).toEqual(['Payments']);
    filter.text = '9999-8888';
    expect(names(filter)).toEqual(['Data lake']);
    filter.text = 'shop pci';
    expect(names(filter)).toEqual(['Web shop']);
    filter.text = 'nothing';
    expect(names(filter)).toEqual([]);
  });

  it('narrows by all chosen tags', () => {
    const filter = new AccountFilter(() => accounts);
    filter.toggleTag('pci');
    expect(names(filter)).toEqual(['Payments', 'Web shop']);
    filter.toggleTag('shop');
    expect(names(filter)).toEqual(['Web shop']);
    filter.toggleTag('pci');
    filter.toggleTag('shop');
    expect(filter.active).toBe(false);
  });

  it('heads the favourites, and only where there are others', () => {
    const filter = new AccountFilter(() => accounts);
    expect(filter.lines.map((line) => ('heading' in line ? line.heading : line.account.name))).toEqual([
      'Favourites',
      'Payments',
      'All accounts',
      'Data lake',
      'Web shop',
    ]);
    filter.text = 'data';
    expect(filter.lines.some((line) => 'heading' in line)).toBe(false);
  });
});

describe('initials', () => {
  it.each([
    ['Payments production', 'PP'],
    ['acme-data', 'AD'],
    ['Sandbox · Robin', 'SR'],
    ['ÉCOLE', 'É'],
    ['<b>bold</b> (test)', 'BT'],
    ['', ''],
  ])('of %s are %s', (name, letters) => expect(initials(name)).toBe(letters));
});
