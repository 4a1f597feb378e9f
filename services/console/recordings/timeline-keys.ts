/** What a key does on the time line. */
export type TimelineKey =
  | { readonly kind: 'step'; readonly byMs: number }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'mark'; readonly forward: boolean }
  | { readonly kind: 'first' }
  | { readonly kind: 'last' };

const STEP_MS = 10_000;
const LONG_STEP_MS = 60_000;
const PAGE_MS = 600_000;
const ZOOM = 2;

export interface PressedKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** @returns undefined for keys that are the browser's */
export function timelineKeyOf({ key, shiftKey, ctrlKey, altKey, metaKey }: PressedKey): TimelineKey | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  const stepMs = shiftKey ? LONG_STEP_MS : STEP_MS;
  switch (key) {
    case 'ArrowLeft':
      return { kind: 'step', byMs: -stepMs };
    case 'ArrowRight':
      return { kind: 'step', byMs: stepMs };
    case 'PageDown':
      return { kind: 'step', byMs: -PAGE_MS };
    case 'PageUp':
      return { kind: 'step', byMs: PAGE_MS };
    case 'Home':
      return { kind: 'first' };
    case 'End':
      return { kind: 'last' };
    case '+':
    case '=':
      return { kind: 'zoom', factor: 1 / ZOOM };
    case '-':
      return { kind: 'zoom', factor: ZOOM };
    case ',':
      return { kind: 'mark', forward: false };
    case '.':
      return { kind: 'mark', forward: true };
    default:
      return undefined;
  }
}
