import { screen } from '@testing-library/dom';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { PasswordMode, UiError } from '$lib/api/client';
import type { FakeOptions } from '$lib/api/fake/backend';
import { button, FRESH, openWindow, RECOVERY_KEY, settled } from './testing';
import type { Opened } from './testing';

const path = '/home/robin/.local/share/undercroft/vault.undercroft';

interface State extends FakeOptions {
  /** How it is come to. */
  act?: (opened: Opened) => Promise<unknown>;
}

function mode(kind: 'first-run' | 'change-password'): { mode: PasswordMode } {
  return { mode: { kind } };
}

const damaged: UiError = { code: 'damaged', path, backups: 6 };
const click =
  (name: string) =>
  async ({ user }: Opened) =>
    user.click(button(name));

const STATES: Record<string, State> = {
  unlock: {},
  'quick unlock': { quickUnlock: true },
  'quick unlock that has ended': {
    quickUnlock: true,
    act: async ({ user, fake }) => {
      fake.fail('unlockQuickly', { code: 'password-needed' });
      await user.keyboard('{Enter}');
      await screen.findByRole('alert');
    },
  },
  'an agent has the vault': {
    agent: 4711,
    act: async ({ user }) => {
      await user.keyboard('one{Enter}');
      await screen.findByRole('button', { name: 'Take over from the agent' });
    },
  },
  'wrong password': { act: ({ user }) => user.keyboard('wrong{Enter}') },
  'nothing typed': { act: ({ user }) => user.keyboard('{Enter}') },
  waiting: {
    act: async ({ user, fake }) => {
      fake.wrongTries = 9;
      await user.keyboard('wrong{Enter}');
    },
  },
  damaged: { problem: damaged },
  missing: { problem: { code: 'vault-missing', path, backups: 0 } },
  'too new': { problem: { code: 'too-new', needs: '2.0' } },
  backups: { problem: damaged, act: click('Choose another backup…') },
  'recovery key': { act: click('Use recovery key') },
  'new password after the recovery key': {
    act: async ({ user }) => {
      await user.click(button('Use recovery key'));
      await user.keyboard(`${RECOVERY_KEY}{Enter}`);
      await screen.findByLabelText('New master password');
    },
  },
  'first step': mode('first-run'),
  'second step': { ...mode('first-run'), act: click('Make a new vault') },
  'weak password': { ...mode('first-run'), act: ({ user }) => user.keyboard('{Enter}abc{Enter}abc{Enter}') },
  'place refused': {
    ...mode('first-run'),
    act: async ({ user, fake }) => {
      fake.fail('createVault', { code: 'already-exists', path });
      await user.keyboard(`{Enter}${FRESH}{Enter}${FRESH}{Enter}`);
      await screen.findByRole('alert');
    },
  },
  'third step': {
    ...mode('first-run'),
    act: async ({ user }) => {
      await user.keyboard(`{Enter}${FRESH}{Enter}${FRESH}{Enter}`);
      await screen.findByTestId('recovery-key');
      await user.click(button('Open the vault'));
    },
  },
  'change password': mode('change-password'),
  'new recovery key': { mode: { kind: 'confirm', action: { kind: 'new-recovery-key' } } },
  'new vault key': { mode: { kind: 'confirm', action: { kind: 'new-vault-key' } } },
  'restore backup': { mode: { kind: 'confirm', action: { kind: 'restore-backup', backup: 'vault-1.undercroft' } } },
};

describe('axe-core finds nothing wrong with', () => {
  it.each(Object.entries(STATES))('%s', async (_, { act, ...options }) => {
    document.documentElement.lang = 'en';
    document.title = 'Undercroft';
    const opened = await openWindow(options);
    await act?.(opened);
    await settled();
    // Nothing is laid out here, so colours can't be judged; that is done in the real window.
    const { violations } = await axe.run(document, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
  });
});
