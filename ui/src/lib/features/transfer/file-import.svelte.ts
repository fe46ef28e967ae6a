import { commands, Failure } from '$lib/api/client';
import type { UiError } from '$lib/api/client';

/** Where an import is. */
export type ImportStep = 'choose' | 'password' | 'preview' | 'done';

/** What every import of files does: they are chosen and read in the backend, and may need their password first. */
export abstract class FileImport {
  step = $state<ImportStep>('choose');
  busy = $state(false);
  problem = $state.raw<UiError | null>(null);

  /** Gives up what was read; a locked vault has dropped it already. */
  async end(): Promise<void> {
    if (this.step === 'choose' || this.step === 'done') return;
    await commands.cancelImport().catch(() => null);
  }

  /** Does one thing at a time, and tells whether it was done. Files that are encrypted lead to the step that asks. */
  protected async run(work: () => Promise<void>): Promise<boolean> {
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
