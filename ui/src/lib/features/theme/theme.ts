import type { ThemeView } from '$lib/api/client';

/** Dresses the page in a theme; `system` leaves the choice to the desktop. */
export function applyTheme(theme: ThemeView): void {
  document.documentElement.dataset.theme = theme;
}
