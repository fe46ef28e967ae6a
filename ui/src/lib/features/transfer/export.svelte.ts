import { commands, Failure } from '$lib/api/client';
import type { DeviceRefView, ExportedView, ExportFormatView, Sealed, UiError } from '$lib/api/client';

/** A device of the vault that could be exported. */
export interface ExportLine {
  readonly device: DeviceRefView;
  readonly name: string;
  readonly owner: string;
}

/** What is exported, and as what. */
export class ExportRun {
  lines = $state.raw<readonly ExportLine[] | null>(null);
  chosen = $state<Record<string, boolean>>({});
  format = $state<ExportFormatView>('vault');
  problem = $state.raw<UiError | null>(null);
  done = $state.raw<ExportedView | null>(null);

  get devices(): DeviceRefView[] {
    return (this.lines ?? []).map((line) => line.device).filter((device) => this.chosen[device.device]);
  }

  /** Finds the devices of all accounts. */
  async load(): Promise<void> {
    try {
      const lines: ExportLine[] = [];
      for (const row of await commands.accounts()) {
        const account = await commands.account(row.id);
        for (const one of account.identities.filter((identity) => identity.devices > 0)) {
          const identity = await commands.identity(one.id);
          for (const device of identity.devices) {
            const target = { identity: identity.id, device: device.id };
            lines.push({ device: target, name: device.name, owner: `${identity.name} · ${row.name}` });
          }
        }
      }
      this.lines = lines;
      this.chosen = Object.fromEntries(lines.map((line) => [line.device.device, true]));
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    }
  }

  /** Writes the files, once the master password was typed; a cancelled file dialog changes nothing. */
  async write(devices: DeviceRefView[], format: ExportFormatView, password: Sealed | null): Promise<void> {
    this.done = await commands.exportDevices(devices, format, password);
  }
}
