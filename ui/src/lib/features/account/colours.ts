/** The ten colours that an account can wear, in the order in which they are offered. */
export const COLOURS = [
  'grey',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'indigo',
  'purple',
  'pink',
] as const;

/** What partitions are called. */
export const PARTITIONS = [
  { value: 'aws', label: 'AWS (commercial)' },
  { value: 'aws-cn', label: 'AWS China' },
  { value: 'aws-us-gov', label: 'AWS GovCloud (US)' },
  { value: 'aws-eusc', label: 'AWS European Sovereign Cloud' },
];

/** At most two letters that stand for a name: `Payments production` gives `PP`. */
export function initials(name: string): string {
  const letters = name.split(/[\s·._-]+/).map((part) => /[\p{L}\p{N}]/u.exec(part)?.[0].toUpperCase() ?? '');
  return letters.filter(Boolean).slice(0, 2).join('');
}
