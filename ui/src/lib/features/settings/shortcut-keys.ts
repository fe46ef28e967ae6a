/** How the keys of a global shortcut are written: `Ctrl+Alt+U`. */

const MODIFIERS = ['Control', 'Alt', 'AltGraph', 'Shift', 'Meta', 'Super', 'OS', 'Hyper'];

/** The keys besides letters, digits and F1 to F24, by `KeyboardEvent.code`. */
const NAMED: Record<string, string> = {
  Space: 'Space',
  Enter: 'Enter',
  Backspace: 'Backspace',
  Delete: 'Delete',
  Insert: 'Insert',
  Home: 'Home',
  End: 'End',
  PageUp: 'PageUp',
  PageDown: 'PageDown',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
};

/** The modifiers that are held, in the usual order. */
export function heldModifiers(event: KeyboardEvent): string[] {
  return [
    event.ctrlKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey ? 'Shift' : '',
    event.metaKey ? 'Super' : '',
  ].filter(Boolean);
}

/** What became of a key press while a shortcut is being recorded. */
export type Pressed =
  | { readonly kind: 'modifiers'; readonly held: readonly string[] }
  | { readonly kind: 'keys'; readonly keys: string }
  /** A key that can't be in a shortcut, or one without Ctrl, Alt or Super. */
  | { readonly kind: 'unfit' };

/** Reads a key press as a shortcut. */
export function pressed(event: KeyboardEvent): Pressed {
  const held = heldModifiers(event);
  if (MODIFIERS.includes(event.key)) return { kind: 'modifiers', held };
  const key = keyOf(event);
  const strong = event.ctrlKey || event.altKey || event.metaKey;
  if (key === null || !strong) return { kind: 'unfit' };
  return { kind: 'keys', keys: [...held, key].join('+') };
}

/** A letter as the layout has it, since that is what is printed on the key; other keys by their place. */
function keyOf({ key, code }: KeyboardEvent): string | null {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  const letterOrDigit = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  if (letterOrDigit) return letterOrDigit;
  if (/^F([1-9]|1\d|2[0-4])$/.test(code)) return code;
  return NAMED[code] ?? null;
}
