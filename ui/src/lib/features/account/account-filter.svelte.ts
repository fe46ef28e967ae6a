import type { AccountRow } from '$lib/api/client';

/** A line of the account list: a heading, or an account. */
export type Line = { readonly heading: string } | { readonly account: AccountRow };

/** Narrows the account list by typed words and chosen tags. */
export class AccountFilter {
  text = $state('');
  tags = $state.raw<readonly string[]>([]);
  readonly #accounts: () => readonly AccountRow[];

  constructor(accounts: () => readonly AccountRow[]) {
    this.#accounts = accounts;
  }

  readonly active = $derived.by(() => this.text.trim() !== '' || this.tags.length > 0);

  readonly shown = $derived.by((): readonly AccountRow[] => {
    const wanted = this.text.toLowerCase().split(/\s+/).filter(Boolean);
    if (wanted.length === 0 && this.tags.length === 0) return this.#accounts();
    return this.#accounts().filter(
      (account) =>
        this.tags.every((tag) => account.tags.includes(tag)) && wanted.every((word) => matches(account, word)),
    );
  });

  /** The list with its headings; there are none where all are favourites or none is. */
  readonly lines = $derived.by((): Line[] => {
    const favourites = this.shown.filter((account) => account.favourite);
    const others = this.shown.filter((account) => !account.favourite);
    const accounts = (list: AccountRow[]): Line[] => list.map((account) => ({ account }));
    if (favourites.length === 0 || others.length === 0) return accounts([...this.shown]);
    return [
      { heading: 'Favourites' },
      ...accounts(favourites),
      { heading: this.active ? 'Others' : 'All accounts' },
      ...accounts(others),
    ];
  });

  toggleTag(tag: string): void {
    this.tags = this.tags.includes(tag) ? this.tags.filter((one) => one !== tag) : [...this.tags, tag];
  }

  clear(): void {
    this.text = '';
    this.tags = [];
  }
}

/** An id is found as it is typed: with dashes or without. */
function matches(account: AccountRow, word: string): boolean {
  const digits = word.replaceAll('-', '');
  return (
    account.name.toLowerCase().includes(word) ||
    (account.alias ?? '').toLowerCase().includes(word) ||
    (/^\d+$/.test(digits) && account.account_id.includes(digits)) ||
    account.tags.some((tag) => tag.toLowerCase().includes(word))
  );
}
