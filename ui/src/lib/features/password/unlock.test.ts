import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';
import { Failure } from '$lib/api/client';
import { button, field, FRESH, master, openWindow, RECOVERY_KEY, RIGHT, settled } from './testing';

const path = '/home/robin/.local/share/undercroft/vault.undercroft';

describe('unlocking', () => {
  it('is one field that has the focus, and Enter', async () => {
    const { user, called } = await openWindow();
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('vault');
    expect(master()).toHaveFocus();
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(called('unlock')).toBe(1));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
  });

  it('leaves the password nowhere, neither on the page nor on its way', async () => {
    const { user, sent } = await openWindow();
    const input = master();
    await user.type(input, RIGHT);
    await user.click(button('Unlock'));
    await waitFor(() => expect(input.isConnected).toBe(false));
    expect(input.value).toBe('');
    expect(document.documentElement.outerHTML).not.toContain(RIGHT);
    expect(sent.join()).not.toContain(RIGHT);
  });

  it('says a wrong password beside the field, and typing replaces it', async () => {
    const { user, called } = await openWindow();
    await user.keyboard('not this one{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('does not open the vault');
    expect(master()).toHaveFocus();
    expect(master()).toHaveAccessibleDescription(/does not open the vault/);
    expect(master()).toBeInvalid();
    expect([master().selectionStart, master().selectionEnd]).toEqual([0, 'not this one'.length]);
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect(called('unlock')).toBe(2);
  });

  it('asks for nothing where nothing was typed', async () => {
    const { user, called } = await openWindow();
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('Type the master password');
    expect(called('unlock')).toBe(0);
  });

  it('shows that it runs, and takes no second Enter meanwhile', async () => {
    let finish = (): void => {};
    const unlock = vi.fn(() => new Promise<null>((resolve) => (finish = () => resolve(null))));
    const { user } = await openWindow({}, { unlock });
    await user.keyboard('one{Enter}');
    await waitFor(() => expect(unlock).toHaveBeenCalled());
    expect(button('Unlocking…')).toHaveAttribute('aria-busy', 'true');
    expect(screen.getAllByRole('status').some((one) => one.textContent.includes('Unlocking…'))).toBe(true);
    await user.keyboard('{Enter}');
    await settled();
    expect(unlock).toHaveBeenCalledOnce();
    finish();
  });

  it('counts down after several wrong ones, keeps what is typed, and says when to go on', async () => {
    const { user, fake, called } = await openWindow();
    fake.wrongTries = 5;
    await user.keyboard('wrong{Enter}');
    expect(await screen.findByRole('timer')).toHaveTextContent('Wait 2 seconds');
    expect(screen.queryByRole('button', { name: 'Unlock' })).toBeNull();
    expect(master()).toHaveFocus();
    await user.keyboard(`${RIGHT}{Enter}`);
    expect(called('unlock')).toBe(1);
    await waitFor(() => expect(screen.getByRole('timer')).toHaveTextContent('Wait 1 second'));
    expect(await screen.findByText('You can try again.')).toBeInTheDocument();
    expect(screen.queryByRole('timer')).toBeNull();
    expect(button('Unlock')).toBeInTheDocument();
    expect(master()).toHaveValue(RIGHT);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
  });

  it('goes on waiting where the window was closed and opened again', async () => {
    const waits = vi.fn();
    const { fake } = await openWindow(
      {},
      {
        unlock: waits,
        passwordWindow: async () => ({
          mode: { kind: 'unlock' },
          vault: { path, name: 'vault', exists: true },
          wait_secs: 12,
          theme: 'system',
          needs_current: true,
          quick_unlock: false,
          problem: null,
        }),
      },
    );
    expect(screen.getByRole('timer')).toHaveTextContent('Wait 12 seconds');
    expect(fake.calls).not.toContain('unlock');
  });

  it('keeps the password while another program has the vault', async () => {
    const { user, fake } = await openWindow();
    fake.fail('unlock', { code: 'in-use', pid: 4711, agent: false });
    await user.keyboard(`${RIGHT}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('4711');
    expect(master()).toHaveValue(RIGHT);
    fake.fail('unlock', null);
    await user.click(button('Unlock'));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
  });

  it('does not ask for a password that can’t help', async () => {
    const { user, fake } = await openWindow({ problem: { code: 'too-new', needs: '2.0' } });
    expect(screen.getByRole('alert')).toHaveTextContent('newer Undercroft');
    expect(screen.queryByLabelText('Master password')).toBeNull();
    expect(button('Look again')).toHaveFocus();
    fake.problem = null;
    await user.keyboard('{Enter}');
    expect(await screen.findByLabelText('Master password')).toHaveFocus();
  });

  it('turns to what is wrong with the file when unlocking finds it', async () => {
    const { user, fake } = await openWindow();
    fake.fail('unlock', { code: 'damaged', path, backups: 2 });
    await user.keyboard(`${RIGHT}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('damaged');
    await waitFor(() => expect(field('Master password at that time')).toHaveFocus());
    expect(document.documentElement.outerHTML).not.toContain(RIGHT);
  });

  it('offers a new vault where the old one is gone', async () => {
    const { user } = await openWindow({ problem: { code: 'vault-missing', path, backups: 0 } });
    expect(screen.queryByRole('button', { name: 'Restore a backup…' })).toBeNull();
    await user.click(button('Make a new vault…'));
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Welcome');
  });

  it('opens another vault, or says why not and stays', async () => {
    const { user, fake } = await openWindow();
    fake.fail('openVault', { code: 'not-a-vault', path: '/tmp/letter.txt' });
    await user.click(button('Open another vault…'));
    expect(await screen.findByRole('alert')).toHaveTextContent('/tmp/letter.txt');
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('vault');
    fake.fail('openVault', null);
    await user.click(button('Open another vault…'));
    await waitFor(() => expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('team'));
    expect(master()).toHaveFocus();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('stays as it is when choosing is cancelled', async () => {
    const { user, called } = await openWindow({}, { chooseVaultFile: async () => null });
    await user.type(master(), 'half');
    await user.click(button('Open another vault…'));
    await settled();
    expect(called('openVault')).toBe(0);
    expect(master()).toHaveValue('half');
  });

  it('does not end by a stray Esc', async () => {
    const { user, called } = await openWindow();
    await user.keyboard('half{Escape}');
    await settled();
    expect(called('cancelPassword')).toBe(0);
    expect(master()).toHaveValue('half');
  });

  it('is walked through in reading order', async () => {
    const { user } = await openWindow();
    const names: (string | null)[] = [];
    for (let step = 0; step < 4; step += 1) {
      await user.tab();
      names.push(
        document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent.trim() ?? '',
      );
    }
    expect(names).toEqual(['Show master password', 'Unlock', 'Use recovery key', 'Open another vault…']);
  });

  it('tries again where not even the window’s purpose could be read', async () => {
    const { user, fake } = await openWindow(
      {},
      { passwordWindow: () => Promise.reject(new Failure({ code: 'internal' })) },
    );
    expect(screen.getByRole('alert')).toHaveTextContent('went wrong');
    await user.click(button('Try again'));
    expect(fake.calls).not.toContain('unlock');
    expect(await screen.findByRole('alert')).toBeInTheDocument();
  });
});

describe('the recovery key', () => {
  it('leads to a new password, without the old one', async () => {
    const { user, fake, sent, called } = await openWindow();
    await user.click(button('Use recovery key'));
    const input = field('Recovery key');
    expect(input).toHaveFocus();
    await user.keyboard(`${RECOVERY_KEY.toLowerCase().replaceAll('-', ' ')}{Enter}`);
    await screen.findByRole('heading', { name: 'Choose a new master password' });
    expect(input.value).toBe('');
    expect(screen.queryByLabelText('Present master password')).toBeNull();
    expect(field('New master password')).toHaveFocus();
    await user.keyboard(`${FRESH}{Enter}${FRESH}{Enter}`);
    await waitFor(() => expect(called('changePassword')).toBe(1));
    await waitFor(() => expect(screen.queryByLabelText('New master password')).toBeNull());
    expect(fake.masterPassword).toBe(FRESH);
    expect(sent.find((one) => one.startsWith('changePassword'))).toMatch(/^changePassword \[null,/);
    expect(sent.join().toUpperCase()).not.toContain('7Q4M2X');
  });

  it('tells a typing error from a key of another vault, and keeps it', async () => {
    const { user } = await openWindow();
    await user.click(button('Use recovery key'));
    await user.keyboard('7Q4M2X{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('typing error');
    expect(field('Recovery key')).toHaveValue('7Q4M2X');
    expect(field('Recovery key')).toHaveFocus();
    await user.clear(field('Recovery key'));
    await user.keyboard(`${RECOVERY_KEY.replaceAll('7', '8')}{Enter}`);
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('does not open the vault'));
    await user.clear(field('Recovery key'));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('Type the key'));
  });

  it('is left by Esc, which takes the key off the page', async () => {
    const { user } = await openWindow();
    await user.click(button('Use recovery key'));
    const input = field('Recovery key');
    await user.keyboard(RECOVERY_KEY);
    await user.keyboard('{Escape}');
    expect(await screen.findByLabelText('Master password')).toHaveFocus();
    expect(input.value).toBe('');
  });

  it('after it, only locking ends the window', async () => {
    const { user, called } = await openWindow();
    await user.click(button('Use recovery key'));
    await user.keyboard(`${RECOVERY_KEY}{Enter}`);
    await screen.findByRole('heading', { name: 'Choose a new master password' });
    await user.keyboard('{Escape}');
    await settled();
    expect(called('cancelPassword')).toBe(0);
    await user.click(button('Lock and quit'));
    await waitFor(() => expect(called('cancelPassword')).toBe(1));
  });
});
