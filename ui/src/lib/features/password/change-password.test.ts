import { screen, waitFor } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';
import type { Commands } from '$lib/api/client';
import { button, field, FRESH, openWindow, RIGHT, settled } from './testing';
import type { Opened } from './testing';

function openChange(over: Partial<Commands> = {}): Promise<Opened> {
  return openWindow({ mode: { kind: 'change-password' } }, over);
}

describe('changing the master password', () => {
  it('is done by keyboard alone', async () => {
    const { user, fake, sent, called } = await openChange();
    expect(field('Present master password')).toHaveFocus();
    const inputs = ['Present master password', 'New master password', 'The same again'].map(field);
    await user.keyboard(`${RIGHT}{Enter}${FRESH}{Enter}${FRESH}{Enter}`);
    await waitFor(() => expect(called('changePassword')).toBe(1));
    await waitFor(() => expect(screen.queryByLabelText('New master password')).toBeNull());
    expect(fake.masterPassword).toBe(FRESH);
    expect(inputs.map((input) => input.value)).toEqual(['', '', '']);
    expect(sent.join()).not.toContain(RIGHT);
    expect(sent.join()).not.toContain(FRESH);
  });

  it('says a wrong present password beside its field and keeps the new one', async () => {
    const { user, fake } = await openChange();
    await user.keyboard(`not this one{Enter}${FRESH}{Enter}${FRESH}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('not the master password');
    expect(field('Present master password')).toHaveFocus();
    expect(field('New master password')).toHaveValue(FRESH);
    expect(field('The same again')).toHaveValue(FRESH);
    await user.keyboard(RIGHT);
    await user.click(button('Change the password'));
    await waitFor(() => expect(fake.masterPassword).toBe(FRESH));
  });

  it('asks for the present one', async () => {
    const { user, called } = await openChange();
    await user.type(field('New master password'), FRESH);
    await user.type(field('The same again'), `${FRESH}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('present master password');
    expect(field('Present master password')).toHaveFocus();
    expect(called('changePassword')).toBe(0);
  });

  it('says that nothing was changed where it could not be saved', async () => {
    const { user, fake } = await openChange();
    fake.fail('changePassword', { code: 'disk-full', path: '/vaults' });
    await user.keyboard(`${RIGHT}{Enter}${FRESH}{Enter}${FRESH}{Enter}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('Nothing was changed');
    expect(field('Present master password')).toHaveValue(RIGHT);
    expect(field('New master password')).toHaveValue(FRESH);
  });

  it('is cancelled by the button or Esc, and then nothing typed stays', async () => {
    const { user, called } = await openChange();
    const input = field('Present master password');
    await user.keyboard(`${RIGHT}{Escape}`);
    await waitFor(() => expect(called('cancelPassword')).toBe(1));
    await waitFor(() => expect(input.isConnected).toBe(false));
    expect(input.value).toBe('');
  });

  it('is not cancelled halfway', async () => {
    const changePassword = vi.fn(() => new Promise<null>(() => {}));
    const { user, called } = await openChange({ changePassword });
    await user.keyboard(`${RIGHT}{Enter}${FRESH}{Enter}${FRESH}{Enter}`);
    await waitFor(() => expect(changePassword).toHaveBeenCalled());
    expect(button('Cancel')).toBeDisabled();
    await user.keyboard('{Escape}');
    await settled();
    expect(called('cancelPassword')).toBe(0);
  });
});
