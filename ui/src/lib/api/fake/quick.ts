/** The quick window, the sign-in step by step and the desktop, as the fake plays them. */
import { Failure } from '../client';
import type {
  Backend,
  Commands,
  CopiedView,
  CopyTarget,
  DesktopView,
  QuickAnswerView,
  QuickCopyView,
  SearchHit,
  SettingsView,
  ShownItemView,
  SignInStepView,
  SignInView,
} from '../client';
import type { FakeIdentity } from './sample';

type Made = Pick<
  Commands,
  | 'quickWindow'
  | 'quickList'
  | 'quickCopy'
  | 'showItem'
  | 'beginSignIn'
  | 'takeSignInStep'
  | 'endSignIn'
  | 'showQuick'
  | 'hideQuick'
  | 'desktop'
  | 'setShortcut'
  | 'setStartsAtLogin'
  | 'setBrowser'
  | 'pinned'
  | 'orderPinned'
  | 'takeShownItem'
>;

interface Behind {
  identities(): FakeIdentity[];
  identity(id: string): FakeIdentity;
  hit(identity: FakeIdentity): SearchHit;
  copy(target: CopyTarget): CopiedView;
  getSession: Commands['getSession'];
  settings(): SettingsView;
  changed(id: string | null): void;
}

const MOST_LISTED = 12;

/** What the quick window and the desktop know. */
export class FakeQuick {
  desktop: DesktopView = {
    tray: true,
    shortcut: 'Ctrl+Alt+U',
    shortcut_state: 'active',
    starts_at_login: false,
    browser: null,
  };
  /** Shortcuts of other programs. */
  readonly taken = ['Ctrl+Alt+T'];
  /** The order of the pinned identities; those that are not in it come last. */
  order: string[] = [];
  /** Identities used of late, the last one first; nothing yet: the first few. */
  recent: string[] | null = null;
  signIn: SignInView | null = null;
  /** What the main window is to show when it starts. */
  shown: ShownItemView | null = null;
  visible = true;
  #behind: Behind | null = null;
  readonly #quickShown = new Set<(payload: null) => void>();
  readonly #showItem = new Set<(payload: ShownItemView) => void>();
  readonly #signInMoved = new Set<(payload: { sign_in: SignInView | null }) => void>();

  readonly events: Pick<Backend['events'], 'quickShown' | 'showItem' | 'signInMoved'> = {
    quickShown: async (heard) => {
      this.#quickShown.add(heard);
      return () => this.#quickShown.delete(heard);
    },
    showItem: async (heard) => {
      this.#showItem.add(heard);
      return () => this.#showItem.delete(heard);
    },
    signInMoved: async (heard) => {
      this.#signInMoved.add(heard);
      return () => this.#signInMoved.delete(heard);
    },
  };

  /** Tells the kept quick window that it is shown again. */
  tellShown(): void {
    this.visible = true;
    for (const heard of this.#quickShown) heard(null);
  }

  /** Tells the main window to turn to something. */
  tellShowItem(item: ShownItemView): void {
    for (const heard of this.#showItem) heard(item);
  }

  /** Takes the next step as the global shortcut does. */
  tellMoved(signIn: SignInView | null): void {
    this.signIn = signIn;
    for (const heard of this.#signInMoved) heard({ sign_in: signIn });
  }

  /** Begins a sign-in with so many steps taken; nobody sees it happen. */
  playSignIn(taken: number): void {
    const one = this.#behind?.identities().find((who) => who.kind === 'iam-user' && who.password);
    if (!one || !this.#behind) return;
    this.signIn = { ...signInOf(one, this.#behind.hit(one)), next: taken };
  }

  commands(behind: Behind): Made {
    this.#behind = behind;
    const hide = (): null => {
      this.visible = false;
      return null;
    };
    return {
      quickWindow: async () => ({
        theme: behind.settings().theme,
        clears_in_secs: behind.settings().clipboard_clears_in_secs,
        shortcut: this.desktop.shortcut_state === 'active' ? this.desktop.shortcut : null,
        sign_in: this.signIn,
      }),
      quickList: async () => this.#list(behind),
      quickCopy: async (identity, what) => {
        const answer = await copied(behind, identity, what);
        if (answer.kind === 'copied') hide();
        return answer;
      },
      showItem: async (item) => {
        const one = behind.identities().find((who) => who.id === item);
        this.tellShowItem({ item, account: one?.account ?? item, is_profile: false });
        return hide();
      },
      beginSignIn: async (identity) => {
        const one = behind.identity(identity);
        this.signIn = signInOf(one, behind.hit(one));
        return this.signIn;
      },
      takeSignInStep: async (step) => {
        if (!this.signIn) throw new Failure({ code: 'no-such-item' });
        copyStep(behind, this.signIn, step);
        this.signIn = step + 1 < this.signIn.steps.length ? { ...this.signIn, next: step + 1 } : null;
        if (!this.signIn) hide();
        return this.signIn;
      },
      endSignIn: async () => {
        this.signIn = null;
        return null;
      },
      showQuick: async () => {
        this.tellShown();
        return null;
      },
      hideQuick: async () => hide(),
      desktop: async () => this.desktop,
      setShortcut: async (keys) => {
        if (keys && this.taken.includes(keys)) throw new Failure({ code: 'shortcut-taken' });
        if (keys && !/^(Ctrl|Alt|Super)\+/.test(keys)) throw new Failure({ code: 'bad-shortcut' });
        this.desktop = { ...this.desktop, shortcut: keys, shortcut_state: keys ? 'active' : 'off' };
        return this.desktop;
      },
      setStartsAtLogin: async (on) => {
        this.desktop = { ...this.desktop, starts_at_login: on };
        return this.desktop;
      },
      setBrowser: async (command) => {
        if ((command?.split('"').length ?? 1) % 2 === 0) {
          throw new Failure({ code: 'invalid', problems: [{ field: 'command', message: 'a quote does not close' }] });
        }
        this.desktop = { ...this.desktop, browser: command };
        return this.desktop;
      },
      pinned: async () => this.#pinned(behind).map((one) => behind.hit(one)),
      orderPinned: async (identities) => {
        this.order = identities;
        behind.changed(null);
        return null;
      },
      takeShownItem: async () => {
        const { shown } = this;
        this.shown = null;
        return shown;
      },
    };
  }

  #pinned(behind: Behind): FakeIdentity[] {
    const pinned = behind.identities().filter((one) => one.favourite);
    const known = this.order.flatMap((id) => pinned.filter((one) => one.id === id));
    return [...known, ...pinned.filter((one) => !this.order.includes(one.id))];
  }

  #list(behind: Behind): SearchHit[] {
    const all = behind.identities();
    const users = all.filter((one) => one.kind === 'iam-user').map((one) => one.id);
    const recent = (this.recent ?? users.slice(0, 3)).flatMap((id) => all.filter((one) => one.id === id));
    return [...new Set([...this.#pinned(behind), ...recent])].slice(0, MOST_LISTED).map((one) => behind.hit(one));
  }
}

function signInOf(one: FakeIdentity, { account }: SearchHit): SignInView {
  const steps: SignInStepView[] =
    one.kind === 'root' ? ['open-page', 'email'] : ['open-page', 'account-name', 'user-name'];
  if (one.password) steps.push('password');
  if (one.devices.length > 0) steps.push('code');
  return { identity: one.id, name: one.name, kind: one.kind, account, steps, next: 0 };
}

function copyStep(behind: Behind, signIn: SignInView, step: number): void {
  const one = behind.identity(signIn.identity);
  const taken = signIn.steps[step];
  const identity = one.id;
  const device = one.devices[0]?.id ?? '';
  if (taken === 'account-name') behind.copy({ kind: 'alias', account: one.account });
  else if (taken === 'email' || taken === 'user-name') behind.copy({ kind: 'identity-name', identity });
  else if (taken === 'password') behind.copy({ kind: 'secret', secret: { kind: 'password', identity } });
  else if (taken === 'code') behind.copy({ kind: 'code', identity, device });
}

async function copied(behind: Behind, identity: string, what: QuickCopyView): Promise<QuickAnswerView> {
  const one = behind.identity(identity);
  const copy = (target: CopyTarget): QuickAnswerView => ({ kind: 'copied', copied: behind.copy(target) });
  const device = one.devices[0]?.id;
  const key = one.keys[0]?.id;
  const gone = new Failure({ code: 'no-such-item' });
  switch (what) {
    case 'code':
      if (!device) throw gone;
      return copy({ kind: 'code', identity, device });
    case 'password':
      return copy({ kind: 'secret', secret: { kind: 'password', identity } });
    case 'name':
      return copy({ kind: 'identity-name', identity });
    case 'account-name':
      return copy({ kind: 'alias', account: one.account });
    case 'access-key-id':
      if (!key) throw gone;
      return copy({ kind: 'access-key-id', identity, key });
    case 'secret-key':
      if (!key) throw gone;
      return copy({ kind: 'secret', secret: { kind: 'secret-key', identity, key } });
    case 'session': {
      if (!key) throw gone;
      const answer = await behind.getSession({
        identity,
        key,
        device: device ?? null,
        duration_secs: 3600,
        fresh: false,
      });
      return answer.kind === 'wait' ? answer : copy({ kind: 'session', session: answer.session.id, format: 'sh' });
    }
  }
}
