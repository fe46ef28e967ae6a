const WORDS: Readonly<Record<string, string>> = {
  account_id: 'account id',
  devices: 'MFA devices',
  favourite: 'pin or favourite mark',
  keys: 'access keys',
  production: 'production mark',
  secrets: 'custom secrets',
};

/** In what two versions differ, in words: `name, MFA devices and notes`. */
export function differences(fields: readonly string[]): string {
  const named = fields.map((field) => WORDS[field] ?? field.replaceAll('_', ' '));
  return new Intl.ListFormat('en-GB').format(named);
}
