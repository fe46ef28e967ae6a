import type { RecoveryKitView, VaultPlace } from '$lib/api/client';
import type { Reader } from '$lib/api/sealing';

/** A recovery kit whose key was opened, for showing and printing. */
export interface OpenedKit {
  readonly key: string;
  readonly vault: VaultPlace;
  readonly madeAt: string;
}

/** Opens the sealed key of a kit. */
export async function openedKit(kit: RecoveryKitView, reader: Reader): Promise<OpenedKit> {
  return { key: await reader.open(kit.key), vault: kit.vault, madeAt: kit.made_at };
}
