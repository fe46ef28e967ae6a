import { commands, Failure } from '$lib/api/client';
import type { ArchivePreviewView, ArchiveReportView, UiError } from '$lib/api/client';
import { sealField } from '$lib/api/sealing';
import { vault } from '$lib/features/window/vault.svelte';

/** Where the import of an archive is. */
export type ArchiveStep = 'choose' | 'password' | 'preview' | 'done';

/** Takes an archive in: it is chosen and read in the backend, where its secrets stay. */
export class ArchiveImport {
  step = $state<ArchiveStep>('choose');
  busy = $state(false);
  problem = $state.raw<UiError | null>(null);
  preview = $state.raw<ArchivePreviewView | null>(null);
  report = $state.raw<ArchiveReportView | null>(null);
  /** Whether the file's settings are wanted. */
  settings = $state(false);
  /** Whether the file's version stays where the same thing was made here separately. */
  prefersArchive = $state(false);

  /** Whether there is anything that the vault does not have. */
  get brings(): boolean {
    const found = this.preview;
    return found !== null && (found.new > 0 || found.rows.length > 0 || (found.settings_differ && this.settings));
  }

  get hasTwins(): boolean {
    return this.preview?.rows.some((row) => row.arrival === 'twin') ?? false;
  }

  async choose(): Promise<void> {
    await this.#run(async () => {
      const found = await commands.chooseArchive();
      if (found) this.#show(found);
    });
  }

  async open(password: string): Promise<boolean> {
    return this.#run(async () => this.#show(await commands.openArchive(await sealField(password))));
  }

  async apply(): Promise<void> {
    const id = this.preview?.id;
    if (id === undefined) return;
    await this.#run(async () => {
      this.report = await commands.applyArchive(id, { settings: this.settings, prefers_archive: this.prefersArchive });
      this.step = 'done';
      await vault.refresh();
    });
  }

  /** Gives up what was read; a locked vault has dropped it already. */
  async end(): Promise<void> {
    if (this.step === 'choose' || this.step === 'done') return;
    await commands.cancelImport().catch(() => null);
  }

  #show(found: ArchivePreviewView): void {
    this.preview = found;
    // A vault whose settings nobody has touched takes the file's; others keep their own unless that is wished.
    this.settings = found.settings_differ && found.settings_untouched;
    this.step = 'preview';
  }

  async #run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      const { problem } = Failure.from(thrown);
      const closed =
        problem.code === 'import' && ['import-password-needed', 'import-wrong-password'].includes(problem.reason);
      if (closed) this.step = 'password';
      // That a password is needed is no failure: the field for it says so.
      this.problem = closed && problem.reason === 'import-password-needed' ? null : problem;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
