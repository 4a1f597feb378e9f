/**
 * Whether the browser lacks what the page is built on: `Map.groupBy` is the youngest of it (Chrome and Edge 117,
 * Firefox 119, Safari 17.4).
 */
export function isTooOld(): boolean {
  return !('groupBy' in Map) || !('any' in AbortSignal);
}
