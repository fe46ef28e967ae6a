import type { FoundView } from '$lib/api/client';
import { counted } from '$lib/format/duration';

type Other = Exclude<FoundView, { kind: 'device' }>;

/** What a code is that can't be saved, and why. */
export function otherWords(other: Other): { title: string; text: string } {
  switch (other.kind) {
    case 'web-address':
      return { title: `A web address of ${other.host}`, text: 'It is no MFA device, and is not opened.' };
    case 'hotp':
      return {
        title: other.label ? `${other.label}: counts codes instead of time` : 'A device that counts codes (HOTP)',
        text: 'AWS takes time-based devices only, so it has no use here.',
      };
    case 'unusable':
      return { title: `${other.label ?? 'An MFA device'}: can’t be used`, text: sentence(other.why) };
    case 'missing-parts':
      return {
        title: `${counted(other.missing, 'code is', 'codes are')} missing`,
        text: 'The export has several QR codes. Save what is here, then scan the others.',
      };
    case 'passkey':
      return { title: 'A passkey', text: 'Passkeys give no codes and can’t be used with STS. A phone answers it.' };
    case 'sign-in-page':
      return { title: 'A sign-in page of AWS', text: 'It is a page, not a device: open it on your phone.' };
    case 'wifi':
      return { title: 'A wireless network', text: 'It holds no MFA device.' };
    case 'text':
      return { title: 'A code with something else', text: 'It holds no MFA device.' };
  }
}

function sentence(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
