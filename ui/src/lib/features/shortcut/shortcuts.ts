/** The shortcuts of the main window, as the help shows them. */
export const SHORTCUTS = [
  {
    title: 'Anywhere',
    keys: [
      ['Ctrl+K', 'Search'],
      ['/', 'Search'],
      ['Ctrl+L', 'Lock the vault'],
      ['Ctrl+N', 'Add an account'],
      ['Ctrl+F', 'Filter the accounts'],
      ['Ctrl+1', 'Accounts'],
      ['Ctrl+2', 'Sessions'],
      ['Ctrl+,', 'Settings'],
      ['Alt+Left', 'One step back'],
      ['?', 'These shortcuts'],
    ],
  },
  {
    title: 'In the search',
    keys: [
      ['Up, Down', 'Choose'],
      ['Enter', 'Copy the code'],
      ['Shift+Enter', 'Copy the password'],
      ['Ctrl+Enter', 'Open the console sign-in'],
      ['Ctrl+I', 'Sign in step by step'],
      ['Alt+Enter', 'Copy a session'],
      ['Ctrl+O', 'Open it in the window'],
    ],
  },
  {
    title: 'In lists',
    keys: [
      ['Up, Down', 'Choose'],
      ['Home, End', 'First, last'],
      ['Enter', 'Go on into it'],
    ],
  },
] as const;

/** What a key does in the window; nothing for keys that are none of its business. */
export type Action = 'search' | 'lock' | 'add' | 'filter' | 'accounts' | 'sessions' | 'settings' | 'back' | 'help';

/** Reads a key press. Single characters count only outside of fields. */
export function actionOf(event: KeyboardEvent): Action | null {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && !event.altKey && !event.shiftKey) {
    const commands: Record<string, Action> = {
      k: 'search',
      l: 'lock',
      n: 'add',
      f: 'filter',
      '1': 'accounts',
      '2': 'sessions',
      ',': 'settings',
    };
    return commands[key] ?? null;
  }
  if (event.altKey && event.key === 'ArrowLeft') return 'back';
  if (command || event.altKey || isField(event.target)) return null;
  if (event.key === '/') return 'search';
  if (event.key === '?') return 'help';
  return null;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}
