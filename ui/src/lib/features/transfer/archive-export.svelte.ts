import { commands } from '$lib/api/client';
import type { ArchiveFormatView, ArchiveWrittenView, Sealed } from '$lib/api/client';

/** Writes everything into one file. */
export class ArchiveExport {
  format = $state<ArchiveFormatView>('encrypted');
  done = $state.raw<ArchiveWrittenView | null>(null);

  /** Writes the file, once the master password was typed; a cancelled file dialog changes nothing. */
  async write(format: ArchiveFormatView, password: Sealed | null): Promise<void> {
    this.done = await commands.exportAll(format, password);
  }
}
