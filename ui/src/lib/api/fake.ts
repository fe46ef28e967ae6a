/** The fake backend, and how a browser's address chooses its state. */
import type { NoticeView, PasswordMode, ShortcutStateView, ThemeView } from './client';
import { Fake } from './fake/backend';

export { Fake } from './fake/backend';

const TROUBLES: NoticeView[] = [
  { kind: 'unsaved', error: { code: 'disk-full', path: '/home/robin/.local/share/undercroft' } },
  { kind: 'rolled-back', seen: 412, found: 398 },
  { kind: 'clock-off', offset_secs: 95, host: 'sts.eu-central-1.amazonaws.com' },
  { kind: 'merged', conflicts: 2, taken: 5 },
];

/**
 * Makes a fake from an address: `?accounts=40&theme=dark&trouble&slow=800&mode=first-run&steps=2&shortcut=taken`.
 *
 * `accounts=0` shows the empty vault, `trouble` notices and failing calls to AWS, `steps` a sign-in with so many steps
 * taken, `shortcut` how the global shortcut stands, `notray` a desktop without a tray, `profiles` some profiles and a
 * log, `asks` a program that asks.
 */
export function fakeFromAddress(search: string): Fake {
  const query = new URLSearchParams(search);
  const mode = query.get('mode');
  const fake = new Fake({
    accounts: Number(query.get('accounts') ?? 12),
    sessions: query.get('accounts') !== '0',
    theme: (query.get('theme') ?? 'system') as ThemeView,
    notices: query.has('trouble') ? TROUBLES : [],
    delayMs: Number(query.get('slow') ?? 0),
    ...(mode ? { mode: passwordMode(mode) } : {}),
  });
  if (query.has('trouble')) {
    const aws_message = 'MultiFactorAuthentication failed with invalid MFA one time pass code.';
    fake.fail('getSession', {
      code: 'aws',
      kind: 'wrong-or-reused-code',
      aws_code: 'AccessDenied',
      aws_message,
      clock_offset_secs: 95,
      host: 'sts.eu-central-1.amazonaws.com',
    });
  }
  if (query.has('profiles')) {
    fake.profiles.fill();
    fake.programs.fill(Number(query.get('profiles')) || 60, Date.now());
  }
  if (query.has('asks')) {
    const [account] = fake.accounts;
    if (account) fake.programs.ask({ account: { id: account.id, ...account.row, identities: 3, live: true } });
  }
  const steps = query.get('steps');
  if (steps !== null) fake.quick.playSignIn(Number(steps));
  const shortcut = query.get('shortcut') as ShortcutStateView | null;
  if (shortcut) fake.quick.desktop = { ...fake.quick.desktop, shortcut_state: shortcut };
  if (query.has('notray')) fake.quick.desktop = { ...fake.quick.desktop, tray: false };
  return fake;
}

function passwordMode(name: string): PasswordMode {
  switch (name) {
    case 'first-run':
    case 'unlock':
    case 'change-password':
      return { kind: name };
    case 'new-recovery-key':
    case 'new-vault-key':
      return { kind: 'confirm', action: { kind: name } };
    default:
      return { kind: 'confirm', action: { kind: 'restore-backup', backup: 'vault-1.undercroft' } };
  }
}
