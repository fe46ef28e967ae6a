/** Importing and exporting MFA devices, and everything, in the fake backend. */
import { Failure } from '../client';
import type { ArchiveCountsView, Commands, FoundFileView, FoundItemView, ImportRowView, Sealed } from '../client';
import { sealTo } from '../sealing';
import { strength } from './backend';
import type { Fake } from './backend';

type Names =
  | 'awsFiles'
  | 'previewFiles'
  | 'takeOverFiles'
  | 'takeOutPlainSecrets'
  | 'chooseImportFiles'
  | 'openImport'
  | 'applyImport'
  | 'cancelImport'
  | 'showQr'
  | 'exportDevices'
  | 'exportAll'
  | 'chooseArchive'
  | 'openArchive'
  | 'applyArchive';

const PASSWORD = 'password of the file';
const COUNTS: ArchiveCountsView = {
  accounts: 4,
  identities: 9,
  profiles: 3,
  passwords: 11,
  devices: 7,
  keys: 5,
  secrets: 2,
  binned: 1,
  versions: 14,
};

/** The import and export commands over a fake; the file that is chosen is always an encrypted one of Aegis. */
export function transferCommands(fake: Fake, open: (sealed: Sealed) => Promise<string>): Pick<Commands, Names> {
  const refuse = (reason: string): Failure => new Failure({ code: 'import', file: 'aegis.json', reason });
  const demand = (kind: string): void => {
    if (fake.asked?.kind !== 'confirm' || fake.asked.action.kind !== kind) throw new Failure({ code: 'not-permitted' });
    fake.asked = null;
  };
  return {
    chooseImportFiles: async () => {
      throw refuse('import-password-needed');
    },
    openImport: async (password) => {
      if ((await open(password)) !== PASSWORD) throw refuse('import-wrong-password');
      return { id: 1, rows: rows(), missing_codes: 0 };
    },
    applyImport: async (_id, choices) => {
      const bad = choices.find((one) => one.target.kind === 'new' && !/^\d{12}$/.test(one.target.account_id));
      if (bad) {
        const message = 'an account has 12 digits';
        throw new Failure({ code: 'invalid', problems: [{ field: 'account_id', message }] });
      }
      fake.tellChanged();
      return { devices: choices.length, identities: choices.length, accounts: 1 };
    },
    cancelImport: async () => null,
    awsFiles: async () => fake.awsFiles.map((file) => file.source),
    previewFiles: async () => ({ id: 1, files: fake.awsFiles }),
    takeOverFiles: async () => {
      fake.tellChanged();
      return fake.awsFiles;
    },
    takeOutPlainSecrets: async () =>
      fake.awsFiles
        .filter((file) => file.plain_secrets.length > 0)
        .map(({ source, plain_secrets: [first = '', ...others] }) => ({
          source,
          taken: [first],
          kept: others.map((section) => ({ section, why: 'the vault has another secret for this key' })),
          problem: null,
        })),
    showQr: async (_device, reader) => {
      demand('show-qr');
      return { path: await sealTo(reader, 'M4 4h7v1h-7zM4 5h1v1h-1z'), side: 45 };
    },
    exportDevices: async (_devices, format, password) => {
      demand('export-devices');
      if (format === 'vault') {
        if (!password || !strength(await open(password)).acceptable) throw new Failure({ code: 'weak-password' });
        return { paths: ['/home/robin/mfa-devices.undercroft'], left_out: 0 };
      }
      return { paths: ['/home/robin/mfa-devices.txt'], left_out: 0 };
    },
    exportAll: async (format, password) => {
      demand('export-all');
      if (format === 'encrypted' && (!password || !strength(await open(password)).acceptable)) {
        throw new Failure({ code: 'weak-password' });
      }
      const ending = format === 'encrypted' ? 'undercroft' : 'json';
      return { path: `/home/robin/everything.${ending}`, counts: COUNTS, unreadable: 0, newer: 0 };
    },
    chooseArchive: async () => {
      throw new Failure({ code: 'import', file: 'everything.undercroft', reason: 'import-password-needed' });
    },
    openArchive: async (password) => {
      if ((await open(password)) !== PASSWORD) {
        throw new Failure({ code: 'import', file: 'everything.undercroft', reason: 'import-wrong-password' });
      }
      return {
        id: 1,
        made_at: '2026-11-20T09:30:00Z',
        counts: COUNTS,
        new: 12,
        same: 3,
        rows: [
          { kind: 'account', name: 'Payments', arrival: 'newer' },
          { kind: 'identity', name: 'robin · Payments', arrival: 'twin' },
          { kind: 'profile', name: 'deploy', arrival: 'older' },
          { kind: 'account', name: 'Sandbox', arrival: 'back' },
        ],
        more_rows: 0,
        settings_differ: true,
        settings_untouched: false,
        unreadable: 0,
        newer: 0,
      };
    },
    applyArchive: async (_id, how) => {
      fake.tellChanged();
      return { added: 13, merged: 3, same: 3, settings: how.settings };
    },
  };
}

/** The files of `~/.aws` of somebody who has not moved in yet. */
export function awsFiles(): FoundFileView[] {
  const item = (kind: FoundItemView['kind'], name: string, status: FoundItemView['status'] = 'new'): FoundItemView => ({
    kind,
    name,
    status,
  });
  return [
    {
      source: '~/.aws/config',
      found: [item('account', '100234567890', 'duplicate'), item('profile', 'payments-admin')],
      problems: ['[old] (line 12): sso_session is kept and explained; signing in is not there yet'],
      plain_secrets: [],
    },
    {
      source: '~/.aws/credentials',
      found: [
        item('identity', 'robin'),
        item('access-key', 'AKIAIOSFODNN7EXAMPLE'),
        item('profile', 'default'),
        item('profile', 'payments', 'conflict'),
      ],
      problems: [],
      plain_secrets: ['default', 'payments'],
    },
  ];
}

function rows(): ImportRowView[] {
  const row = (index: number, over: Partial<ImportRowView>): ImportRowView => ({
    index,
    issuer: 'Amazon Web Services',
    name: `user-${index}`,
    status: { kind: 'new' },
    account: null,
    identity: null,
    identity_name: null,
    account_id: null,
    root: false,
    user_name: null,
    email: null,
    usable_with_sts: true,
    ...over,
  });
  return [
    row(0, { name: 'alice@210987654321', account_id: '210987654321', user_name: 'alice' }),
    row(1, { name: 'bob@example.org', issuer: 'Example' }),
    row(2, { status: { kind: 'duplicate', of: 'robin / phone' } }),
    row(3, { issuer: 'Steam', name: 'gabe', status: { kind: 'problem', reason: 'entry-steam' } }),
  ];
}
