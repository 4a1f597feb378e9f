/** Ready reasons; `other` needs words of its own. */
export const REASONS = ['verify', 'identify', 'resident', 'police', 'other'] as const;
export type ReasonKind = (typeof REASONS)[number];

/** Limits of the contract's MediaViewRequest. */
const MIN_CHARACTERS = 4;
export const MAX_CHARACTERS = 512;

/**
 * What goes on record.
 *
 * @param label the ready reason in words; not used for `other`
 * @returns undefined where it says too little
 */
export function reasonText(kind: ReasonKind, label: string, detail: string): string | undefined {
  const words = detail.trim();
  const text = kind === 'other' ? words : words === '' ? label : `${label}: ${words}`;
  return text.length < MIN_CHARACTERS ? undefined : text.slice(0, MAX_CHARACTERS);
}
