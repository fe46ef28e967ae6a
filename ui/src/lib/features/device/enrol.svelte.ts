import { commands, Failure } from '$lib/api/client';
import type { AccountRow, IdentityKindView, IdentityView, SeedPreview, UiError } from '$lib/api/client';
import { fieldMessage } from '$lib/api/errors';
import { sealField } from '$lib/api/sealing';
import type { FoundDevice } from '$lib/features/scan/scan.svelte';
import { serialFor } from './serial';

/** What the user fills in or confirms about a new device. */
export interface EnrolDraft {
  name: string;
  serial: string;
  algorithm: string;
  digits: number;
  periodSecs: number;
  accountId: string;
  kind: IdentityKindView;
  userName: string;
}

/**
 * Filing an MFA device from a scanned code, a typed seed or an otpauth link.
 *
 * A scanned code stays in the backend and is named by its place in the scan. A typed text stays in its field; this asks
 * for it with `read` each time, seals it, and keeps only what the backend says is in it. Started without an identity,
 * it also files the account and the identity that the code names.
 */
export class Enrolment {
  preview = $state.raw<SeedPreview | null>(null);
  problem = $state.raw<UiError | null>(null);
  looking = $state(false);
  busy = $state(false);
  /** The scanned code; nothing where the seed is typed. */
  scanned = $state.raw<FoundDevice | null>(null);
  /** Whose device it will be, where that identity is in the vault. */
  owner = $state.raw<IdentityView | null>(null);
  draft: EnrolDraft = $state({
    name: '',
    serial: '',
    algorithm: 'SHA1',
    digits: 6,
    periodSecs: 30,
    accountId: '',
    kind: 'iam-user',
    userName: '',
  });

  #identity: IdentityView | null = $state.raw(null);
  readonly #read: () => string;
  #asked = 0;
  /** The serial follows the name until the user writes one. */
  #serialTyped = false;

  constructor(identity: IdentityView | null, read: () => string) {
    this.#identity = identity;
    this.owner = identity;
    this.#read = read;
    if (identity) this.draft.name = identity.kind === 'root' ? 'root-account-mfa-device' : identity.name;
  }

  /** The account that it goes to, where it is in the vault. */
  get account(): AccountRow | null {
    return this.#identity?.account ?? this.preview?.account ?? null;
  }

  /** Whether an account or an identity is filed along with the device. */
  get filesIdentity(): boolean {
    return this.#identity === null && this.preview !== null && this.preview.identity === null;
  }

  get filesAccount(): boolean {
    return this.#identity === null && this.preview !== null && this.preview.account === null;
  }

  /** The account that the code names, where the dialog was opened for an identity of another one. */
  get elsewhere(): string | null {
    const started = this.#identity?.account;
    const hint = this.preview?.account_hint;
    if (!started || !hint || hint === started.account_id || hint === started.alias) return null;
    return this.preview?.account && this.preview.account.id !== started.id ? this.preview.account.name : hint;
  }

  /** What saving will do, one sentence each. */
  get changes(): string[] {
    const { preview, draft } = this;
    if (!preview) return [];
    const who = draft.kind === 'root' ? 'root user' : 'IAM user';
    const name = this.owner?.name ?? draft.userName;
    const place = this.account ? ` in ${this.account.name}` : '';
    return [
      ...(this.filesAccount ? [`The account ${draft.accountId} is added.`] : []),
      ...(this.filesIdentity ? [`The ${who} ${name} is added${place}.`] : []),
      `The device ${draft.name} is added${name ? ` to ${name}` : ''}${place}.`,
    ];
  }

  /** Takes a scanned code in the place of a typed seed. */
  async takeScanned(device: FoundDevice): Promise<void> {
    this.#asked += 1;
    this.problem = null;
    this.looking = false;
    this.scanned = device;
    this.#serialTyped = false;
    await this.#take(device.found.preview);
  }

  /** Gives up the scanned code; the names start anew with the next one. */
  dropScanned(): void {
    this.#asked += 1;
    this.scanned = null;
    this.preview = null;
    this.problem = null;
    this.owner = this.#identity;
  }

  /** Leaves the identity that the dialog was opened for, and files the device where the code says. */
  async followCode(): Promise<void> {
    const { preview } = this;
    this.#identity = null;
    this.owner = null;
    this.#serialTyped = false;
    if (preview) await this.#take(preview);
  }

  message(...fields: string[]): string | undefined {
    return fieldMessage(this.problem, ...fields);
  }

  /** The failure, unless a field on show already says it. */
  get rest(): UiError | null {
    if (this.problem?.code !== 'invalid') return this.problem;
    const shown = ['name', 'serial', 'account_id', 'user_name'];
    if (!this.scanned) shown.push('secret');
    if (this.preview && !this.preview.from_uri) shown.push('period_secs');
    return this.problem.problems.every((one) => shown.includes(one.field)) ? null : this.problem;
  }

  /** Looks at what was typed. */
  async look(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const text = this.#read();
    this.problem = null;
    if (text.trim() === '') {
      this.preview = null;
      this.looking = false;
      return;
    }
    this.looking = true;
    try {
      const preview = await commands.previewSeed(this.#identity?.id ?? null, await sealField(text));
      if (asked === this.#asked) await this.#take(preview);
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.preview = null;
      this.problem = Failure.from(thrown).problem;
    } finally {
      if (asked === this.#asked) this.looking = false;
    }
  }

  setName(name: string): void {
    this.draft.name = name;
    this.#followName();
  }

  setSerial(serial: string): void {
    this.draft.serial = serial;
    this.#serialTyped = serial !== '';
  }

  setAccountId(id: string): void {
    this.draft.accountId = id;
    this.#followName();
  }

  /** Files it; answers with the identity that has it now, or nothing when refused. */
  async save(): Promise<{ identity: string; device: string; account: string } | null> {
    if (this.busy) return null;
    this.busy = true;
    this.problem = null;
    try {
      if (!this.preview) await this.look();
      if (!this.preview) {
        const message = 'Paste the secret key or the link that AWS shows.';
        this.problem ??= { code: 'invalid', problems: [{ field: 'secret', message }] };
        return null;
      }
      const owner = await this.#owner(this.preview);
      const { name, serial, algorithm, digits, periodSecs } = this.draft;
      const draft = { identity: owner.identity, id: null, name, serial, algorithm, digits, period_secs: periodSecs };
      const { scanned } = this;
      const device = scanned
        ? await commands.saveScannedDevice({ ...draft, secret: null }, scanned.scan, scanned.number)
        : await commands.saveDevice({ ...draft, secret: await sealField(this.#read()) });
      return { ...owner, device };
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
      return null;
    } finally {
      this.busy = false;
    }
  }

  async #take(preview: SeedPreview): Promise<void> {
    this.preview = preview;
    const { draft } = this;
    draft.name = preview.device_name ?? draft.name;
    draft.algorithm = preview.algorithm;
    draft.digits = preview.digits;
    draft.periodSecs = preview.period_secs;
    draft.kind = preview.root ? 'root' : 'iam-user';
    if (!this.#identity) {
      draft.accountId =
        preview.account?.account_id ??
        (/^\d{12}$/.test(preview.account_hint ?? '') ? (preview.account_hint ?? '') : draft.accountId);
      draft.userName = preview.user_name ?? draft.userName;
    }
    if (preview.serial && !this.#serialTyped && !this.elsewhere) draft.serial = preview.serial;
    else this.#followName();
    if (!this.#identity) await this.#findOwner(preview);
  }

  /** Looks up the identity that the code was matched to, for its name. */
  async #findOwner(preview: SeedPreview): Promise<void> {
    this.owner = null;
    if (!preview.identity) return;
    try {
      const owner = await commands.identity(preview.identity);
      if (this.preview === preview) this.owner = owner;
    } catch {
      // It is gone by now; saving says so.
    }
  }

  #followName(): void {
    if (this.#serialTyped) return;
    const typed = this.draft.accountId.replace(/[\s-]/g, '');
    const account = this.account ?? (/^\d{12}$/.test(typed) ? { partition: 'aws', account_id: typed } : null);
    this.draft.serial = account ? serialFor(account, this.draft.name) : '';
  }

  /** The identity that the device goes to, filed first where the vault has none. */
  async #owner(preview: SeedPreview): Promise<{ identity: string; account: string }> {
    if (this.#identity) return { identity: this.#identity.id, account: this.#identity.account.id };
    // What is filed is noted at once: after a refusal further on, the next try goes on from here.
    const account = preview.account ?? (await this.#fileAccount(preview));
    this.preview = { ...preview, account };
    const identity = preview.identity ?? (await this.#fileIdentity(account.id));
    this.preview = { ...preview, account, identity };
    return { identity, account: account.id };
  }

  async #fileAccount(preview: SeedPreview): Promise<AccountRow> {
    const hint = preview.account_hint;
    const id = await commands.saveAccount({
      id: null,
      account_id: this.draft.accountId,
      alias: hint && !/^\d{12}$/.test(hint) ? hint : '',
      partition: 'aws',
      name: '',
      colour: 'blue',
      production: false,
      tags: [],
      notes: '',
      region: '',
      endpoints: { sts: null, iam: null, sign_in: null },
    });
    return (await commands.account(id)).row;
  }

  async #fileIdentity(account: string): Promise<string> {
    const { kind, userName } = this.draft;
    try {
      return await commands.saveIdentity({ id: null, account, kind, name: userName, notes: '' });
    } catch (thrown) {
      const { problem } = Failure.from(thrown);
      if (problem.code !== 'invalid') throw thrown;
      const problems = problem.problems.map((one) => ({
        ...one,
        field: one.field === 'name' ? 'user_name' : one.field,
      }));
      throw new Failure({ code: 'invalid', problems });
    }
  }
}
