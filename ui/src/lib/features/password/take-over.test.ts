import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';
import { button, field, master, openWindow, RECOVERY_KEY, RIGHT, settled } from './testing';

const NAME = 'Take over from the agent';
const offer = (): Promise<HTMLElement> => screen.findByRole('button', { name: NAME });
const primary = (): string[] => [...document.querySelectorAll('button.primary')].map((one) => one.textContent.trim());

describe('a vault that an agent has', () => {
  it('is taken over with two keys, and opens with what was typed', async () => {
    const { user, fake, called, sent } = await openWindow({ agent: 4711 });
    await user.keyboard(`${RIGHT}{Enter}`);
    expect(await offer()).toHaveFocus();
    expect(button(NAME)).toHaveAccessibleDescription(/next answers from here, once the vault is unlocked/);
    expect(screen.getByRole('alert')).toHaveTextContent('An agent has the vault open');
    expect(primary()).toEqual([NAME]);
    expect(master()).toHaveValue(RIGHT);
    expect(called('takeOver')).toBe(0);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect([called('takeOver'), called('unlock'), fake.agent]).toEqual([1, 2, null]);
    expect(sent.join()).not.toContain(RIGHT);
  });

  it('is asked for again where the password was wrong', async () => {
    const { user } = await openWindow({ agent: 4711 });
    await user.keyboard('not this one{Enter}');
    await user.click(await offer());
    expect(await screen.findByRole('alert')).toHaveTextContent('does not open the vault');
    expect(screen.queryByRole('button', { name: NAME })).toBeNull();
    expect(master()).toHaveFocus();
    expect(primary()).toEqual(['Unlock']);
  });

  it('is taken over for quick unlock, too, with one first choice', async () => {
    const { user, called } = await openWindow({ agent: 4711, quickUnlock: true });
    await user.keyboard('{Enter}');
    expect(await offer()).toHaveFocus();
    expect(primary()).toEqual([NAME]);
    expect(screen.getAllByRole('alert')).toHaveLength(1);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect([called('takeOver'), called('unlockQuickly'), called('unlock')]).toEqual([1, 2, 0]);
  });

  it('is offered once, whichever way was tried', async () => {
    const { user, called } = await openWindow({ agent: 4711, quickUnlock: true });
    await user.keyboard('{Enter}');
    await offer();
    await user.type(master(), `${RIGHT}{Enter}`);
    await waitFor(() => expect(called('unlock')).toBe(1));
    await settled();
    expect(screen.getAllByRole('button', { name: NAME })).toHaveLength(1);
    await user.click(button(NAME));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect([called('unlockQuickly'), called('unlock')]).toEqual([1, 2]);
  });

  it('is taken over for the recovery key', async () => {
    const { user, called } = await openWindow({ agent: 4711 });
    await user.click(button('Use recovery key'));
    await user.keyboard(`${RECOVERY_KEY}{Enter}`);
    expect(await offer()).toHaveFocus();
    expect(field('Recovery key')).toHaveValue(RECOVERY_KEY);
    expect(primary()).toEqual([NAME]);
    await user.keyboard('{Enter}');
    expect(await screen.findByLabelText('New master password')).toBeInTheDocument();
    expect([called('takeOver'), called('unlockWithRecoveryKey')]).toEqual([1, 2]);
  });

  it('says so where the agent does not let go, and can be tried again', async () => {
    const { user, fake } = await openWindow({ agent: 4711 });
    fake.fail('takeOver', { code: 'agent-keeps-vault', pid: 4711 });
    await user.keyboard(`${RIGHT}{Enter}`);
    await user.click(await offer());
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('did not let the vault go'));
    expect(screen.getByRole('alert')).toHaveTextContent('4711');
    expect(button(NAME)).toHaveFocus();
    expect(master()).toHaveValue(RIGHT);
    fake.fail('takeOver', null);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
  });

  it('shows that it waits, and asks once', async () => {
    const takeOver = vi.fn(() => new Promise<never>(() => {}));
    const { user } = await openWindow({ agent: 4711 }, { takeOver });
    await user.keyboard(`${RIGHT}{Enter}`);
    await user.click(await offer());
    await waitFor(() => expect(button('Waiting for the agent…')).toHaveAttribute('aria-busy', 'true'));
    expect(screen.getAllByRole('status').some((one) => one.textContent.includes('Waiting for the agent…'))).toBe(true);
    await user.keyboard('{Enter}');
    await settled();
    expect(takeOver).toHaveBeenCalledOnce();
  });

  it('opens without taking over once the agent has ended', async () => {
    const { user, fake, called } = await openWindow({ agent: 4711 });
    await user.keyboard(`${RIGHT}{Enter}`);
    await offer();
    fake.agent = null;
    await user.click(button('Unlock'));
    await waitFor(() => expect(screen.queryByLabelText('Master password')).toBeNull());
    expect(called('takeOver')).toBe(0);
  });

  it('offers nothing where another program has it', async () => {
    const { user, fake } = await openWindow();
    fake.fail('unlock', { code: 'in-use', pid: 4711, agent: false });
    await user.keyboard(`${RIGHT}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('4711');
    expect(screen.queryByRole('button', { name: NAME })).toBeNull();
  });
});
