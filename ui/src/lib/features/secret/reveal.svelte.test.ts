import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { Reveal } from './reveal.svelte';

describe('a revealed secret', () => {
  let fake: Fake;
  let place: HTMLElement;
  let reveal: Reveal;
  let leave: () => void;
  let secret: { kind: 'password'; identity: string };
  let text: string;

  beforeEach(() => {
    fake = new Fake({ accounts: 1 });
    use(fake);
    const owner = fake.identities.find((one) => one.password !== null);
    secret = { kind: 'password', identity: owner?.id ?? '' };
    text = owner?.password?.value ?? '';
    place = document.body.appendChild(document.createElement('code'));
    reveal = new Reveal();
    leave = reveal.place(place);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    leave();
    place.remove();
    vi.useRealTimers();
  });

  it('stands in its one element, and is gone when hidden', async () => {
    await reveal.show(secret);
    expect(place.textContent).toBe(text);
    expect(reveal.shown).toBe(true);
    reveal.hide();
    expect(document.documentElement.outerHTML).not.toContain(text);
    expect(JSON.stringify({ ...reveal })).not.toContain(text);
  });

  it('goes by itself after 30 seconds', async () => {
    await reveal.show(secret);
    vi.advanceTimersByTime(29_900);
    expect(place.textContent).toBe(text);
    vi.advanceTimersByTime(200);
    expect(place.textContent).toBe('');
    expect(reveal.shown).toBe(false);
  });

  it('goes when the window loses the focus', async () => {
    await reveal.show(secret);
    window.dispatchEvent(new Event('blur'));
    expect(place.textContent).toBe('');
  });

  it('goes when its element leaves the page', async () => {
    await reveal.show(secret);
    leave();
    expect(place.textContent).toBe('');
  });

  it('does not appear when it was hidden while the answer was under way', async () => {
    const showing = reveal.show(secret);
    reveal.hide();
    await showing;
    expect(place.textContent).toBe('');
    expect(reveal.shown).toBe(false);
  });

  it('says why it could not be shown', async () => {
    fake.fail('reveal', { code: 'no-such-item' });
    await reveal.show(secret);
    expect(reveal.problem).toEqual({ code: 'no-such-item' });
    expect(reveal.busy).toBe(false);
  });
});
