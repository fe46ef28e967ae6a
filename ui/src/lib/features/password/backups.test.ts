import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it } from 'vitest';
import type { BackupView, Commands } from '$lib/api/client';
import { Failure } from '$lib/api/client';
import type { FakeOptions } from '$lib/api/fake/backend';
import { button, field, openWindow, RIGHT, settled } from './testing';
import type { Opened } from './testing';

const DAMAGED: FakeOptions = { problem: { code: 'damaged', path: '/vaults/vault.undercroft', backups: 6 } };

async function openBackups(over: Partial<Commands> = {}): Promise<Opened> {
  const opened = await openWindow(DAMAGED, over);
  await opened.user.click(button('Restore a backup…'));
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
    await screen.findByRole('button', { name: 'Restore a backup…' });
    expect(input.value).toBe('');
  });
});
