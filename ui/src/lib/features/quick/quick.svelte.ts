import { commands, events, Failure } from '$lib/api/client';
import type { QuickWindowView, SearchHit, UiError } from '$lib/api/client';
import type { HitAction } from '$lib/features/search/hit-actions';
import { Palette } from '$lib/features/search/palette.svelte';
import type { PaletteHost } from '$lib/features/search/palette.svelte';
import type { Wait } from '$lib/features/session/session-request.svelte';
import { applyTheme } from '$lib/features/theme/theme';
import { SignIn } from './sign-in.svelte';

/**
 * The quick window: the search, or in its place the sheet of a sign-in.
 *
 * The window is kept and shown again and again, so nothing of one use may be left for the next.
 */
export class QuickWindow implements PaletteHost {
  readonly palette = new Palette(this);
  readonly signIn = new SignIn();
  /** The global shortcut, where there is one. */
  shortcut = $state<string | null>(null);
  problem = $state.raw<UiError | null>(null);
  /** Grows whenever the window is shown again. */
  shown = $state(0);

  /** Begins to follow the backend; answers with what ends it. */
  start(): () => void {
    const ends = [
      events.quickShown(() => void this.begin()),
      events.signInMoved(({ sign_in }) => this.signIn.show(sign_in)),
      events.changed(() => void this.#follow()),
    ];
    void this.begin();
    return () => {
      for (const end of ends) void end.then((stop) => stop());
    };
  }

  /** Begins anew: an empty field, the first list, and whatever sign-in is under way. */
  async begin(): Promise<void> {
    this.shown += 1;
    await Promise.all([this.palette.reset(), this.#look()]);
  }

  /** Hides the window. */
  async hide(): Promise<void> {
    this.done();
    await this.#run(() => commands.hideQuick());
  }

  idle(): Promise<readonly SearchHit[]> {
    return commands.quickList();
  }

  async perform(action: HitAction, hit: SearchHit): Promise<Wait | void> {
    if (hit.profile && (action === 'session' || action === 'console')) {
      const answer =
        action === 'session'
          ? await commands.quickCopyProfile(hit.item)
          : await commands.openConsole({ profile: hit.item, service: '', region: '' });
      return answer.kind === 'wait' ? answer : undefined;
    }
    switch (action) {
      case 'code':
      case 'password':
      case 'session': {
        const answer = await commands.quickCopy(hit.item, action);
        return answer.kind === 'wait' ? answer : undefined;
      }
      case 'console':
        await commands.openSignIn(hit.item);
        return;
      case 'open':
        await commands.showItem(hit.item);
        return;
      case 'steps':
        this.signIn.show(await commands.beginSignIn(hit.item));
    }
  }

  /** The window is hidden now: what was typed goes, the list is made ready for the next time. */
  done(): void {
    void this.palette.reset();
  }

  async #look(): Promise<void> {
    const { moves } = this.signIn;
    await this.#run(async () => {
      const { sign_in } = await this.#dress();
      // What was heard of the sign-in in the meantime is newer.
      if (moves === this.signIn.moves) this.signIn.show(sign_in);
    });
  }

  async #follow(): Promise<void> {
    await Promise.all([this.palette.reload(), this.#run(() => this.#dress())]);
  }

  async #dress(): Promise<QuickWindowView> {
    const view = await commands.quickWindow();
    applyTheme(view.theme);
    this.shortcut = view.shortcut;
    return view;
  }

  async #run(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.problem = null;
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    }
  }
}
