import { cleanup, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import Dialog from './Dialog.svelte';
import Menu from './Menu.svelte';
import Ring from './Ring.svelte';
import SecretField from './SecretField.svelte';
import TagsField from './TagsField.svelte';
import { toasts } from './toasts.svelte';
import VirtualList from './VirtualList.svelte';

const text = (words: string) => createRawSnippet(() => ({ render: () => `<p>${words}</p>` }));

afterEach(cleanup);

describe('a ring of seconds', () => {
  const number = () => [...document.querySelectorAll('.seen')].map((one) => one.textContent);
  const offset = () => Number(document.querySelector('.left')?.getAttribute('stroke-dashoffset'));

  it('shows what is left, and steps without a change that lays out the page', async () => {
    const { rerender } = render(Ring, { left: 30, of: 30 });
    expect([number(), offset()]).toEqual([['30'], 0]);
    const changes: MutationRecord[] = [];
    const watch = new MutationObserver((seen) => changes.push(...seen));
    watch.observe(document.body, { subtree: true, attributes: true, childList: true, characterData: true });
    await rerender({ left: 29, of: 30 });
    await Promise.resolve();
    expect(number()).toEqual(['29']);
    expect(offset()).toBeCloseTo((2 * Math.PI * 15) / 30, 1);
    expect(new Set(changes.map((one) => one.attributeName))).toEqual(new Set(['class', 'stroke-dashoffset']));
    watch.disconnect();
    // What was seen looks like what never was.
    const unseen = [...document.querySelectorAll('text:not(.seen)')].map((one) => one.getAttribute('class'));
    expect(new Set(unseen).size).toBe(1);
    await rerender({ left: 0, of: 30, ending: true });
    expect(number()).toEqual(['0']);
  });

  it('follows another period', async () => {
    const { rerender } = render(Ring, { left: 12, of: 30 });
    await rerender({ left: 45, of: 60 });
    expect(number()).toEqual(['45']);
    await rerender({ left: 7, of: 10 });
    expect(number()).toEqual(['7']);
  });
});

describe('a secret field', () => {
  it('gives its text when asked and forgets it when told', async () => {
    const { component } = render(SecretField, { label: 'Secret' });
    const input = screen.getByLabelText<HTMLInputElement>('Secret');
    await userEvent.type(input, 'hunter2');
    expect(component.read()).toBe('hunter2');
    expect(document.body.innerHTML).not.toContain('hunter2');
    component.wipe();
    expect(input.value).toBe('');
  });

  it('is wiped when it leaves the page', async () => {
    const { unmount } = render(SecretField, { label: 'Secret' });
    const input = screen.getByLabelText<HTMLInputElement>('Secret');
    await userEvent.type(input, 'hunter2');
    unmount();
    expect(input.value).toBe('');
  });

  it('shows and hides what is typed', async () => {
    render(SecretField, { label: 'Secret' });
    const input = screen.getByLabelText<HTMLInputElement>('Secret');
    expect(input.type).toBe('password');
    await userEvent.click(screen.getByRole('button', { name: 'Show secret' }));
    expect(input.type).toBe('text');
  });
});

describe('a dialog', () => {
  it('closes on Escape', async () => {
    const close = vi.fn();
    render(Dialog, { title: 'Edit', close, children: text('body') });
    await userEvent.keyboard('{Escape}');
    expect(close).toHaveBeenCalledOnce();
  });

  it('asks once before typed things are lost', async () => {
    const close = vi.fn();
    render(Dialog, { title: 'Edit', close, dirty: true, children: text('body') });
    await userEvent.keyboard('{Escape}');
    expect(close).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Discard' }));
    expect(close).toHaveBeenCalledOnce();
  });

  it('takes the focus, keeps it, and gives it back', async () => {
    const before = document.body.appendChild(document.createElement('button'));
    before.focus();
    const { unmount } = render(Dialog, { title: 'Edit', close: vi.fn(), children: text('body') });
    const dialog = screen.getByRole('dialog', { name: 'Edit' });
    expect(dialog.contains(document.activeElement)).toBe(true);
    await userEvent.tab();
    await userEvent.tab();
    expect(dialog.contains(document.activeElement)).toBe(true);
    unmount();
    await Promise.resolve();
    expect(document.activeElement).toBe(before);
    before.remove();
  });
});

describe('a menu', () => {
  it('works by keyboard alone', async () => {
    const chosen = vi.fn();
    const items = [
      { label: 'Edit', onselect: () => chosen('edit') },
      { label: 'History', onselect: () => chosen('history') },
      { label: 'Remove', onselect: () => chosen('remove') },
    ];
    render(Menu, { label: 'More', items });
    const trigger = screen.getByRole('button', { name: 'More' });
    trigger.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('Edit');
    await userEvent.keyboard('{ArrowUp}');
    expect(document.activeElement?.textContent).toContain('Remove');
    await userEvent.keyboard('h{Enter}');
    expect(chosen).toHaveBeenCalledExactlyOnceWith('history');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(trigger);
  });

  it('closes on Escape without doing anything', async () => {
    const onselect = vi.fn();
    render(Menu, { label: 'More', items: [{ label: 'Edit', onselect }] });
    await userEvent.click(screen.getByRole('button', { name: 'More' }));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(onselect).not.toHaveBeenCalled();
  });
});

describe('a tags field', () => {
  it('takes words by Enter and comma, each once, and lets go of them', async () => {
    render(TagsField, { label: 'Tags', value: [] });
    const input = screen.getByLabelText('Tags');
    await userEvent.type(input, 'pci{Enter}data,pci{Enter}');
    expect(screen.getAllByRole('button').map((one) => one.getAttribute('aria-label'))).toEqual([
      'Remove tag pci',
      'Remove tag data',
    ]);
    await userEvent.type(input, '{Backspace}');
    expect(screen.getAllByRole('button')).toHaveLength(1);
  });
});

describe('a virtual list', () => {
  const items = Array.from({ length: 10_000 }, (_, at) => `row ${at}`);
  const row = createRawSnippet((item: () => string) => ({ render: () => `<span>${item()}</span>` }));
  const props = { label: 'Rows', items, key: (item: string) => item, height: () => 3, row };

  it('has only the rows in view on the page', () => {
    render(VirtualList<string>, { ...props, chosen: null, onchoose: vi.fn() });
    const rows = screen.getAllByRole('option');
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(40);
    expect(rows[0]?.getAttribute('aria-setsize')).toBe('10000');
  });

  it('moves by keyboard to the very end and back', async () => {
    const onchoose = vi.fn();
    render(VirtualList<string>, { ...props, chosen: 'row 3', onchoose });
    screen.getByRole('listbox').focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(onchoose).toHaveBeenLastCalledWith('row 4', 'keys');
    await userEvent.keyboard('{End}');
    expect(onchoose).toHaveBeenLastCalledWith('row 9999', 'keys');
    await userEvent.keyboard('{Home}');
    expect(onchoose).toHaveBeenLastCalledWith('row 0', 'keys');
  });

  it('passes over headings', async () => {
    const onchoose = vi.fn();
    const choosable = (item: string): boolean => item !== 'row 4';
    render(VirtualList<string>, { ...props, choosable, chosen: 'row 3', onchoose });
    screen.getByRole('listbox').focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(onchoose).toHaveBeenLastCalledWith('row 5', 'keys');
  });
});

describe('toasts', () => {
  afterEach(() => {
    toasts.clear();
    vi.useRealTimers();
  });

  it('go by themselves, later where there is something to do', () => {
    vi.useFakeTimers();
    toasts.say('Copied.');
    toasts.say('Binned.', { label: 'Undo', run: vi.fn() });
    vi.advanceTimersByTime(6_000);
    expect(toasts.list.map((one) => one.text)).toEqual(['Binned.']);
    vi.advanceTimersByTime(7_000);
    expect(toasts.list).toEqual([]);
  });

  it('do not pile up', () => {
    for (let at = 0; at < 5; at += 1) toasts.say('Copied.');
    expect(toasts.list).toHaveLength(1);
    for (let at = 0; at < 5; at += 1) toasts.say(`Message ${at}`);
    expect(toasts.list).toHaveLength(3);
  });
});
