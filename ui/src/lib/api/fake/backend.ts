/**
 * An in-memory backend with sample data, for tests and for design in a browser.
 *
 * It keeps the real one's promises as far as the window can see them: secrets cross sealed, a code is given out once,
 * sessions end, what is binned can come back. Words such as validation messages are shorter than the real ones.
 */
import { Failure } from '../client';
import type {
  AccountRow,
  AccountView,
  Backend,
  BackupView,
  Changed,
  ClipboardCleared,
  CodeView,
  Commands,
  CopiedView,
  CopyTarget,
  Dragging,
  FieldProblem,
  FoundFileView,
  IdentityRow,
  IdentityView,
  NetworkView,
  NoticeView,
  OverviewView,
  PasswordMode,
  Permitted,
  Sealed,
  SearchHit,
  SecretRef,
  SeedPreview,
  SessionView,
  SettingsView,
  UiError,
  VaultPlace,
} from '../client';
import { reader, sealTo } from '../sealing';
import type { Reader } from '../sealing';
import { FakeEnrolment } from './enrolment';
import { FakeProfiles } from './profiles';
import type { FakeProfile } from './profiles';
import { FakePrograms } from './programs';
import { FakeQuick } from './quick';
import { FakeScans } from './scan';
import { awsFiles, transferCommands } from './transfer';
import { DAY, hex, letters, numbers, sampleAccounts } from './sample';
import type { FakeAccount, FakeDevice, FakeIdentity, FakeSession } from './sample';

export interface FakeOptions {
  accounts?: number;
  sessions?: boolean;
  notices?: NoticeView[];
  /** Milliseconds that each command takes. */
  delayMs?: number;
  mode?: PasswordMode;
  problem?: UiError | null;
  theme?: SettingsView['theme'];
  /** The process id of an agent that has the vault. */
  agent?: number;
  /** Whether the unlock window offers quick unlock. */
  quickUnlock?: boolean;
}

const SHORTEST_PASSWORD = 12;

export class Fake implements Backend {
  readonly accounts: FakeAccount[];
  readonly identities: FakeIdentity[];
  readonly liveSessions: FakeSession[] = [];
  settings: SettingsView;
  readonly enrolment = new FakeEnrolment();
  readonly quick = new FakeQuick();
  readonly programs = new FakePrograms();
  /** What the files of `~/.aws` hold; none where there are no files. */
  awsFiles: FoundFileView[] = awsFiles();
  readonly profiles = new FakeProfiles({
    accounts: () => this.#livingAccounts(),
    identities: () => this.#livingIdentities(),
    sessions: this.liveSessions,
    random: () => this.#random(),
    accountRow: (one) => this.#accountRow(one),
    sessionView: (one) => this.#sessionView(one),
    changed: (id) => this.tellChanged(id),
  });
  network: NetworkView = { proxy: '', ca_certificates: 0 };
  notices: NoticeView[];
  /** The commands that were called, in order, without their arguments. */
  readonly calls: string[] = [];
  /** What was last copied. */
  copied: CopyTarget | null = null;
  /** The mode that the password window was last opened in. */
  asked: PasswordMode | null = null;
  locked = false;
  place: VaultPlace = { path: '/home/robin/.local/share/undercroft/vault.undercroft', name: 'vault', exists: true };
  masterPassword = 'a long enough password';
  mode: PasswordMode;
  problem: UiError | null;
  wrongTries = 0;
  recovered = false;
  quickUnlock: OverviewView['quick_unlock'];
  hasKeychain = true;
  agent: number | null;

  readonly #failures = new Map<string, UiError>();
  readonly #pending: Reader[] = [];
  readonly #changed = new Set<(payload: Changed) => void>();
  readonly #cleared = new Set<(payload: ClipboardCleared) => void>();
  readonly #dragging = new Set<(payload: Dragging) => void>();
  readonly #permitted = new Set<(payload: Permitted) => void>();
  readonly #random = numbers(99);
  readonly #delayMs: number;

  constructor(options: FakeOptions = {}) {
    const sample = sampleAccounts(options.accounts ?? 12, Date.now());
    this.accounts = sample.accounts;
    this.identities = sample.identities;
    this.notices = options.notices ?? [];
    this.mode = options.mode ?? { kind: 'unlock' };
    this.problem = options.problem ?? null;
    this.quickUnlock = options.quickUnlock ? 'until-logout' : 'off';
    this.agent = options.agent ?? null;
    this.#delayMs = options.delayMs ?? 0;
    this.settings = {
      clipboard_clears_in_secs: 30,
      locks_after_idle_secs: 600,
      theme: options.theme ?? 'system',
      locks_with_screen: true,
      locks_on_sleep: true,
      keeps_window_on_close: true,
    };
    if (options.sessions ?? true) this.#sampleSessions();
  }

  /** Makes the next calls of a command fail; nothing makes them succeed again. */
  fail(command: keyof Commands, problem: UiError | null): void {
    if (problem) this.#failures.set(command, problem);
    else this.#failures.delete(command);
  }

  /** Tells the window that something changed, as the real backend does after each change. */
  tellChanged(item: string | null = null): void {
    for (const heard of this.#changed) heard({ item });
  }

  tellCleared(ours: boolean): void {
    for (const heard of this.#cleared) heard({ ours });
  }

  /** Tells the window that files are dragged over it. */
  tellDragging(stage: Dragging['stage']): void {
    for (const heard of this.#dragging) heard({ stage });
  }

  /** What the sources of codes show, and what was found. */
  readonly scans: FakeScans = new FakeScans({
    preview: (identity, text) => this.#preview(identity, text),
    saveDevice: (draft) => this.commands.saveDevice(draft),
    useCode: (identity, id) => {
      const device = this.#identity(identity).devices.find((one) => one.id === id);
      if (!device) throw new Failure({ code: 'no-such-item' });
      const step = stepNow(device);
      device.usedStep = step;
      return { code: codeOf(device, step), endsInMs: endsInMs(device), periodSecs: device.period, step };
    },
  });

  /** Tells the window that the master password was typed for what it asked last. */
  tellPermitted(): void {
    if (this.asked?.kind !== 'confirm') return;
    for (const heard of this.#permitted) heard({ action: this.asked.action });
  }

  readonly events: Backend['events'] = {
    ...this.quick.events,
    ...this.programs.events,
    changed: async (heard) => {
      this.#changed.add(heard);
      return () => this.#changed.delete(heard);
    },
    clipboardCleared: async (heard) => {
      this.#cleared.add(heard);
      return () => this.#cleared.delete(heard);
    },
    permitted: async (heard) => {
      this.#permitted.add(heard);
      return () => this.#permitted.delete(heard);
    },
    dragging: async (heard) => {
      this.#dragging.add(heard);
      return () => this.#dragging.delete(heard);
    },
  };

  readonly commands: Commands = this.#watched({
    sealingKey: async () => {
      const one = await reader();
      this.#pending.push(one);
      return one.key;
    },
    touch: async () => null,
    ...this.scans.commands,
    ...this.profiles.commands,
    ...this.programs.commands,
    ...this.quick.commands({
      identities: () => this.#livingIdentities(),
      identity: (id) => this.#identity(id),
      hit: (one) => this.#hit(this.#account(one.account), one),
      copy: (target) => this.#copy(target),
      getSession: (wish) => this.commands.getSession(wish),
      settings: () => this.settings,
      changed: (id) => this.tellChanged(id),
    }),

    passwordWindow: async () => ({
      mode: this.mode,
      vault: this.place,
      wait_secs: this.#waitSecs(),
      theme: this.settings.theme,
      problem: this.problem,
      needs_current: !this.recovered,
      quick_unlock: this.mode.kind === 'unlock' && this.quickUnlock !== 'off',
    }),
    assessPassword: async (password) => strength(await this.#open(password)),
    chooseVaultFile: async () => '/home/robin/Sync/team.undercroft',
    chooseNewVaultFile: async () => '/home/robin/Documents/vault.undercroft',
    openVault: async (path) => {
      this.place = {
        path,
        name:
          path
            .split('/')
            .at(-1)
            ?.replace(/\.undercroft$/, '') ?? path,
        exists: true,
      };
      this.mode = { kind: 'unlock' };
      this.problem = null;
      return this.commands.passwordWindow();
    },
    createVault: async (path, password, to) => {
      const text = await this.#open(password);
      if (!strength(text).acceptable) throw new Failure({ code: 'weak-password' });
      this.masterPassword = text;
      this.place = {
        path,
        name:
          path
            .split('/')
            .at(-1)
            ?.replace(/\.undercroft$/, '') ?? path,
        exists: true,
      };
      return this.#kit(to);
    },
    saveRecoveryKit: async () => '/home/robin/Documents/undercroft-recovery-kit.txt',
    unlock: async (password) => {
      const text = await this.#open(password);
      this.#checkFree();
      return this.#checkPassword(text);
    },
    unlockQuickly: async () => {
      if (this.quickUnlock === 'off') throw new Failure({ code: 'password-needed' });
      this.#checkFree();
      return null;
    },
    unlockWithRecoveryKey: async (recoveryKey) => {
      const text = (await this.#open(recoveryKey)).toUpperCase().replace(/[^A-Z0-9]/g, '');
      if (text.length !== RECOVERY_KEY.replaceAll('-', '').length) throw new Failure({ code: 'mistyped-recovery-key' });
      this.#checkFree();
      if (text !== RECOVERY_KEY.replaceAll('-', '')) throw new Failure({ code: 'wrong-recovery-key', wait_secs: 0 });
      this.mode = { kind: 'change-password' };
      this.recovered = true;
      return this.commands.passwordWindow();
    },
    takeOver: async () => {
      this.agent = null;
      return null;
    },
    changePassword: async (current, fresh) => {
      if (current) this.#checkPassword(await this.#open(current));
      const text = await this.#open(fresh);
      if (!strength(text).acceptable) throw new Failure({ code: 'weak-password' });
      this.masterPassword = text;
      return null;
    },
    confirmPassword: async (password, to) => {
      this.#checkPassword(await this.#open(password));
      if (this.mode.kind === 'confirm' && this.mode.action.kind === 'switch-on-quick-unlock') {
        this.quickUnlock = 'until-logout';
        this.tellChanged();
      }
      const kit = this.mode.kind === 'confirm' && ['new-recovery-key', 'new-vault-key'].includes(this.mode.action.kind);
      return { kit: kit ? await this.#kit(to) : null };
    },
    finishPassword: async () => null,
    cancelPassword: async () => null,
    lockedBackups: async () => (this.mode.kind === 'first-run' ? [] : this.#backups()),
    restoreAndUnlock: async (_backup, password) => this.#checkPassword(await this.#open(password)),
    restoreNewestWithRecoveryKey: (recoveryKey) => this.commands.unlockWithRecoveryKey(recoveryKey),
    restoreNewestAndUnlock: async (password) => this.#checkPassword(await this.#open(password)),

    overview: async () => ({
      vault: this.place,
      accounts: this.#livingAccounts().length,
      identities: this.#livingIdentities().length,
      tags: [...new Set(this.#livingAccounts().flatMap((one) => one.row.tags))].sort(),
      binned: this.#bin().length,
      sessions: this.#sessions().length,
      notices: this.notices,
      settings: this.settings,
      quick_unlock: this.quickUnlock,
      has_keychain: this.hasKeychain,
    }),
    accounts: async () =>
      this.#livingAccounts()
        .map((one) => this.#accountRow(one))
        .sort((a, b) => Number(b.favourite) - Number(a.favourite) || a.name.localeCompare(b.name)),
    account: async (id) => this.#accountView(id),
    identity: async (id) => this.#identityView(id),
    search: async (query, limit) => this.#search(query, limit),

    saveAccount: async (draft) => {
      const problems: FieldProblem[] = [];
      const digits = draft.account_id.replace(/[\s-]/g, '');
      if (!/^\d{12}$/.test(digits)) {
        problems.push({ field: 'account_id', message: 'An account id has 12 digits, as in 1234-5678-9012.' });
      }
      if (draft.alias && !/^[a-z0-9-]{3,63}$/.test(draft.alias)) {
        problems.push({ field: 'alias', message: 'An alias has 3 to 63 lower-case letters, digits and dashes.' });
      }
      if (problems.length > 0) throw new Failure({ code: 'invalid', problems });
      const twin = this.accounts.find((one) => one.row.account_id === digits && one.id !== draft.id);
      if (twin) {
        const binned = twin.binnedAt !== null;
        throw new Failure({ code: 'duplicate-account', item: twin.id, name: twin.row.name, binned });
      }
      const row = {
        account_id: digits,
        alias: draft.alias || null,
        name: draft.name || draft.alias || digits,
        partition: draft.partition,
        colour: draft.colour,
        production: draft.production,
        tags: draft.tags,
      };
      const rest = { notes: draft.notes, region: draft.region || null, endpoints: draft.endpoints };
      const present = draft.id ? this.#account(draft.id) : null;
      if (present) {
        this.#remember(present, ['name'], present.row.name);
        Object.assign(present, rest, { row: { ...present.row, ...row }, modifiedAt: Date.now() });
        this.tellChanged(present.id);
        return present.id;
      }
      const now = Date.now();
      const made: FakeAccount = {
        id: hex(this.#random),
        row: { ...row, favourite: false },
        ...rest,
        secrets: [],
        createdAt: now,
        modifiedAt: now,
        binnedAt: null,
        past: [],
      };
      this.accounts.push(made);
      this.tellChanged(made.id);
      return made.id;
    },
    saveIdentity: async (draft) => {
      const root = draft.kind === 'root';
      if (!(root ? /^\S+@\S+\.\S+$/ : /^[\w+=,.@-]{1,64}$/).test(draft.name)) {
        const message = root
          ? 'The root user signs in with an email address, as in aws@example.com.'
          : 'A user name has 1 to 64 letters, digits and + = , . @ _ -';
        throw new Failure({ code: 'invalid', problems: [{ field: 'name', message }] });
      }
      const twin = this.identities.find(
        (one) =>
          one.account === draft.account &&
          one.id !== draft.id &&
          (root ? one.kind === 'root' : one.kind === 'iam-user' && one.name === draft.name),
      );
      if (twin) throw new Failure({ code: 'duplicate-identity', item: twin.id, binned: twin.binnedAt !== null });
      if (draft.id) {
        const present = this.#identity(draft.id);
        this.#remember(present, ['name'], present.name);
        Object.assign(present, { name: draft.name, notes: draft.notes, kind: draft.kind, modifiedAt: Date.now() });
        this.tellChanged(present.id);
        return present.id;
      }
      const now = Date.now();
      const made: FakeIdentity = {
        id: hex(this.#random),
        account: draft.account,
        kind: draft.kind,
        name: draft.name,
        favourite: false,
        notes: draft.notes,
        password: null,
        devices: [],
        keys: [],
        secrets: [],
        createdAt: now,
        modifiedAt: now,
        binnedAt: null,
        past: [],
      };
      this.identities.push(made);
      this.tellChanged(made.id);
      return made.id;
    },
    setFavourite: async (item, favourite) => {
      const account = this.accounts.find((one) => one.id === item);
      const profile = this.profiles.find(item);
      if (account) account.row.favourite = favourite;
      else if (profile) profile.favourite = favourite;
      else this.#identity(item).favourite = favourite;
      return this.#done(item);
    },
    setPassword: async (identity, password) => {
      this.#setPassword(this.#identity(identity), await this.#open(password));
      return this.#done(identity);
    },
    removePassword: async (identity) => {
      this.#identity(identity).password = null;
      return this.#done(identity);
    },
    generatePassword: async (identity) => {
      this.#setPassword(this.#identity(identity), `${letters(this.#random, 18)}!9`);
      return this.#done(identity);
    },
    previewSeed: async (identity, secret) => this.#preview(identity, await this.#open(secret)),
    saveDevice: async (draft) => {
      const owner = this.#identity(draft.identity);
      if (!draft.name) {
        const message = 'A device needs a name, as in robin.mason or phone.';
        throw new Failure({ code: 'invalid', problems: [{ field: 'name', message }] });
      }
      const values = {
        name: draft.name,
        serial: draft.serial || null,
        algorithm: draft.algorithm,
        digits: draft.digits,
        period: draft.period_secs,
      };
      const present = owner.devices.find((one) => one.id === draft.id);
      if (present) Object.assign(present, values);
      else if (owner.devices.length >= 8) throw new Failure({ code: 'too-many', limit: 8 });
      if (draft.secret) await this.#open(draft.secret);
      const made = { id: hex(this.#random), ...values, addedAt: Date.now(), usedStep: 0 };
      if (!present) owner.devices.push(made);
      this.#done(owner.id);
      return present?.id ?? made.id;
    },
    removeDevice: async (identity, device) => {
      const owner = this.#identity(identity);
      owner.devices = owner.devices.filter((one) => one.id !== device);
      return this.#done(identity);
    },
    codes: async (identity) => this.#identity(identity).devices.map(codeView),
    saveAccessKey: async (draft) => {
      const owner = this.#identity(draft.identity);
      if (!/^A[A-Z0-9]{15,127}$/.test(draft.id)) {
        const message = 'An access key id begins with AKIA and has 20 capitals and digits.';
        throw new Failure({ code: 'invalid', problems: [{ field: 'id', message }] });
      }
      const secret = draft.secret ? await this.#open(draft.secret) : null;
      const createdAt = draft.created_on ? Date.parse(draft.created_on) : null;
      const present = owner.keys.find((one) => one.id === draft.existing);
      if (present) {
        Object.assign(present, { id: draft.id, state: draft.state, createdAt, secret: secret ?? present.secret });
        return this.#done(owner.id);
      }
      if (!secret) {
        const message = 'Enter the secret that AWS showed with the key.';
        throw new Failure({ code: 'invalid', problems: [{ field: 'secret', message }] });
      }
      if (owner.keys.length >= 2) throw new Failure({ code: 'too-many', limit: 2 });
      const times = { addedAt: Date.now(), createdAt, lastUsedAt: null, checkedAt: null };
      owner.keys.push({ id: draft.id, secret, state: draft.state, ...times });
      return this.#done(owner.id);
    },
    removeAccessKey: async (identity, key) => {
      const owner = this.#identity(identity);
      owner.keys = owner.keys.filter((one) => one.id !== key);
      this.#dropSessions((one) => one.key === key);
      return this.#done(identity);
    },
    ...this.enrolment.commands({
      identity: (id) => this.#identity(id),
      accountId: (one) => this.#account(one.account).row.account_id,
      changed: (id) => this.tellChanged(id),
      random: () => this.#random(),
    }),
    checkAccessKey: async (identity, key) => {
      const owner = this.#identity(identity);
      const account = this.#account(owner.account).row;
      const held = owner.keys.find((one) => one.id === key);
      if (held) Object.assign(held, { checkedAt: Date.now(), state: 'active' });
      this.#done(identity);
      const arn = `arn:${account.partition}:iam::${account.account_id}:user/${owner.name}`;
      return { account: account.account_id, arn, user_id: 'AIDACKCEVSQ6C2EXAMPLE', matches: true };
    },
    saveCustomSecret: async (draft) => {
      const holder = this.#holder(draft.item);
      const value = draft.value ? await this.#open(draft.value) : null;
      const present = holder.secrets.find((one) => one.id === draft.id);
      if (present) Object.assign(present, { label: draft.label, value: value ?? present.value });
      const made = { id: hex(this.#random), label: draft.label, value: value ?? '' };
      if (!present) holder.secrets.push(made);
      this.#done(draft.item);
      return present?.id ?? made.id;
    },
    removeCustomSecret: async (item, field) => {
      const holder = this.#holder(item);
      holder.secrets = holder.secrets.filter((one) => one.id !== field);
      return this.#done(item);
    },

    copy: async (target) => this.#copy(target),
    reveal: async (secret, to) => sealTo(to, this.#secret(secret)),
    openSignIn: async () => null,

    getSession: async (wish) => {
      const owner = this.#identity(wish.identity);
      const device = owner.devices.find((one) => one.id === wish.device);
      const twin = this.#sessions().find((one) => one.key === wish.key && one.device === (device?.name ?? null));
      if (!wish.fresh && twin) return { kind: 'ready', session: twin, cached: true };
      if (device) {
        const step = stepNow(device);
        if (device.usedStep >= step) return { kind: 'wait', secs: Math.ceil(endsInMs(device) / 1000) };
        device.usedStep = step;
      }
      const made: FakeSession = {
        id: hex(this.#random),
        identity: owner.id,
        key: wish.key,
        accessKeyId: `ASIA${letters(this.#random, 16)}`,
        device: device?.name ?? null,
        startedAt: Date.now(),
        durationSecs: wish.duration_secs,
      };
      this.liveSessions.push(made);
      this.#done(owner.id);
      return { kind: 'ready', session: this.#sessionView(made), cached: false };
    },
    sessions: async () => this.#sessions(),
    renewSession: async (session) => {
      const old = this.liveSessions.find((one) => one.id === session);
      if (!old) throw new Failure({ code: 'no-such-item' });
      Object.assign(old, { startedAt: Date.now(), accessKeyId: `ASIA${letters(this.#random, 16)}` });
      this.#done(old.identity);
      return { kind: 'ready', session: this.#sessionView(old), cached: false };
    },
    forgetSession: async (session) => {
      this.#dropSessions((one) => one.id === session);
      return this.#done(null);
    },

    binItem: async (item) => {
      const now = Date.now();
      this.#binnable(item).binnedAt = now;
      return this.#done(item);
    },
    restoreItem: async (item) => {
      this.#binnable(item).binnedAt = null;
      return this.#done(item);
    },
    deleteItem: async (item) => {
      this.#remove(item);
      return this.#done(item);
    },
    emptyBin: async () => {
      for (const row of this.#bin()) this.#remove(row.id);
      return this.#done(null);
    },
    bin: async () => this.#bin(),
    history: async (item) =>
      (this.profiles.find(item) ? { past: [] } : this.#holder(item)).past.map((one, index) => ({
        index,
        replaced_at: iso(one.replacedAt),
        lost_merge: one.lostMerge,
        differs_in: one.differs,
        name: one.name,
      })),
    restoreHistory: async (item, index) => {
      this.#holder(item).past[index]?.restore();
      return this.#done(item);
    },

    saveSettings: async (settings) => {
      this.settings = settings;
      return this.#done(null);
    },
    switchOffQuickUnlock: async () => {
      this.quickUnlock = 'off';
      return this.#done(null);
    },
    vaultDetails: async () => ({
      place: this.place,
      size_bytes: 196_608,
      saves: 412,
      saved_at: iso(Date.now() - 12 * 60_000),
      format: '1.0',
      kdf_memory_mib: 192,
      kdf_iterations: 3,
      kdf_lanes: 4,
      has_recovery_key: true,
      clocks: [{ host: 'sts.eu-central-1.amazonaws.com', offset_secs: 2 }],
    }),
    backups: async () => this.#backups(),
    checkVault: async () => ({ problem: null, items: this.accounts.length + this.identities.length, secrets: 148 }),
    moveVault: async () => {
      this.place = { path: '/home/robin/Sync/vault.undercroft', name: 'vault', exists: true };
      this.#done(null);
      return this.place;
    },
    moveVaultTo: async (path) => {
      this.place = { ...this.place, path };
      this.#done(null);
      return this.place;
    },
    retrySave: async () => {
      this.notices = this.notices.filter((one) => one.kind !== 'unsaved');
      return this.#done(null);
    },
    network: async () => this.network,
    setProxy: async (address) => {
      if (address && !/^https?:\/\//.test(address)) {
        const message = 'not an address: write it as http://host:port';
        throw new Failure({ code: 'invalid', problems: [{ field: 'proxy', message }] });
      }
      this.network = { ...this.network, proxy: address.trim() };
      return this.#done(null);
    },
    chooseCaBundle: async () => {
      this.network = { ...this.network, ca_certificates: 2 };
      await this.#done(null);
      return true;
    },
    removeCaBundle: async () => {
      this.network = { ...this.network, ca_certificates: 0 };
      return this.#done(null);
    },
    ...transferCommands(this, (sealed) => this.#open(sealed)),
    mergeBackups: async () => {
      this.notices = this.notices.filter((notice) => notice.kind !== 'rolled-back' && notice.kind !== 'forked');
      await this.#done(null);
      return { taken: 2, conflicts: 0, complete: false, unreadable: 0 };
    },
    openReadOnly: async () => {
      this.notices = [{ kind: 'read-only', place: false }];
      return this.#done(null);
    },
    dismissNotice: async (index) => {
      this.notices = this.notices.filter((_, at) => at !== index);
      return this.#done(null);
    },
    askPassword: async (mode) => {
      this.asked = mode;
      return null;
    },
    lock: async () => {
      this.locked = true;
      return null;
    },
  });

  /** Notes each call, waits, and fails where a failure is set. */
  #watched(inner: Commands): Commands {
    const wrapped = Object.entries(inner).map(([name, call]) => [
      name,
      async (...args: unknown[]) => {
        this.calls.push(name);
        if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
        const problem = this.#failures.get(name);
        if (problem) throw new Failure(problem);
        return (call as (...args: unknown[]) => Promise<unknown>)(...args);
      },
    ]);
    return Object.fromEntries(wrapped) as Commands;
  }

  async #open(sealed: Sealed): Promise<string> {
    for (const one of [...this.#pending]) {
      try {
        const text = await one.open(sealed);
        this.#pending.splice(this.#pending.indexOf(one), 1);
        return text;
      } catch {
        continue;
      }
    }
    throw new Failure({ code: 'bad-message' });
  }

  #done(item: string | null): null {
    this.tellChanged(item);
    return null;
  }

  #waitSecs(): number {
    return this.wrongTries < 5 ? 0 : Math.min(60, 2 ** (this.wrongTries - 5));
  }

  #checkFree(): void {
    if (this.agent !== null) throw new Failure({ code: 'in-use', pid: this.agent, agent: true });
  }

  #checkPassword(text: string): null {
    if (text === this.masterPassword) return null;
    this.wrongTries += 1;
    throw new Failure({ code: 'wrong-password', wait_secs: this.#waitSecs() });
  }

  async #kit(to: string): ReturnType<Commands['createVault']> {
    return { key: await sealTo(to, RECOVERY_KEY), vault: this.place, made_at: iso(Date.now()) };
  }

  #livingAccounts(): FakeAccount[] {
    return this.accounts.filter((one) => one.binnedAt === null);
  }

  #livingIdentities(): FakeIdentity[] {
    const living = new Set(this.#livingAccounts().map((one) => one.id));
    return this.identities.filter((one) => one.binnedAt === null && living.has(one.account));
  }

  #account(id: string): FakeAccount {
    const found = this.accounts.find((one) => one.id === id);
    if (!found) throw new Failure({ code: 'no-such-item' });
    return found;
  }

  #identity(id: string): FakeIdentity {
    const found = this.identities.find((one) => one.id === id);
    if (!found) throw new Failure({ code: 'no-such-item' });
    return found;
  }

  /** What can be put into the bin. */
  #binnable(id: string): FakeAccount | FakeIdentity | FakeProfile {
    return this.profiles.find(id) ?? this.#holder(id);
  }

  #holder(id: string): FakeAccount | FakeIdentity {
    return this.accounts.find((one) => one.id === id) ?? this.#identity(id);
  }

  #remove(id: string): void {
    const keep = <T extends { id: string }>(list: T[]): void => {
      const at = list.findIndex((one) => one.id === id);
      if (at >= 0) list.splice(at, 1);
    };
    keep(this.accounts);
    keep(this.identities);
    keep(this.profiles.all);
  }

  #remember(item: FakeAccount | FakeIdentity, differs: string[], name: string): void {
    const before = structuredClone({ ...item, past: [] });
    const restore = (): void => {
      Object.assign(item, { ...before, past: item.past, modifiedAt: Date.now() });
    };
    item.past.unshift({ name, replacedAt: Date.now(), differs, restore, lostMerge: false });
  }

  #setPassword(identity: FakeIdentity, value: string): void {
    const now = Date.now();
    const old = identity.password;
    const past = old ? [{ id: hex(this.#random), value: old.value, replacedAt: now }, ...old.past] : [];
    identity.password = { value, changedAt: now, past };
  }

  #accountRow(one: FakeAccount): AccountRow {
    return {
      id: one.id,
      ...one.row,
      identities: this.identities.filter((who) => who.account === one.id && who.binnedAt === null).length,
      live: this.liveSessions.some((session) =>
        this.identities.some((who) => who.id === session.identity && who.account === one.id),
      ),
    };
  }

  #identityRow(one: FakeIdentity): IdentityRow {
    return {
      id: one.id,
      kind: one.kind,
      name: one.name,
      favourite: one.favourite,
      has_password: one.password !== null,
      devices: one.devices.length,
      keys: one.keys.length,
      secrets: one.secrets.length,
      live: this.liveSessions.some((session) => session.identity === one.id),
    };
  }

  #accountView(id: string): AccountView {
    const one = this.#account(id);
    if (one.binnedAt !== null) throw new Failure({ code: 'no-such-item' });
    const identities = this.identities.filter((who) => who.account === id && who.binnedAt === null);
    return {
      row: this.#accountRow(one),
      own_name: one.row.name === (one.row.alias ?? one.row.account_id) ? '' : one.row.name,
      notes: one.notes,
      region: one.region,
      default_region: one.row.partition === 'aws-cn' ? 'cn-north-1' : 'us-east-1',
      endpoints: one.endpoints,
      secrets: one.secrets.map(({ id: field, label }) => ({ id: field, label })),
      identities: identities
        .map((who) => this.#identityRow(who))
        .sort((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name)),
      created_at: iso(one.createdAt),
      modified_at: iso(one.modifiedAt),
      history: one.past.length,
    };
  }

  #identityView(id: string): IdentityView {
    const one = this.#identity(id);
    const account = this.#account(one.account);
    if (one.binnedAt !== null || account.binnedAt !== null) throw new Failure({ code: 'no-such-item' });
    const root = one.kind === 'root';
    return {
      id,
      account: this.#accountRow(account),
      kind: one.kind,
      name: one.name,
      favourite: one.favourite,
      notes: one.notes,
      sign_on: one.password && {
        changed_at: iso(one.password.changedAt),
        past: one.password.past.map((past) => ({ id: past.id, replaced_at: iso(past.replacedAt) })),
      },
      devices: one.devices.map((device) => ({
        id: device.id,
        name: device.name,
        serial: device.serial,
        algorithm: device.algorithm,
        digits: device.digits,
        period_secs: device.period,
        added_at: iso(device.addedAt),
        usable_with_sts:
          device.digits === 6 && device.serial !== null && this.enrolment.halfMade.get(id)?.device !== device.id,
      })),
      keys: one.keys.map((key) => ({
        id: key.id,
        state: key.state,
        added_at: iso(key.addedAt),
        created_at: key.createdAt === null ? null : iso(key.createdAt),
        rotated_at: null,
        last_used_at: key.lastUsedAt === null ? null : iso(key.lastUsedAt),
        checked_at: key.checkedAt === null ? null : iso(key.checkedAt),
      })),
      secrets: one.secrets.map(({ id: field, label }) => ({ id: field, label })),
      half_made: this.enrolment.halfMade.get(id) ?? null,
      sessions: this.#sessions().filter((session) => session.identity === id && session.profile === null),
      sign_in_url: root
        ? 'https://console.aws.amazon.com/'
        : `https://${account.row.alias ?? account.row.account_id}.signin.aws.amazon.com/console`,
      session_limits: { min_secs: 900, max_secs: root ? 3600 : 129_600, default_secs: root ? 3600 : 43_200 },
      created_at: iso(one.createdAt),
      modified_at: iso(one.modifiedAt),
      history: one.past.length,
    };
  }

  #hit(account: FakeAccount, identity: FakeIdentity | null, wanted = ''): SearchHit {
    const parts = (text: string): SearchHit['matched'] => {
      const at = wanted ? text.toLowerCase().indexOf(wanted) : -1;
      return at >= 0 ? [[at, wanted.length]] : [];
    };
    return {
      item: identity?.id ?? account.id,
      account: this.#accountRow(account),
      identity: identity && this.#identityRow(identity),
      matched: parts(identity?.name ?? account.row.name),
      matched_below: parts(identity ? account.row.name : (account.row.alias ?? '')),
      profile: null,
      device: identity?.devices.find((one) => !this.enrolment.isUnusable(identity.id, one.id))?.id ?? null,
    };
  }

  #search(query: string, limit: number): SearchHit[] {
    const wanted = query.trim().toLowerCase();
    if (!wanted) return [];
    const hits: SearchHit[] = [];
    const hit = (account: FakeAccount, identity: FakeIdentity | null): void => {
      hits.push(this.#hit(account, identity, wanted));
    };
    for (const account of this.#livingAccounts()) {
      const { name, alias, account_id: id, tags } = account.row;
      const found = [name, alias ?? '', id, ...tags].some((text) => text.toLowerCase().includes(wanted));
      const own = this.identities.filter((who) => who.account === account.id && who.binnedAt === null);
      for (const who of own) if (found || who.name.toLowerCase().includes(wanted)) hit(account, who);
      if (found) hit(account, null);
      hits.push(...this.profiles.hits(account.id, wanted, found, this.#accountRow(account)));
      if (hits.length >= limit) break;
    }
    return hits.slice(0, limit);
  }

  #preview(identity: string | null, typed: string): SeedPreview {
    const uri = /^otpauth:\/\/totp\/([^?]*)\?(.*)$/i.exec(typed.trim());
    const query = new URLSearchParams(uri?.[2] ?? '');
    const raw = (uri ? (query.get('secret') ?? '') : typed).replace(/[\s-]/g, '').toUpperCase();
    const read = raw.replace(/0/g, 'O').replace(/1/g, 'L').replace(/8/g, 'B');
    if (!/^[A-Z2-7]{8,}=*$/.test(read)) {
      const message =
        'This is no seed: it has letters and the digits 2 to 7 only, as AWS shows under “Show secret key”.';
      throw new Failure({ code: 'invalid', problems: [{ field: 'secret', message }] });
    }
    const corrections = [...raw].flatMap((from, at) => {
      const to = read[at] ?? from;
      return from === to ? [] : [{ position: at + 1, from, to }];
    });
    const label = uri ? decodeURIComponent(uri[1] ?? '') : null;
    const parts = /^(?:[^:]*:)?([^@]+)@(.+)$/.exec(label ?? '');
    const root = parts?.[1] === 'root-account-mfa-device';
    const owner = identity ? this.#identity(identity) : null;
    const hint = parts?.[2] ?? null;
    const named = this.#livingAccounts().find((one) => hint === one.row.account_id || hint === one.row.alias);
    const account = owner ? this.#account(owner.account) : (named ?? null);
    const device = parts?.[1] ?? owner?.name ?? null;
    return {
      from_uri: uri !== null,
      device_name: device,
      issuer: query.get('issuer'),
      label,
      user_name: root ? null : (parts?.[1] ?? null),
      root,
      account_hint: hint,
      account: account && this.#accountRow(account),
      identity:
        owner?.id ??
        this.identities.find(
          (one) => one.account === account?.id && (root ? one.kind === 'root' : one.name === parts?.[1]),
        )?.id ??
        null,
      serial: account && device ? `arn:${account.row.partition}:iam::${account.row.account_id}:mfa/${device}` : null,
      algorithm: (query.get('algorithm') ?? 'SHA1').toUpperCase(),
      digits: Number(query.get('digits') ?? 6),
      period_secs: Number(query.get('period') ?? 30),
      bits: read.replace(/=/g, '').length * 5,
      corrections,
      weak: read.replace(/=/g, '').length * 5 < 128,
      duplicate_of: null,
      usable_with_sts: !/sso|identity center|builder/i.test(query.get('issuer') ?? ''),
    };
  }

  #secret(ref: SecretRef): string {
    switch (ref.kind) {
      case 'password':
        return this.#identity(ref.identity).password?.value ?? '';
      case 'past-password':
        return this.#identity(ref.identity).password?.past.find((one) => one.id === ref.value)?.value ?? '';
      case 'secret-key':
        return this.#identity(ref.identity).keys.find((one) => one.id === ref.key)?.secret ?? '';
      case 'custom':
        return this.#holder(ref.item).secrets.find((one) => one.id === ref.field)?.value ?? '';
    }
  }

  #copy(target: CopyTarget): CopiedView {
    this.copied = target;
    const secret =
      target.kind === 'secret' || target.kind === 'session' || target.kind === 'code' || target.kind === 'next-code';
    const answer: CopiedView = {
      clears_in_secs: secret ? this.settings.clipboard_clears_in_secs : null,
      used_before: false,
      valid_in_secs: null,
    };
    if (target.kind !== 'code' && target.kind !== 'next-code') return answer;
    const device = this.#identity(target.identity).devices.find((one) => one.id === target.device);
    if (!device) throw new Failure({ code: 'no-such-item' });
    const late = target.kind === 'next-code' || endsInMs(device) < 3000;
    const step = stepNow(device) + (late ? 1 : 0);
    answer.used_before = device.usedStep >= step;
    answer.valid_in_secs = late ? Math.ceil(endsInMs(device) / 1000) : null;
    device.usedStep = Math.max(device.usedStep, step);
    return answer;
  }

  #sampleSessions(): void {
    const now = Date.now();
    const users = this.identities.filter((one) => one.keys.length > 0).slice(0, 4);
    const ages = [5, 640, 52, 700];
    users.forEach((one, at) => {
      this.liveSessions.push({
        id: hex(this.#random),
        identity: one.id,
        key: one.keys[0]?.id ?? '',
        accessKeyId: `ASIA${letters(this.#random, 16)}`,
        device: one.devices[0]?.name ?? null,
        startedAt: now - (ages[at] ?? 1) * 60_000,
        durationSecs: at === 2 ? 3600 : 43_200,
      });
    });
  }

  #sessions(): SessionView[] {
    return this.liveSessions
      .map((one) => this.#sessionView(one))
      .filter((one) => one.expires_in_secs > 0)
      .sort((a, b) => a.expires_in_secs - b.expires_in_secs);
  }

  #sessionView(one: FakeSession): SessionView {
    const who = one.identity === null ? null : this.#identity(one.identity);
    const number = /::(\d{12}):/.exec(one.role ?? '')?.[1];
    const account = this.accounts.find((other) => other.row.account_id === number) ?? this.#account(who?.account ?? '');
    const ends = one.startedAt + one.durationSecs * 1000;
    return {
      id: one.id,
      account: this.#accountRow(account),
      kind: one.kind ?? 'session',
      profile: one.profile?.id ?? null,
      profile_name: one.profile?.name ?? null,
      role: one.role ?? null,
      identity: who?.id ?? null,
      identity_name: who?.name ?? null,
      identity_kind: who?.kind ?? null,
      key: one.key,
      access_key_id: one.accessKeyId,
      device: one.device,
      started_at: iso(one.startedAt),
      expires_at: iso(ends),
      expires_in_secs: Math.max(0, Math.round((ends - Date.now()) / 1000)),
      duration_secs: one.durationSecs,
      region: account.region ?? 'us-east-1',
    };
  }

  #dropSessions(goes: (one: FakeSession) => boolean): void {
    for (const one of this.liveSessions.filter(goes)) this.liveSessions.splice(this.liveSessions.indexOf(one), 1);
  }

  #bin(): Awaited<ReturnType<Commands['bin']>> {
    const row = (
      item: FakeAccount | FakeIdentity | FakeProfile,
      kind: string,
      name: string,
      account: FakeAccount | null,
    ) => ({
      id: item.id,
      kind,
      name,
      account: account?.row.name ?? null,
      binned_at: iso(item.binnedAt ?? 0),
      goes_at: iso((item.binnedAt ?? 0) + 30 * DAY),
      with_account: account !== null && account.binnedAt !== null,
    });
    return [
      ...this.accounts.filter((one) => one.binnedAt !== null).map((one) => row(one, 'account', one.row.name, null)),
      ...this.identities
        .filter((one) => one.binnedAt !== null)
        .map((one) => row(one, 'identity', one.name, this.#account(one.account))),
      ...this.profiles.all
        .filter((one) => one.binnedAt !== null)
        .map((one) => row(one, 'profile', one.draft.name, null)),
    ];
  }

  #backups(): BackupView[] {
    return [1, 5, 26, 50, 98, 170].map((hours, at) => {
      const saved = iso(Date.now() - hours * 3_600_000);
      return { id: `vault-${at}.undercroft`, saved_at: saved, size_bytes: 196_608 - at * 8192, sound: at !== 4 };
    });
  }
}

const RECOVERY_KEY = '7Q4M2X-HT9P6A-6WDCK3-RBYN8E-5VJFK1-GKKH14';

function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

function stepNow(device: FakeDevice): number {
  return Math.floor(Date.now() / 1000 / device.period);
}

function endsInMs(device: FakeDevice): number {
  return (stepNow(device) + 1) * device.period * 1000 - Date.now();
}

/** Not a real code: the same look, without a seed. */
function codeOf(device: FakeDevice, step: number): string {
  let hash = step >>> 0;
  for (const character of device.id) hash = (Math.imul(hash ^ character.charCodeAt(0), 16777619) + step) >>> 0;
  return String(hash % 10 ** device.digits).padStart(device.digits, '0');
}

function codeView(device: FakeDevice): CodeView {
  const step = stepNow(device);
  return {
    device: device.id,
    code: codeOf(device, step),
    next: codeOf(device, step + 1),
    ends_in_ms: endsInMs(device),
    period_secs: device.period,
    used: device.usedStep >= step,
    next_used: device.usedStep > step,
  };
}

/** How good a password is, by its length alone. */
export function strength(text: string): Awaited<ReturnType<Commands['assessPassword']>> {
  const score = Math.min(4, Math.floor(text.length / 4));
  return {
    score,
    guesses_log10: text.length,
    warning: score < 2 ? 'This is a very common password.' : null,
    suggestions: score < 3 ? ['Add another word or two. Uncommon words are better.'] : [],
    acceptable: text.length >= SHORTEST_PASSWORD,
  };
}
