import { commands, Failure } from '$lib/api/client';
import type { ProfileDraft, UiError, WayView } from '$lib/api/client';
import { fieldMessage } from '$lib/api/errors';
import { Form } from '$lib/features/form/form.svelte';

/** Lets a person finish a word before the backend is asked. */
const PAUSE_MS = 250;

/** Stands for the name as long as none is typed, so that the way shows all the same. */
const NAMELESS = 'undercroft-preview';

/**
 * A profile that is being typed, with the way to its credentials as it would be.
 *
 * The backend looks at every change after a pause. Before the first try to save, only fields in which something stands
 * are told what is wrong with them; what is still empty is not nagged about.
 */
export class ProfileForm {
  readonly form: Form<ProfileDraft>;
  way = $state.raw<WayView | null>(null);
  /** What the backend last said against the draft. */
  trouble = $state.raw<UiError | null>(null);
  #sent = $state(false);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(draft: ProfileDraft) {
    this.form = new Form(draft);
  }

  get draft(): ProfileDraft {
    return this.form.draft;
  }

  /** Why the way can't be gone, apart from what stands beside a field. */
  get obstacle(): UiError | null {
    return this.trouble?.code === 'invalid' ? null : this.trouble;
  }

  /** What is wrong with a field. */
  message(...fields: (keyof ProfileDraft)[]): string | undefined {
    if (!this.#sent && !fields.some((field) => this.#holdsSomething(field))) return undefined;
    return fieldMessage(this.trouble, ...fields);
  }

  /** Asks for the way after a pause; a later call takes the place of an earlier one. */
  look(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const asked = this.#asked;
    this.#timer = setTimeout(() => void this.#look(asked), PAUSE_MS);
  }

  /** Stops asking. */
  end(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }

  /** Saves; answers with the item's id, or nothing when it was refused. */
  async save(): Promise<string | null> {
    let id: string | null = null;
    this.end();
    const taken = await this.form.send(async (draft) => {
      id = await commands.saveProfile(draft);
    });
    this.#sent = true;
    if (!taken) this.trouble = this.form.problem;
    return id;
  }

  async #look(asked: number): Promise<void> {
    const draft = $state.snapshot(this.form.draft) as ProfileDraft;
    if (!this.#sent && draft.name.trim() === '') draft.name = NAMELESS;
    let way: WayView | null = null;
    let trouble: UiError | null = null;
    try {
      way = await commands.profileWay(draft);
    } catch (thrown) {
      trouble = Failure.from(thrown).problem;
    }
    if (asked !== this.#asked) return;
    this.way = way;
    this.trouble = trouble;
    if (this.#sent) this.form.problem = trouble;
  }

  #holdsSomething(field: keyof ProfileDraft): boolean {
    const value = this.form.draft[field];
    if (field === 'mfa') return true;
    if (Array.isArray(value)) return value.length > 0;
    return value !== '' && value !== null;
  }
}
