import { commands, Failure } from '$lib/api/client';
import type { AccountRow, IdentityKindView, IdentityView, SeedPreview, UiError } from '$lib/api/client';
import { fieldMessage } from '$lib/api/errors';
import { sealField } from '$lib/api/sealing';
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
 * Filing an MFA device from a typed seed or an otpauth link.
 *
 * The typed text stays in its field; this asks for it with `read` each time, seals it, and keeps only what the backend
 * says is in it. Started without an identity, it also files the account and the identity that the link names.
 */
export class Enrolment {
  preview = $state.raw<SeedPreview | null>(null);
  problem = $state.raw<UiError | null>(null);
  looking = $state(false);
  busy = $state(false);
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

  readonly #identity: IdentityView | null;
  readonly #read: () => string;
  #asked = 0;
  /** The serial follows the name until the user writes one. */
  #serialTyped = false;

  constructor(identity: IdentityView | null, read: () => string) {
    this.#identity = identity;
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

  message(...fields: string[]): string | undefined {
    return fieldMessage(this.problem, ...fields);
  }

  /** The failure, unless a field on show already says it. */
  get rest(): UiError | null {
    if (this.problem?.code !== 'invalid') return this.problem;
    const shown = ['secret', 'name', 'serial', 'account_id', 'user_name'];
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
      if (asked === this.#asked) this.#take(preview);
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
      const secret = await sealField(this.#read());
      const draft = { identity: owner.identity, id: null, name, serial, algorithm, digits, period_secs: periodSecs };
      const device = await commands.saveDevice({ ...draft, secret });
      return { ...owner, device };
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
      return null;
    } finally {
      this.busy = false;
    }
  }

  #take(preview: SeedPreview): void {
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
    if (preview.serial && !this.#serialTyped) draft.serial = preview.serial;
    else this.#followName();
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
