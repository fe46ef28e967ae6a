/** A code in two groups: `123 456`, `123 4567`, `1234 5678`. */
export function groupedCode(code: string): string {
  const half = Math.floor(code.length / 2);
  return `${code.slice(0, half)} ${code.slice(half)}`;
}

/** Twelve digits in three groups, as AWS's console writes them: `1234-5678-9012`. */
export function groupedAccountId(id: string): string {
  return /^\d{12}$/.test(id) ? `${id.slice(0, 4)}-${id.slice(4, 8)}-${id.slice(8)}` : id;
}
