import { commands } from '$lib/api/client';
import type { ArchivePreviewView, ArchiveReportView } from '$lib/api/client';
import { sealField } from '$lib/api/sealing';
import { vault } from '$lib/features/window/vault.svelte';
import { FileImport } from './file-import.svelte';

/** Takes an archive in: it is chosen and read in the backend, where its secrets stay. */
export class ArchiveImport extends FileImport {
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
    await this.run(async () => {
      const found = await commands.chooseArchive();
      if (found) this.#show(found);
    });
  }

  async open(password: string): Promise<boolean> {
    return this.run(async () => this.#show(await commands.openArchive(await sealField(password))));
  }

  async apply(): Promise<void> {
    const id = this.preview?.id;
    if (id === undefined) return;
    await this.run(async () => {
      this.report = await commands.applyArchive(id, { settings: this.settings, prefers_archive: this.prefersArchive });
      this.step = 'done';
      await vault.refresh();
    });
  }

  #show(found: ArchivePreviewView): void {
    this.preview = found;
    // A vault whose settings nobody has touched takes the file's; others keep their own unless that is wished.
    this.settings = found.settings_differ && found.settings_untouched;
    this.step = 'preview';
  }
}
