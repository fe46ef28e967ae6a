import type { ArchiveCountsView, ArchiveRowView, ArrivalView } from '$lib/api/client';
import { counted } from '$lib/format/duration';

/** Says how much of each kind there is: `2 accounts, 3 identities, 1 MFA device`. */
export function contentWords(counts: ArchiveCountsView): string {
  const parts: [number, string, string][] = [
    [counts.accounts, 'account', 'accounts'],
    [counts.identities, 'identity', 'identities'],
    [counts.passwords, 'password', 'passwords'],
    [counts.devices, 'MFA device', 'MFA devices'],
    [counts.keys, 'access key', 'access keys'],
    [counts.secrets, 'further secret', 'further secrets'],
    [counts.profiles, 'profile', 'profiles'],
    [counts.binned, 'item in the bin', 'items in the bin'],
    [counts.versions, 'earlier version', 'earlier versions'],
  ];
  const there = parts.filter(([count]) => count > 0).map(([count, one, many]) => counted(count, one, many));
  return there.join(', ') || 'nothing';
}

/** Says what becomes of an item that vault and archive have in different versions. */
export function arrivalWords(arrival: ArrivalView, prefersArchive: boolean): string {
  switch (arrival) {
    case 'newer':
      return 'The file’s version is newer and takes its place; the vault’s goes to its history.';
    case 'older':
      return 'The vault’s version is newer and stays; the file’s goes to its history.';
    case 'back':
      return 'It was deleted here and comes back.';
    case 'twin':
      return prefersArchive
        ? 'Made here separately. The file’s version takes its place; the vault’s goes to its history.'
        : 'Made here separately. The vault’s version stays; the file’s goes to its history.';
  }
}

/** What an item is called. */
export function rowName(row: ArchiveRowView): string {
  return row.name || 'Something of a newer version';
}
