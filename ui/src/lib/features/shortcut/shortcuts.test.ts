import { describe, expect, it } from 'vitest';
import { actionOf } from './shortcuts';

function press(
  key: string,
  more: KeyboardEventInit = {},
  target: EventTarget = document.body,
): ReturnType<typeof actionOf> {
  const event = new KeyboardEvent('keydown', { key, ...more });
  Object.defineProperty(event, 'target', { value: target });
  return actionOf(event);
}

describe('shortcuts', () => {
  it.each([
    ['k', 'search'],
    ['l', 'lock'],
    ['n', 'add'],
    ['f', 'filter'],
    ['1', 'accounts'],
    ['2', 'sessions'],
    [',', 'settings'],
  ])('Ctrl+%s is %s', (key, action) => expect(press(key, { ctrlKey: true })).toBe(action));

  it('take single characters outside of fields only', () => {
    expect(press('/')).toBe('search');
    expect(press('?', { shiftKey: true })).toBe('help');
    expect(press('/', {}, document.createElement('input'))).toBeNull();
    expect(press('k', { ctrlKey: true }, document.createElement('input'))).toBe('search');
  });

  it('leave other keys alone', () => {
    expect(press('c', { ctrlKey: true })).toBeNull();
    expect(press('k', { ctrlKey: true, shiftKey: true })).toBeNull();
    expect(press('a')).toBeNull();
  });
});
