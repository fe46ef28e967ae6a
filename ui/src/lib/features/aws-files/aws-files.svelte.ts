import { commands, Failure } from '$lib/api/client';
import type { FilesSourceView, FoundFileView, FoundStatusView, TakenOutView, UiError } from '$lib/api/client';
import { vault } from '$lib/features/window/vault.svelte';

/** Where taking files over is; `offer` asks about the keys in plain text, `done` says what came of all. */
export type FilesStep = 'choose' | 'preview' | 'offer' | 'done';

/** Takes over what files of AWS's programs hold. They are chosen and read in the backend, where their secrets stay. */
export class FilesRun {
  step = $state<FilesStep>('choose');
  /** Which button's work is under way. */
  busy = $state<FilesSourceView | 'next' | null>(null);
  problem = $state.raw<UiError | null>(null);
  /** The files of `~/.aws`, as they are called. */
  ofAws = $state.raw<readonly string[]>([]);
  files = $state.raw<readonly FoundFileView[]>([]);
  outcomes = $state.raw<readonly TakenOutView[]>([]);
  /** How many things were added. */
  added = $state(0);
  #id = 0;

  /** The files with keys in plain text that the vault has, or would have. */
  get plain(): readonly FoundFileView[] {
    return this.files.filter((file) => file.plain_secrets.length > 0);
  }

  /** How many things there are of a status. */
  count(status: FoundStatusView): number {
    return this.files.flatMap((file) => file.found).filter((item) => item.status === status).length;
  }

  /** Whether there is anything to do about these files. */
  get ready(): boolean {
    return this.count('new') > 0 || this.plain.length > 0;
  }

  async load(): Promise<void> {
    try {
      this.ofAws = await commands.awsFiles();
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    }
  }

  async look(from: FilesSourceView): Promise<void> {
    await this.#run(from, async () => {
      const found = await commands.previewFiles(from);
      if (!found) return;
      this.#id = found.id;
      this.files = found.files;
      this.step = 'preview';
    });
  }

  async takeOver(): Promise<void> {
    await this.#run('next', async () => {
      this.files = await commands.takeOverFiles(this.#id);
      this.added = this.count('new');
      this.step = this.plain.length > 0 ? 'offer' : 'done';
      await vault.refresh();
    });
  }

  async takeOut(): Promise<void> {
    await this.#run('next', async () => {
      this.outcomes = await commands.takeOutPlainSecrets(this.#id);
      this.step = 'done';
    });
  }

  /** Leaves the keys where they are. */
  leave(): void {
    this.problem = null;
    this.step = 'done';
  }

  /** The profiles whose keys are gone from the files, which AWS's programs have to ask for from now on. */
  get taken(): readonly string[] {
    return this.outcomes.flatMap((outcome) => outcome.taken);
  }

  async #run(what: FilesSourceView | 'next', work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = what;
    this.problem = null;
    try {
      await work();
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    } finally {
      this.busy = null;
    }
  }
}
