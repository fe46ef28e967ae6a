import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '$lib/api/client';
import type { SearchHit } from '$lib/api/client';
import type { Wait } from '$lib/features/session/session-request.svelte';
import { hitActionOf } from './hit-actions';
import type { HitAction } from './hit-actions';
import { Palette } from './palette.svelte';

const identity = { name: 'robin', kind: 'iam-user', has_password: true, keys: 1, devices: 1 };
const full = { item: 'robin', identity, device: 'phone' } as unknown as SearchHit;
const bare = { item: 'bot', identity: { ...identity, has_password: false, keys: 0 }, device: null } as SearchHit;
const account = { item: 'acme', identity: null, device: null } as unknown as SearchHit;

function paletteOf(hits: SearchHit[]): {
  palette: Palette;
  perform: ReturnType<typeof vi.fn<(action: HitAction, hit: SearchHit) => Promise<Wait | void>>>;
  done: ReturnType<typeof vi.fn<() => void>>;
} {
  const perform = vi.fn<(action: HitAction, hit: SearchHit) => Promise<Wait | void>>().mockResolvedValue(undefined);
  const done = vi.fn<() => void>();
  return { palette: new Palette({ idle: async () => hits, perform, done }), perform, done };
}

describe('the keys of the search', () => {
  it.each([
    [{ key: 'Enter' }, 'code'],
    [{ key: 'Enter', shiftKey: true }, 'password'],
    [{ key: 'Enter', ctrlKey: true }, 'console'],
    [{ key: 'Enter', metaKey: true }, 'console'],
    [{ key: 'Enter', altKey: true }, 'session'],
    [{ key: 'i', ctrlKey: true }, 'steps'],
    [{ key: 'O', ctrlKey: true }, 'open'],
    [{ key: 'i' }, null],
    [{ key: 'i', ctrlKey: true, shiftKey: true }, null],
    [{ key: 'a', ctrlKey: true }, null],
  ])('%o is %s', (init, action) => expect(hitActionOf(new KeyboardEvent('keydown', init))).toBe(action));
});

describe('what is done with a hit', () => {
  beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => vi.useRealTimers());

  it('is done by the window around, which then closes', async () => {
    const { palette, perform, done } = paletteOf([full]);
    await palette.reset();
    await palette.perform('code');
    expect(perform).toHaveBeenCalledExactlyOnceWith('code', full);
    expect(done).toHaveBeenCalledOnce();
  });

  it('opens what has no code', async () => {
    const { palette, perform } = paletteOf([bare, account]);
    await palette.reset();
    await palette.perform('code');
    palette.move(1);
    await palette.perform('code');
    expect(perform.mock.calls.map(([action]) => action)).toEqual(['open', 'open']);
  });

  it.each([
    ['password', bare, 'No password is kept for robin.'],
    ['session', bare, 'robin has no access key to make a session from.'],
    ['console', account, 'This is an account: choose one of its identities for that.'],
  ] as const)('says what is lacking for %s', async (action, hit, lack) => {
    const { palette, perform, done } = paletteOf([hit]);
    await palette.reset();
    await palette.perform(action);
    expect(palette.lack).toBe(lack);
    expect(perform).not.toHaveBeenCalled();
    expect(done).not.toHaveBeenCalled();
    palette.move(1);
    expect(palette.lack).toBeNull();
  });

  it('waits for the next code, unless something else is typed', async () => {
    const { palette, perform, done } = paletteOf([full]);
    await palette.reset();
    perform.mockResolvedValueOnce({ kind: 'wait', secs: 12 });
    const asked = palette.perform('session');
    await vi.advanceTimersByTimeAsync(0);
    expect(palette.request.state).toEqual({ kind: 'waiting', until: 1_012_000 });
    await vi.advanceTimersByTimeAsync(13_000);
    await asked;
    expect(done).toHaveBeenCalledOnce();

    perform.mockResolvedValueOnce({ kind: 'wait', secs: 12 });
    const given = palette.perform('session');
    await vi.advanceTimersByTimeAsync(0);
    await palette.type('');
    await given;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(perform).toHaveBeenCalledTimes(3);
    expect(done).toHaveBeenCalledOnce();
  });

  describe('asked for by key before the list answers the field', () => {
    /** A palette whose lists come when they are given; it shows `bare` at first. */
    async function slow(): Promise<ReturnType<typeof paletteOf> & { answer: (...hits: SearchHit[]) => Promise<void> }> {
      const asked: ((hits: SearchHit[]) => void)[] = [];
      const made = paletteOf([]);
      const host = { idle: () => new Promise<SearchHit[]>((give) => asked.push(give)), ...made };
      const palette = new Palette(host);
      const answer = async (...hits: SearchHit[]): Promise<void> => {
        asked.pop()?.(hits);
        await vi.advanceTimersByTimeAsync(0);
      };
      void palette.type('');
      await answer(bare, full);
      return { ...made, palette, answer };
    }

    it('is done with the hit that is chosen then, and once', async () => {
      const { palette, perform, answer } = await slow();
      void palette.type('');
      await palette.press('password');
      await palette.press('session');
      expect(perform).not.toHaveBeenCalled();
      await answer(full, bare);
      expect(perform).toHaveBeenCalledExactlyOnceWith('session', full);
      void palette.reload();
      await answer(full, bare);
      expect(perform).toHaveBeenCalledOnce();
    });

    it('is done after a change elsewhere has asked anew', async () => {
      const { palette, perform, answer } = await slow();
      void palette.type('');
      await palette.press('code');
      void palette.reload();
      await answer(full);
      expect(perform).toHaveBeenCalledExactlyOnceWith('code', full);
    });

    it.each([
      ['more typing', (palette: Palette) => void palette.type(' ')],
      ['a reset, as when the window is hidden', (palette: Palette) => void palette.reset()],
      ['a move in the old list', (palette: Palette) => palette.move(1)],
      ['a choice in the old list', (palette: Palette) => palette.choose(1)],
    ])('is forgotten with %s', async (_, then) => {
      const { palette, perform, answer } = await slow();
      void palette.type('');
      await palette.press('code');
      then(palette);
      await answer(full);
      expect(palette.search.hit).toBe(full);
      expect(perform).not.toHaveBeenCalled();
      await palette.press('code');
      expect(perform).toHaveBeenCalledExactlyOnceWith('code', full);
    });

    it('is not done for a line that was chosen in the old list', async () => {
      const { palette, perform, answer } = await slow();
      void palette.type('');
      palette.move(1);
      await palette.press('code');
      await answer(full, bare);
      expect(perform).not.toHaveBeenCalled();
    });
  });

  it('keeps why it failed', async () => {
    const { palette, perform, done } = paletteOf([full]);
    await palette.reset();
    perform.mockRejectedValueOnce(new Failure({ code: 'no-clipboard' }));
    await palette.perform('code');
    expect(palette.request.state).toEqual({ kind: 'failed', problem: { code: 'no-clipboard' } });
    expect(done).not.toHaveBeenCalled();
  });
});
