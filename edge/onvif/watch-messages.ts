import type { WatchedDevice, WatchReport } from './device-watch.ts';

/** What the owner of the watching thread asks of it. */
export type WatchRequest =
  | { readonly kind: 'watch'; readonly id: number; readonly device: WatchedDevice }
  | { readonly kind: 'leave'; readonly id: number };

/** What the thread tells; `left` ends a watch. */
export type WatchMessage =
  | { readonly kind: 'report'; readonly id: number; readonly report: WatchReport }
  | { readonly kind: 'left'; readonly id: number };
