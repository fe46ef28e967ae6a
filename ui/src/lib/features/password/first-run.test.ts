import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';
import type { BackupView, Commands, UiError } from '$lib/api/client';
import { button, field, FRESH, master, openWindow, RECOVERY_KEY, settled } from './testing';
import type { Opened } from './testing';

const path = '/home/robin/.local/share/undercroft/vault.undercroft';

function openFirstRun(over: Partial<Commands> = {}): Promise<Opened> {
  return openWindow({ mode: { kind: 'first-run' } }, over);
}

async function openPassword(over: Partial<Commands> = {}): Promise<Opened> {
  const opened = await openFirstRun(over);
  await opened.user.keyboard('{Enter}');
  await screen.findByRole('heading', { name: 'Choose a master password' });
  return opened;
}

async function openKit(over: Partial<Commands> = {}): Promise<Opened> {
  const opened = await openPassword(over);
  await opened.user.keyboard(`${FRESH}{Enter}${FRESH}{Enter}`);
  await screen.findByTestId('recovery-key');
  return opened;
}

const heading = (): string => screen.getByRole('heading', { level: 1 }).textContent;

describe('the first run', () => {
  it('is done by keyboard alone: three steps, then the vault', async () => {
    const { user, fake, sent, called } = await openFirstRun();
    expect(screen.getByText('Step 1 of 3')).toBeVisible();
    expect(button('Make a new vault')).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(screen.getByText('Step 2 of 3')).toBeVisible();
    expect(master()).toHaveFocus();
    await user.keyboard(`${FRESH}{Enter}`);
    expect(field('The same again')).toHaveFocus();
    await user.keyboard(`${FRESH}{Enter}`);
    expect(await screen.findByTestId('recovery-key')).toHaveTextContent(new RegExp(`^${RECOVERY_KEY}$`));
    expect(screen.getByText('Step 3 of 3')).toBeVisible();
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
    expect(fake.masterPassword).toBe(FRESH);
    expect(sent.find((one) => one.startsWith('createVault'))).toContain(path);
    const names: string[] = [];
    for (let step = 0; step < 4; step += 1) {
      await user.tab();
      const active = document.activeElement as HTMLInputElement;
      names.push(active.labels?.[0]?.textContent.trim() || active.textContent.trim());
      if (active.type === 'checkbox') await user.keyboard(' ');
    }
    expect(names).toEqual(['Print…', 'Save…', 'I keep it somewhere safe, not beside the vault.', 'Open the vault']);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(called('finishPassword')).toBe(1));
    await waitFor(() => expect(screen.queryByTestId('recovery-key')).toBeNull());
    expect(document.documentElement.outerHTML).not.toContain('7Q4M2X');
    expect(sent.join()).not.toContain(FRESH);
  });

  it('takes the password off the page once the vault is made', async () => {
    const { user } = await openPassword();
    const inputs = [master(), field('The same again')];
    await user.keyboard(`${FRESH}{Enter}${FRESH}{Enter}`);
    await screen.findByTestId('recovery-key');
    expect(inputs.map((input) => input.value)).toEqual(['', '']);
    expect(document.querySelectorAll('input[type=password]')).toHaveLength(0);
  });

  it('needs a place, and takes one from the system’s dialog', async () => {
    const { user } = await openFirstRun();
    await user.clear(field('The vault’s file'));
    await user.click(button('Make a new vault'));
    expect(await screen.findByRole('alert')).toHaveTextContent('Type where');
    expect(field('The vault’s file')).toHaveFocus();
    await user.click(button('Choose another place…'));
    await waitFor(() => expect(field('The vault’s file')).toHaveValue('/home/robin/Documents/vault.undercroft'));
    expect(button('Make a new vault')).toHaveFocus();
  });

  it('opens an existing vault instead', async () => {
    const { user } = await openFirstRun();
    await user.click(button('Open an existing vault…'));
    await waitFor(() => expect(heading()).toBe('team'));
    expect(master()).toHaveFocus();
  });

  it('offers the backups of a vault that is gone', async () => {
    const left: BackupView = { id: 'b1', saved_at: '2026-11-20T10:00:00Z', size_bytes: 1, sound: true };
    const { user } = await openFirstRun({ lockedBackups: async () => [left] });
    expect(await screen.findByRole('alert')).toHaveTextContent('1 backup of it is still there');
    await user.click(button('Restore a backup…'));
    await waitFor(() => expect(heading()).toBe('Restore a backup'));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(heading()).toBe('Welcome to Undercroft'));
  });

  it.each<[string, UiError]>([
    ['something is there', { code: 'already-exists', path }],
    ['the folder is read-only', { code: 'read-only', path }],
    ['the folder is missing', { code: 'folder-missing', path }],
    ['access is refused', { code: 'no-permission', path }],
    ['the disk is full', { code: 'disk-full', path }],
    ['the disk fails', { code: 'disk', path, detail: 'os error 5' }],
  ])('goes back to the place when %s, and keeps the password', async (_, problem) => {
    const { user, fake, called } = await openPassword();
    fake.fail('createVault', problem);
    await user.keyboard(`${FRESH}{Enter}${FRESH}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('What you typed is kept.');
    expect(heading()).toBe('Welcome to Undercroft');
    expect(field('The vault’s file')).toHaveFocus();
    expect(field('The vault’s file')).toHaveAccessibleDescription(new RegExp(path));
    fake.fail('createVault', null);
    await user.clear(field('The vault’s file'));
    await user.keyboard('/elsewhere/vault.undercroft{Enter}');
    expect(master()).toHaveValue(FRESH);
    expect(master()).toHaveFocus();
    await user.click(button('Continue'));
    await screen.findByTestId('recovery-key');
    expect(called('createVault')).toBe(2);
    expect(screen.getByText('Step 3 of 3')).toBeVisible();
  });

  it('opens what is there instead, where that is wanted', async () => {
    const { user, fake, sent } = await openPassword();
    fake.fail('createVault', { code: 'already-exists', path });
    await user.keyboard(`${FRESH}{Enter}${FRESH}{Enter}`);
    await user.click(await screen.findByRole('button', { name: 'Open it instead' }));
    await waitFor(() => expect(heading()).toBe('vault'));
    expect(sent).toContain(`openVault ${JSON.stringify([path])}`);
  });

  it('says any other failure above the button', async () => {
    const { user, fake } = await openPassword();
    fake.fail('createVault', { code: 'internal' });
    await user.keyboard(`${FRESH}{Enter}${FRESH}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('went wrong');
    expect(master()).toHaveValue(FRESH);
    expect(field('The same again')).toHaveValue(FRESH);
  });

  it('goes back by Esc without losing the password, but not while the vault is being made', async () => {
    let finish = (): void => {};
    const createVault = vi.fn(() => new Promise<never>((_, reject) => (finish = () => reject(new Error('x')))));
    const { user } = await openPassword({ createVault });
    await user.keyboard(FRESH);
    await user.keyboard('{Escape}');
    expect(heading()).toBe('Welcome to Undercroft');
    await user.click(button('Make a new vault'));
    expect(master()).toHaveValue(FRESH);
    await user.type(field('The same again'), `${FRESH}{Enter}`);
    await waitFor(() => expect(createVault).toHaveBeenCalled());
    await user.keyboard('{Escape}');
    expect(heading()).toBe('Choose a master password');
    expect(button('Making the vault…')).toHaveAttribute('aria-busy', 'true');
    finish();
  });
});

describe('a new master password', () => {
  it('shows how good it is as the typing pauses', async () => {
    const { user } = await openPassword();
    const meter = screen.getByRole('meter', { name: 'Password strength' });
    expect(meter).toHaveAttribute('aria-valuetext', 'Nothing typed');
    await user.keyboard('abc');
    await waitFor(() => expect(meter).toHaveAttribute('aria-valuetext', 'Guessed at once'));
    expect(screen.getByText(/very common password/)).toBeVisible();
    await user.keyboard('defghijklmnopq');
    await waitFor(() => expect(meter).toHaveAttribute('aria-valuetext', 'Strong'));
  });

  it('is refused while weak, with the reason beside it', async () => {
    const { user, called } = await openPassword();
    await user.keyboard('short{Enter}short{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('too easy to guess');
    expect(master()).toHaveFocus();
    expect(master()).toBeInvalid();
    expect(called('createVault')).toBe(0);
  });

  it('is refused while the two differ', async () => {
    const { user, called } = await openPassword();
    await user.keyboard(`${FRESH}{Enter}${FRESH.slice(0, -1)}`);
    expect(screen.queryByRole('alert')).toBeNull();
    await user.keyboard('x');
    expect(await screen.findByRole('alert')).toHaveTextContent('The two differ');
    await user.keyboard('{Enter}');
    await settled();
    expect(called('createVault')).toBe(0);
    expect(field('The same again')).toHaveFocus();
    await user.keyboard(`${FRESH}{Enter}`);
    await screen.findByTestId('recovery-key');
  });

  it('is asked for twice', async () => {
    const { user, called } = await openPassword();
    await user.click(button('Continue'));
    expect(await screen.findByRole('alert')).toHaveTextContent('Choose a password');
    await user.keyboard(FRESH);
    await user.click(button('Continue'));
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('second time'));
    expect(field('The same again')).toHaveFocus();
    expect(called('createVault')).toBe(0);
  });

  it('is judged by what stands in the field when Enter is pressed, however fast', async () => {
    const { user, called } = await openPassword();
    await user.keyboard(`${FRESH}{Enter}${FRESH}`);
    await settled();
    await user.clear(master());
    await user.keyboard('abc');
    await user.clear(field('The same again'));
    await user.keyboard('abc{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('too easy to guess');
    expect(called('createVault')).toBe(0);
  });
});

describe('the recovery kit', () => {
  it('is not left before it is kept', async () => {
    const { user, called } = await openKit();
    await user.click(button('Open the vault'));
    expect(await screen.findByRole('alert')).toHaveTextContent('then tick this');
    expect(screen.getByRole('checkbox')).toHaveFocus();
    await user.keyboard('{Escape}');
    await settled();
    expect([called('finishPassword'), called('cancelPassword')]).toEqual([0, 0]);
    expect(screen.getByTestId('recovery-key')).toBeVisible();
  });

  it('is saved, or says why not', async () => {
    const { user, fake } = await openKit();
    fake.fail('saveRecoveryKit', { code: 'already-exists', path: '/home/robin/kit.txt' });
    await user.click(button('Save…'));
    expect(await screen.findByRole('alert')).toHaveTextContent('/home/robin/kit.txt is not overwritten');
    fake.fail('saveRecoveryKit', null);
    await user.click(button('Save…'));
    expect(await screen.findByText(/^Saved as .*recovery-kit\.txt$/)).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('is printed', async () => {
    const print = vi.fn();
    vi.stubGlobal('print', print);
    const { user } = await openKit();
    await user.click(button('Print…'));
    expect(print).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });

  it('stays where the vault can’t be gone on to', async () => {
    const { user, fake } = await openKit();
    fake.fail('finishPassword', { code: 'locked' });
    await user.click(screen.getByRole('checkbox'));
    await user.click(button('Open the vault'));
    expect(await screen.findByRole('alert')).toHaveTextContent('locked');
    expect(screen.getByTestId('recovery-key')).toBeVisible();
  });
});
