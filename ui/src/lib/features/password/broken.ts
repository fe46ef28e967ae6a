import type { UiError } from '$lib/api/client';

/** Whether a file can't be opened by any password, as it is now. */
export function isBroken(problem: UiError): boolean {
  switch (problem.code) {
    case 'damaged':
    case 'vault-missing':
    case 'not-a-vault':
    case 'too-new':
    case 'hostile-parameters':
    case 'folder-missing':
    case 'no-permission':
    case 'disk':
      return true;
    default:
      return false;
  }
}

/** Whether one of the vault's backups may help, as far as can be told. */
export function mayRestore(problem: UiError): boolean {
  switch (problem.code) {
    case 'damaged':
    case 'vault-missing':
      return problem.backups > 0;
    case 'not-a-vault':
    case 'hostile-parameters':
    case 'disk':
      return true;
    default:
      return false;
  }
}
