/** The fake backend's profiles: what they are made of, and the way to their credentials. */
import { Failure } from '../client';
import type {
  AccountRow,
  Commands,
  ConsoleWish,
  FieldProblem,
  ProfileDraft,
  ProfileRowView,
  ProfileView,
  SearchHit,
  SessionAnswer,
  UiError,
  WayStepView,
  WayView,
} from '../client';
import { emptyDraft } from '../empty-draft';
import { hex, letters } from './sample';
import type { FakeAccount, FakeIdentity, FakeSession } from './sample';

export interface FakeProfile {
  id: string;
  draft: ProfileDraft;
  favourite: boolean;
  binnedAt: number | null;
}

/** What the profiles need of the rest of the fake. */
export interface Around {
  accounts: () => FakeAccount[];
  identities: () => FakeIdentity[];
  sessions: FakeSession[];
  random: () => number;
  accountRow: (one: FakeAccount) => NonNullable<ProfileRowView['account']>;
  sessionView: (one: FakeSession) => Extract<SessionAnswer, { kind: 'ready' }>['session'];
  changed: (item: string | null) => void;
}

const HOUR = 3600;
const ROLE = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(.+)$/;

export class FakeProfiles {
  readonly all: FakeProfile[] = [];
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  /** Files some to design with. */
  fill(): void {
    const [first, second] = this.#around.accounts();
    const robin = this.#around.identities().find((one) => one.account === first?.id && one.name === 'robin.mason');
    if (!first || !second || !robin) return;
    const role = (account: FakeAccount, name: string): string => `arn:aws:iam::${account.row.account_id}:role/${name}`;
    const base = this.add({ name: 'payments', kind: 'session', identity: robin.id, duration: '12h' });
    const admin = this.add({ name: 'payments-admin', kind: 'role', identity: robin.id, role: role(first, 'admin') });
    admin.favourite = true;
    this.add({
      name: 'payments-audit',
      kind: 'federated',
      identity: robin.id,
      session_name: 'robin',
      policy_arns: ['arn:aws:iam::aws:policy/SecurityAudit'],
    });
    this.add({ name: 'staging-deploy', kind: 'role', source: base.id, role: role(second, 'teams/deploy') });
    this.add({ name: 'payments-key', kind: 'long-term', identity: robin.id });
    this.#session(admin, 40 * 60);
  }

  /** Files a profile. */
  add(typed: Partial<ProfileDraft>): FakeProfile {
    const id = hex(this.#around.random);
    const made: FakeProfile = {
      id,
      draft: { ...emptyDraft('session'), ...typed, id },
      favourite: false,
      binnedAt: null,
    };
    this.all.push(made);
    return made;
  }

  find(id: string): FakeProfile | undefined {
    return this.all.find((one) => one.id === id);
  }

  /** The profiles of an account that are found by their name, or all with the account itself. */
  hits(account: string, wanted: string, all: boolean, row: AccountRow): SearchHit[] {
    const found = this.living()
      .map((one) => this.#row(one))
      .filter((one) => one.account?.id === account && (all || one.name.includes(wanted)));
    return found.map(({ id, name, kind, role, favourite }) => ({
      item: id,
      account: row,
      identity: null,
      matched: [],
      matched_below: [],
      profile: { name, kind, role: role?.split('/').at(-1) ?? null, favourite },
      device: null,
    }));
  }

  living(): FakeProfile[] {
    return this.all.filter((one) => one.binnedAt === null);
  }

  readonly commands = {
    profiles: async () =>
      this.living()
        .map((one) => this.#row(one))
        .sort((a, b) => a.name.localeCompare(b.name)),
    profile: async (id) => this.#view(id),
    saveProfile: async (draft) => {
      const problems = this.#problems(draft);
      if (problems.length > 0) throw new Failure({ code: 'invalid', problems });
      const present = draft.id === null ? undefined : this.find(draft.id);
      if (present) present.draft = structuredClone(draft);
      const saved = present ?? this.add(structuredClone({ ...draft, id: undefined }) as Partial<ProfileDraft>);
      saved.draft.id = saved.id;
      this.#around.changed(saved.id);
      return saved.id;
    },
    profileWay: async (draft) => {
      const problems = this.#problems(draft);
      if (problems.length > 0) throw new Failure({ code: 'invalid', problems });
      return this.#way(draft);
    },
    getProfileSession: async (wish) => {
      const one = this.#living(wish.profile);
      const way = this.#way(one.draft);
      const last = way.steps.at(-1);
      if (!last) {
        const message = 'this profile is a long-term key, which has no session';
        throw new Failure({ code: 'invalid', problems: [{ field: 'profile', message }] });
      }
      const live = this.#live(one);
      if (live && !wish.fresh && !wish.read_only) {
        return { kind: 'ready', session: this.#around.sessionView(live), cached: true };
      }
      const made = this.#session(one, 0, wish.duration_secs ?? last.duration_secs);
      this.#around.changed(one.id);
      return { kind: 'ready', session: this.#around.sessionView(made), cached: false };
    },
    quickCopyProfile: async (profile) => {
      const one = this.#living(profile);
      if (!this.#live(one)) this.#session(one, 0, 3600);
      return { kind: 'copied', copied: { clears_in_secs: 30, used_before: false, valid_in_secs: null } };
    },
    openConsole: async (wish) => {
      this.opened.push(this.#console(wish));
      return { kind: 'opened' };
    },
    copyConsoleAddress: async (wish) => {
      this.#console(wish);
      return { kind: 'copied', copied: { clears_in_secs: 30, used_before: false, valid_in_secs: null } };
    },
  } satisfies Partial<Commands>;

  /** What the console was opened for so far. */
  readonly opened: ConsoleWish[] = [];

  #console(wish: ConsoleWish): ConsoleWish {
    const one = this.#living(wish.profile);
    if (one.draft.kind === 'session' || one.draft.kind === 'long-term') {
      throw new Failure({ code: 'profile-unusable', reason: { kind: 'no-console' } });
    }
    if (/[^a-z0-9-]/.test(wish.service)) {
      const message = 'a service is written as in the console’s addresses, such as s3';
      throw new Failure({ code: 'invalid', problems: [{ field: 'service', message }] });
    }
    return wish;
  }

  #living(id: string): FakeProfile {
    const found = this.find(id);
    if (!found || found.binnedAt !== null) throw new Failure({ code: 'no-such-item' });
    return found;
  }

  #view(id: string): ProfileView {
    const one = this.#living(id);
    let way: WayView | null = null;
    let problem: UiError | null = null;
    try {
      way = this.#way(one.draft);
    } catch (thrown) {
      ({ problem } = Failure.from(thrown));
    }
    return { row: this.#row(one), draft: structuredClone(one.draft), way, problem };
  }

  #row(one: FakeProfile): ProfileRowView {
    const { draft } = one;
    const who = this.#beginning(draft);
    const number = ROLE.exec(draft.role)?.[2];
    const account = this.#around
      .accounts()
      .find((other) => (number === undefined ? other.id === who?.account : other.row.account_id === number));
    const live = this.#live(one);
    return {
      id: one.id,
      name: draft.name,
      kind: draft.kind,
      account: account ? this.#around.accountRow(account) : null,
      account_id: account?.row.account_id ?? number ?? null,
      identity: who?.id ?? null,
      identity_name: who?.name ?? null,
      role: draft.role || null,
      mfa: this.#device(draft) !== null,
      favourite: one.favourite,
      live: live ? { session: live.id, expires_at: new Date(endOf(live)).toISOString() } : null,
    };
  }

  #live(one: FakeProfile): FakeSession | undefined {
    return this.#around.sessions.find((session) => session.profile?.id === one.id && endOf(session) > Date.now());
  }

  /** The identity whose key stands at the beginning. */
  #beginning(draft: ProfileDraft): FakeIdentity | undefined {
    const source = draft.source === null ? undefined : this.find(draft.source);
    if (source) return this.#beginning(source.draft);
    return this.#around.identities().find((one) => one.id === draft.identity);
  }

  #device(draft: ProfileDraft): string | null {
    const source = draft.source === null ? undefined : this.find(draft.source);
    if (source) return this.#device(source.draft);
    if (draft.mfa.kind === 'none' || !['session', 'role'].includes(draft.kind)) return null;
    return this.#beginning(draft)?.devices[0]?.name ?? null;
  }

  #way(draft: ProfileDraft): WayView {
    const source = draft.source === null ? undefined : this.find(draft.source);
    const way: WayView = source ? this.#way(source.draft) : this.#key(draft);
    if (draft.kind === 'long-term') return way;
    const chained = way.steps.length > 0;
    const usual = draft.kind === 'session' || draft.kind === 'federated' ? 12 * HOUR : HOUR;
    const role = draft.kind === 'role' || draft.kind === 'web-identity';
    const longest = chained ? HOUR : role ? 12 * HOUR : 36 * HOUR;
    const step: WayStepView = {
      call:
        draft.kind === 'role'
          ? chained
            ? 'chained-role'
            : 'role'
          : (draft.kind as 'session' | 'federated' | 'web-identity'),
      call_name: { session: 'GetSessionToken', federated: 'GetFederationToken' }[draft.kind] ?? 'AssumeRole',
      of: role ? draft.role : draft.kind === 'federated' ? draft.session_name : (this.#beginning(draft)?.name ?? ''),
      profile: draft.name,
      device: chained ? null : this.#device(draft),
      duration_secs: secsOf(draft.duration) ?? usual,
      longest_secs: longest,
      limit: chained ? 'chained' : role ? 'role' : 'call',
      cached: false,
    };
    if (step.duration_secs > longest) {
      const message = chained
        ? "chained, so at most 1 hour; assume the role directly with an identity's key and MFA for up to 12 hours"
        : `at most ${longest / HOUR} hours for this kind of profile`;
      throw new Failure({ code: 'invalid', problems: [{ field: 'duration', message }] });
    }
    return { key: way.key, steps: [...way.steps, step] };
  }

  #key(draft: ProfileDraft): WayView {
    if (draft.kind === 'web-identity') return { key: null, steps: [] };
    const who = this.#beginning(draft);
    const key = who?.keys.find((one) => one.id === draft.key) ?? who?.keys[0];
    if (!who || !key) {
      throw new Failure({
        code: 'profile-unusable',
        reason: { kind: 'no-key', identity: who?.name ?? 'The identity' },
      });
    }
    const account = this.#around.accounts().find((one) => one.id === who.account);
    return {
      key: { id: key.id, identity: who.id, identity_name: who.name, account_name: account?.row.name ?? '' },
      steps: [],
    };
  }

  #problems(draft: ProfileDraft): FieldProblem[] {
    const problems: FieldProblem[] = [];
    const say = (field: string, message: string): number => problems.push({ field, message });
    const twin = this.living().find((one) => one.draft.name === draft.name && one.id !== draft.id);
    if (!/^[\w.@-]{1,64}$/.test(draft.name)) say('name', 'a name has letters, digits and . _ @ - only');
    else if (twin) say('name', 'another profile has this name');
    const role = draft.kind === 'role' || draft.kind === 'web-identity';
    if (role && !ROLE.test(draft.role)) say('role', 'write it as arn:aws:iam::123456789012:role/name');
    if (draft.kind === 'role' && draft.identity === null && draft.source === null) {
      say('source', 'choose an identity or another profile that the role is assumed with');
    }
    if (['session', 'federated', 'long-term'].includes(draft.kind) && draft.identity === null) {
      say('identity', 'choose whose access key signs');
    }
    if (draft.kind === 'federated' && draft.session_name.length < 2) say('session_name', 'it has 2 to 32 characters');
    if (draft.kind === 'web-identity' && draft.token === null) say('token', 'choose the token’s file');
    if (draft.duration && secsOf(draft.duration) === null) say('duration', 'write it as 45m, 1h or 12h');
    return problems;
  }

  #session(one: FakeProfile, age: number, secs = HOUR): FakeSession {
    const { draft } = one;
    const made: FakeSession = {
      id: hex(this.#around.random),
      identity: this.#beginning(draft)?.id ?? null,
      key: draft.kind === 'web-identity' ? null : (this.#beginning(draft)?.keys[0]?.id ?? null),
      accessKeyId: `ASIA${letters(this.#around.random, 16)}`,
      device: this.#device(draft),
      startedAt: Date.now() - age * 1000,
      durationSecs: secs,
      kind: this.#way(draft).steps.at(-1)?.call ?? 'session',
      profile: { id: one.id, name: draft.name },
      role: draft.role || null,
    };
    this.#around.sessions.push(made);
    return made;
  }
}

function secsOf(text: string): number | null {
  const found = /^(\d+)([smh]?)$/.exec(text.trim());
  return found ? Number(found[1]) * ({ m: 60, h: HOUR }[found[2] ?? ''] ?? 1) : null;
}

function endOf(session: FakeSession): number {
  return session.startedAt + session.durationSecs * 1000;
}
