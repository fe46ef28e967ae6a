import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it } from 'vitest';
import type { BackupView, Commands } from '$lib/api/client';
import { Failure } from '$lib/api/client';
import type { FakeOptions } from '$lib/api/fake/backend';
import { button, field, openWindow, RECOVERY_KEY, RIGHT, settled } from './testing';
import type { Opened } from './testing';

const ALL = /^(Choose another|Restore a) backup…$/;
const DAMAGED: FakeOptions = { problem: { code: 'damaged', path: '/vaults/vault.undercroft', backups: 6 } };

async function openBackups(over: Partial<Commands> = {}): Promise<Opened> {
  const opened = await openWindow(DAMAGED, over);
  await opened.user.click(await screen.findByRole('button', { name: ALL }));
  await settled();
  return opened;
}

function backup(id: string, sound: boolean): BackupView {
  return { id, saved_at: '2026-11-20T10:00:00Z', size_bytes: 2048, sound };
}

describe('restoring a backup', () => {
  it('proposes the newest, and takes another one that is chosen', async () => {
    const { user, sent } = await openBackups();
    const rows = screen.getAllByRole('radio');
    expect(rows).toHaveLength(6);
    expect(rows[0]).toBeChecked();
    expect(rows[4]).toBeDisabled();
    expect(field('Master password at that time')).toHaveFocus();
    await user.click(rows[2] as HTMLElement);
    await user.type(field('Master password at that time'), `${RIGHT}{Enter}`);
    await waitFor(() => expect(screen.queryByRole('radio')).toBeNull());
    expect(sent.find((one) => one.startsWith('restoreAndUnlock'))).toContain('vault-2.undercroft');
    expect(sent.join()).not.toContain(RIGHT);
  });

  it('says a wrong password beside the field and keeps the choice', async () => {
    const { user } = await openBackups();
    await user.click(screen.getAllByRole('radio')[1] as HTMLElement);
    await user.type(field('Master password at that time'), 'not this one{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('does not open this backup');
    expect(screen.getAllByRole('radio')[1]).toBeChecked();
    expect(field('Master password at that time')).toHaveFocus();
  });

  it('asks for the password first', async () => {
    const { user, called } = await openBackups();
    await user.click(button('Restore and unlock'));
    expect(await screen.findByRole('alert')).toHaveTextContent('Type the master password');
    expect(called('restoreAndUnlock')).toBe(0);
  });

  it('tells what the disk says, with what was typed still there', async () => {
    const { user, fake } = await openBackups();
    fake.fail('restoreAndUnlock', { code: 'disk-full', path: '/vaults' });
    await user.type(field('Master password at that time'), `${RIGHT}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('/vaults');
    expect(field('Master password at that time')).toHaveValue(RIGHT);
  });

  it('says where to look when there are none', async () => {
    await openBackups({ lockedBackups: async () => [] });
    expect(screen.getByText(/There are no backups beside this vault/)).toBeInTheDocument();
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Restore and unlock' })).toBeNull();
  });

  it('offers none that is damaged', async () => {
    await openBackups({ lockedBackups: async () => [backup('one', false), backup('two', false)] });
    expect(screen.getByText(/All of them are damaged/)).toBeInTheDocument();
    for (const row of screen.getAllByRole('radio')) expect(row).toBeDisabled();
    expect(screen.queryByRole('button', { name: 'Restore and unlock' })).toBeNull();
  });

  it('looks again where they could not be listed', async () => {
    let denied = true;
    const { user } = await openBackups({
      lockedBackups: async () => {
        if (denied) throw new Failure({ code: 'no-permission', path: '/vaults' });
        return [backup('one', true)];
      },
    });
    expect(screen.getByRole('alert')).toHaveTextContent('/vaults');
    denied = false;
    await user.click(button('Look again'));
    await waitFor(() => expect(field('Master password at that time')).toHaveFocus());
    expect(screen.getAllByRole('radio')).toHaveLength(1);
  });

  it('goes back by Esc, which takes the password off the page', async () => {
    const { user } = await openBackups();
    const input = field('Master password at that time');
    await user.type(input, RIGHT);
    await user.keyboard('{Escape}');
    await screen.findByRole('button', { name: ALL });
    expect(input.value).toBe('');
  });
});

describe('the newest sound backup', () => {
  it('is offered at once, with what it does not have, and opens by its password', async () => {
    const { user, sent, called } = await openWindow(DAMAGED);
    expect(await screen.findByRole('form', { name: 'Open the newest backup' })).toHaveTextContent(
      /The newest sound backup is from .* What was changed after that is not in it\./,
    );
    const input = field('Master password at that time');
    await waitFor(() => expect(input).toHaveFocus());
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(called('restoreNewestAndUnlock')).toBe(1));
    await waitFor(() => expect(screen.queryByRole('form')).toBeNull());
    expect(sent.join()).not.toContain(RIGHT);
  });

  it('is the first that is not damaged, and says how many newer ones are', async () => {
    const backups = [backup('one', false), backup('two', false), backup('three', true)];
    await openWindow(DAMAGED, { lockedBackups: async () => backups });
    expect(await screen.findByText(/2 newer backups are damaged, too\./)).toBeVisible();
    expect(screen.getByText(/20 November 2026/)).toBeVisible();
  });

  it('opens by the recovery key, too, and goes on to a new password', async () => {
    const { user, called, sent } = await openWindow(DAMAGED);
    await user.click(button('Use recovery key'));
    expect(screen.getByText(/It opens the newest sound backup\./)).toBeVisible();
    await user.type(field('Recovery key'), `${RECOVERY_KEY}{Enter}`);
    expect(await screen.findByLabelText('New master password')).toBeVisible();
    expect(called('restoreNewestWithRecoveryKey')).toBe(1);
    expect(sent.join()).not.toContain(RECOVERY_KEY);
  });

  it('says a wrong password beside the field, and a missing one', async () => {
    const { user, called } = await openWindow(DAMAGED);
    await user.click(await screen.findByRole('button', { name: 'Open the newest backup' }));
    expect(await screen.findByText('Type the master password of that time.')).toBeVisible();
    expect(called('restoreNewestAndUnlock')).toBe(0);
    await user.type(field('Master password at that time'), 'not this one{Enter}');
    expect(await screen.findByText(/does not open this backup/)).toBeVisible();
  });
});
