import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';
import { button, master, openWindow, RIGHT, settled } from './testing';

const path = '/home/robin/.local/share/undercroft/vault.undercroft';
const quick = () => button('Quick unlock');

describe('quick unlock', () => {
  it('is not there unless it is offered', async () => {
    const { called } = await openWindow();
    expect(screen.queryByRole('button', { name: 'Quick unlock' })).toBeNull();
    expect(master()).toHaveFocus();
    expect(called('unlockQuickly')).toBe(0);
  });

  it('is one key, and says who else has it', async () => {
    const { user, called } = await openWindow({ quickUnlock: true });
    expect(quick()).toHaveFocus();
    expect(quick()).toHaveAccessibleDescription(/Anyone at this desktop/);
    expect(called('unlockQuickly')).toBe(0);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(called('unlockQuickly')).toBe(1));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect(called('unlock')).toBe(0);
  });

  it('leaves the password possible', async () => {
    const { user, called } = await openWindow({ quickUnlock: true });
    await user.type(master(), `${RIGHT}{Enter}`);
    await waitFor(() => expect(called('unlock')).toBe(1));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect(called('unlockQuickly')).toBe(0);
  });

  it('does not wait for what wrong passwords cost', async () => {
    const { user, fake, called } = await openWindow({ quickUnlock: true });
    fake.wrongTries = 5;
    await user.type(master(), 'wrong{Enter}');
    expect(await screen.findByRole('timer')).toBeVisible();
    await user.click(quick());
    await waitFor(() => expect(called('unlockQuickly')).toBe(1));
  });

  it('gives way to the password when it has ended', async () => {
    const { user, fake, called } = await openWindow({ quickUnlock: true });
    fake.fail('unlockQuickly', { code: 'password-needed' });
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('The master password is needed');
    expect(screen.queryByRole('button', { name: 'Quick unlock' })).toBeNull();
    expect(master()).toHaveFocus();
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(called('unlock')).toBe(1));
  });

  it('stays where the vault only can’t be opened now', async () => {
    const { user, fake } = await openWindow({ quickUnlock: true });
    fake.fail('unlockQuickly', { code: 'in-use', pid: 4711, agent: false });
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('4711');
    fake.fail('unlockQuickly', null);
    await user.click(quick());
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
  });

  it('turns to what is wrong with the file when it finds that', async () => {
    const { user, fake } = await openWindow({ quickUnlock: true });
    fake.fail('unlockQuickly', { code: 'damaged', path, backups: 2 });
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('damaged');
    await waitFor(() => expect(screen.getByLabelText('Master password at that time')).toHaveFocus());
    expect(screen.queryByRole('button', { name: 'Quick unlock' })).toBeNull();
  });

  it('shows that it runs, and takes no second Enter meanwhile', async () => {
    const unlockQuickly = vi.fn(() => new Promise<never>(() => {}));
    const { user } = await openWindow({ quickUnlock: true }, { unlockQuickly });
    await user.keyboard('{Enter}');
    await waitFor(() => expect(button('Unlocking…')).toHaveAttribute('aria-busy', 'true'));
    await user.keyboard('{Enter}');
    await settled();
    expect(unlockQuickly).toHaveBeenCalledOnce();
  });

  it('is switched on with the master password, and says what that costs', async () => {
    const { user, fake, called } = await openWindow({
      mode: { kind: 'confirm', action: { kind: 'switch-on-quick-unlock' } },
    });
    expect(screen.getByText(/any program that runs as you can open the vault/)).toBeVisible();
    await user.keyboard('not this one{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('not the master password');
    expect(fake.quickUnlock).toBe('off');
    await user.keyboard(`${RIGHT}{Enter}`);
    await waitFor(() => expect(called('confirmPassword')).toBe(2));
    await waitFor(() => expect(fake.quickUnlock).toBe('until-logout'));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
  });

  it('says where the machine keeps no key', async () => {
    const { user, fake } = await openWindow({
      mode: { kind: 'confirm', action: { kind: 'switch-on-quick-unlock' } },
    });
    fake.fail('confirmPassword', { code: 'no-keychain' });
    await user.keyboard(`${RIGHT}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('not possible here');
  });
});
