import type { Alarm } from '@dipper/contract/api/alarm';
import { isHubError } from '../api/hub-error.ts';

export type CaptureAvailability =
  | { readonly kind: 'none' }
  /** The edge said why it kept none. */
  | { readonly kind: 'unavailable'; readonly code: string }
  | { readonly kind: 'askable'; readonly ref: string; readonly expiresAt: string };

/** Whether a picture can be asked for. One whose time is up by the browser's clock can: only the hub knows, and a hold may keep it. */
export function availabilityOf(media: Alarm['media']): CaptureAvailability {
  if (media === null) return { kind: 'none' };
  if ('unavailable' in media) return { kind: 'unavailable', code: media.unavailable };
  return { kind: 'askable', ref: media.ref, expiresAt: media.expiresAt };
}

/** Whether the hub has said that there will never be a picture any more (410: MEDIA_EXPIRED, MEDIA_ERASED). */
export function isGone(error: unknown): boolean {
  return isHubError(error) && error.status === 410;
}
