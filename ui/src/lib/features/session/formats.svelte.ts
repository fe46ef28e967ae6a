import type { SessionFormat } from '$lib/api/client';

/** What a session can be copied as, in the order in which it is offered. */
export const FORMATS: readonly { readonly value: SessionFormat; readonly label: string; readonly hint: string }[] = [
  { value: 'sh', label: 'sh, bash, zsh', hint: 'export …' },
  { value: 'fish', label: 'fish', hint: 'set -gx …' },
  { value: 'powershell', label: 'PowerShell', hint: '$Env:…' },
  { value: 'credentials-file', label: 'Credentials file', hint: '~/.aws' },
  { value: 'json', label: 'JSON', hint: 'credential_process' },
];

/** The format copied last, offered first as long as the window lives. */
class PreferredFormat {
  value = $state<SessionFormat>('sh');

  get label(): string {
    return FORMATS.find((one) => one.value === this.value)?.label ?? this.value;
  }
}

export const preferred = new PreferredFormat();
