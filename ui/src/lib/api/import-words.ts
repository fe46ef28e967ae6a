/** The words for files and devices that can't be taken over. */
import type { Words } from './errors';

/** Says why a device of a file can't be used. */
export function reasonWords(reason: string): string {
  switch (reason) {
    case 'entry-hotp':
      return 'Counter-based (HOTP): AWS takes time-based devices only';
    case 'entry-steam':
      return 'A Steam device, whose codes are letters';
    case 'entry-unknown-type':
      return 'An unknown kind of device';
    case 'entry-algorithm':
      return 'An algorithm that TOTP does not have';
    case 'entry-digits':
      return 'A code has 6 to 8 digits';
    case 'entry-period':
      return 'A period has 1 to 300 seconds';
    case 'entry-no-secret':
      return 'It has no secret';
    case 'entry-no-device':
      return 'Not an MFA device';
    case 'otpauth-secret-in-label':
      return 'Its label carries the secret, where it would be shown';
    default:
      return reason.startsWith('migration-') ? 'A damaged export code' : 'Its secret can’t be read';
  }
}

/** Says why a file can't be read, and the way out. */
export function fileWords(file: string, reason: string): Words {
  switch (reason) {
    case 'import-password-needed':
      return { title: `${file} is encrypted`, advice: 'Type the password that it was exported with.' };
    case 'import-wrong-password':
      return {
        title: `That password does not open ${file}`,
        advice: 'It is the one chosen on exporting. A file that was changed on its way looks the same.',
      };
    case 'import-unrecognised':
      return {
        title: `${file} is no export that is known here`,
        advice:
          'Undercroft’s own, Aegis, 2FAS, Ente, Bitwarden, KeePass, 1Password, otpauth lists and pictures of QR codes can be read.',
      };
    case 'import-damaged':
      return { title: `${file} is damaged or cut off`, advice: 'Export it again.' };
    case 'import-too-large':
      return {
        title: `${file} is too large`,
        advice:
          'Exports of up to 16 MiB and 10,000 devices are read, 100 files at once; archives of everything up to 128 MiB.',
      };
    case 'import-no-archive':
      return {
        title: `${file} holds no archive`,
        advice:
          'Choose a file of “Export everything”, a vault or a backup. Devices of other programs are imported by themselves.',
      };
    case 'import-breaks-rules':
      return {
        title: `${file} goes beyond what a vault holds`,
        advice: 'Something in it is outside the limits, such as a third access key. It may have been changed by hand.',
      };
    case 'import-vault-full':
      return {
        title: 'The vault has no room for that',
        advice: 'With what is in the file it would be larger than 64 MiB. Nothing was taken in.',
      };
    case 'import-hostile-parameters':
      return {
        title: `${file} asks for too much work`,
        advice: 'No known program sets up a password like this. Do not trust the file.',
      };
    case 'import-too-new':
      return {
        title: `${file} needs a newer Undercroft`,
        advice: 'Install the version that wrote it; the file is untouched.',
      };
    case 'import-kdbx':
      return {
        title: 'Databases of KeePass are not read here',
        advice: 'In KeePassXC, export to XML or CSV, import that, and delete the file.',
      };
    case 'import-bitwarden-account':
      return {
        title: 'Only its Bitwarden account can open this export',
        advice: 'Export again as “.json (Encrypted)” with the type “Password protected”.',
      };
    case 'import-svg':
      return { title: `${file} is an SVG drawing`, advice: 'Save it as a PNG picture and import that.' };
    case 'import-no-code':
      return { title: `No QR code was found in ${file}`, advice: 'Take a sharper picture, with some white around it.' };
    default:
      return { title: `${file} can’t be read`, advice: 'Check that it is there and that you may read it.' };
  }
}
