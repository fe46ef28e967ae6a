import { commands } from '$lib/api/client';
import type { IdentityKindView, ImportChoiceView, ImportReportView, ImportRowView } from '$lib/api/client';
import { sealField } from '$lib/api/sealing';
import { vault } from '$lib/features/window/vault.svelte';
import { FileImport } from './file-import.svelte';

/** A device of a file, and what the user wants with it. */
export class ImportLine {
  readonly row: ImportRowView;
  wanted = $state(false);
  accountId = $state('');
  who = $state<IdentityKindView>('iam-user');
  name = $state('');

  constructor(row: ImportRowView) {
    this.row = row;
    this.accountId = row.account?.account_id ?? row.account_id ?? '';
    this.who = row.root ? 'root' : 'iam-user';
    this.name = row.user_name ?? row.email ?? '';
    this.wanted = this.usable && this.complete;
  }

  /** Whether it can be taken over at all. */
  get usable(): boolean {
    return this.row.status.kind === 'new';
  }

  /** Whether it is known where it goes. */
  get complete(): boolean {
    return this.row.identity !== null || (this.accountId.trim() !== '' && this.name.trim() !== '');
  }

  get choice(): ImportChoiceView {
    const { index, identity } = this.row;
    if (identity !== null) return { index, target: { kind: 'existing', identity } };
    return { index, target: { kind: 'new', account_id: this.accountId, who: this.who, name: this.name.trim() } };
  }
}

/** Takes MFA devices over from files: they are chosen and read in the backend, where their seeds stay. */
export class ImportRun extends FileImport {
  lines = $state.raw<readonly ImportLine[]>([]);
  missingCodes = $state(0);
  report = $state.raw<ImportReportView | null>(null);
  #id = 0;

  get wanted(): readonly ImportLine[] {
    return this.lines.filter((line) => line.usable && line.wanted);
  }

  /** Whether every wanted device has its place. */
  get ready(): boolean {
    return this.wanted.length > 0 && this.wanted.every((line) => line.complete);
  }

  async choose(): Promise<void> {
    await this.run(async () => {
      const found = await commands.chooseImportFiles();
      if (found) this.#show(found);
    });
  }

  async open(password: string): Promise<boolean> {
    return this.run(async () => this.#show(await commands.openImport(await sealField(password))));
  }

  async apply(): Promise<void> {
    await this.run(async () => {
      this.report = await commands.applyImport(
        this.#id,
        this.wanted.map((line) => line.choice),
      );
      this.step = 'done';
      await vault.refresh();
    });
  }

  #show(found: Awaited<ReturnType<typeof commands.openImport>>): void {
    this.#id = found.id;
    this.lines = found.rows.map((row) => new ImportLine(row));
    this.missingCodes = found.missing_codes;
    this.step = 'preview';
  }
}
