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
  const parts = name.split(/[\s·._-]+/).filter((part) => /[\p{L}\p{N}]/u.test(part));
  return parts
    .slice(0, 2)
    .map((part) => [...part][0]?.toUpperCase() ?? '')
    .join('');
}
