import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';
import type { Commands, ConfirmAction } from '$lib/api/client';
import { button, master, openWindow, RECOVERY_KEY, RIGHT, settled } from './testing';
import type { Opened } from './testing';

function openConfirm(action: ConfirmAction, over: Partial<Commands> = {}): Promise<Opened> {
  return openWindow({ mode: { kind: 'confirm', action } }, over);
}

describe('a confirmed action', () => {
  it.each<[ConfirmAction['kind'], string, string]>([
    ['new-recovery-key', 'New recovery key', 'Make a new recovery key'],
    ['new-vault-key', 'New vault key', 'Encrypt anew and delete the backups'],
  ])('%s ends with a kit that leaves the page', async (kind, title, text) => {
    const { user, sent, called } = await openConfirm({ kind } as ConfirmAction);
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent(title);
    expect(master()).toHaveFocus();
    expect(button(text)).toBeInTheDocument();
    const input = master();
    await user.keyboard(`${RIGHT}{Enter}`);
    expect(await screen.findByTestId('recovery-key')).toHaveTextContent(RECOVERY_KEY);
    expect(input.value).toBe('');
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
    await user.click(screen.getByRole('checkbox'));
    await user.click(button('Done'));
    await waitFor(() => expect(called('finishPassword')).toBe(1));
    await waitFor(() => expect(screen.queryByTestId('recovery-key')).toBeNull());
    expect(document.documentElement.outerHTML).not.toContain('7Q4M2X');
    expect(sent.join()).not.toContain(RIGHT);
  });

  it('never loses a new kit by Esc', async () => {
    const { user, called } = await openConfirm({ kind: 'new-recovery-key' });
    await user.keyboard(`${RIGHT}{Enter}`);
    await screen.findByTestId('recovery-key');
    await user.keyboard('{Escape}');
    await settled();
    expect(called('cancelPassword')).toBe(0);
    expect(screen.getByTestId('recovery-key')).toBeVisible();
  });

  it('names the backup that is restored', async () => {
    const { user, called } = await openConfirm(
      { kind: 'restore-backup', backup: 'b1' },
      { lockedBackups: async () => [{ id: 'b1', saved_at: '2026-11-20T10:00:00Z', size_bytes: 1, sound: true }] },
    );
    expect(await screen.findByText(/^Backup of 20 November 2026/)).toBeVisible();
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(called('confirmPassword')).toBe(1));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect(called('finishPassword')).toBe(0);
  });

  it('says a wrong password beside the field', async () => {
    const { user } = await openConfirm({ kind: 'new-vault-key' });
    await user.keyboard('not this one{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('not the master password');
    expect(master()).toHaveFocus();
    expect(screen.queryByTestId('recovery-key')).toBeNull();
  });

  it('asks for the password first, and says what the disk answers', async () => {
    const { user, fake, called } = await openConfirm({ kind: 'new-vault-key' });
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('Type the master password');
    expect(called('confirmPassword')).toBe(0);
    fake.fail('confirmPassword', { code: 'read-only', path: '/vaults' });
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('Nothing was changed'));
    expect(master()).toHaveValue(RIGHT);
  });

  it('is cancelled, but not halfway', async () => {
    const confirmPassword = vi.fn(() => new Promise<never>(() => {}));
    const { user, called } = await openConfirm({ kind: 'new-vault-key' }, { confirmPassword });
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(confirmPassword).toHaveBeenCalled());
    await user.keyboard('{Escape}');
    await settled();
    expect(called('cancelPassword')).toBe(0);
  });

  it('counts as use of the vault, so that it does not lock meanwhile', async () => {
    const { user, called } = await openConfirm({ kind: 'new-recovery-key' });
    await user.keyboard('ab');
    expect(called('touch')).toBe(1);
  });

  it('says so where it can’t even be cancelled', async () => {
    const { user, fake } = await openConfirm({ kind: 'new-vault-key' });
    fake.fail('cancelPassword', { code: 'internal' });
    await user.click(button('Cancel'));
    expect(await screen.findByRole('alert')).toHaveTextContent('went wrong');
  });
});
