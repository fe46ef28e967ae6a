import type { FoundFileView, FoundKindView, FoundStatusView } from '$lib/api/client';
import { counted } from '$lib/format/duration';
import { lineOf } from '$lib/features/profile/command-words';

/** What a file holds, in a word. */
export const KINDS: Readonly<Record<FoundKindView, string>> = {
  account: 'Account',
  identity: 'User',
  device: 'MFA device',
  'access-key': 'Access key',
  profile: 'Profile',
};

/** How it stands to the vault. */
export const STATUSES: Readonly<
  Record<FoundStatusView, { label: string; tone: 'success' | 'neutral' | 'warning'; title?: string }>
> = {
  new: { label: 'New', tone: 'success' },
  duplicate: { label: 'Already there', tone: 'neutral' },
  conflict: { label: 'Conflict', tone: 'warning', title: 'The vault has something else in its place, and keeps it.' },
};

/** What a file comes to: `3 new, 1 already there`. */
export function summary(file: FoundFileView): string {
  const count = (status: FoundStatusView): number => file.found.filter((item) => item.status === status).length;
  const parts = [
    [count('new'), 'new'],
    [count('duplicate'), 'already there'],
    [count('conflict'), count('conflict') === 1 ? 'conflict' : 'conflicts'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return said.length > 0 ? said.join(', ') : 'nothing to import';
}

/** Sections as they stand in a file: `[default]`. */
export function sections(names: readonly string[]): string {
  return names.map((name) => `[${name}]`).join(', ');
}

/** How many keys stand in these files: `2 access keys also stand`. */
export function plainKeys(files: readonly FoundFileView[]): string {
  const count = files.reduce((sum, file) => sum + file.plain_secrets.length, 0);
  return counted(count, 'access key also stands', 'access keys also stand');
}

/** The command that has AWS's programs ask Undercroft for these profiles. */
export function configureCommand(profiles: readonly string[]): string {
  return `undercroft configure ${lineOf(profiles)}`;
}
