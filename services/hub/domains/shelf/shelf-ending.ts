import type { Response } from '../alarm/response.ts';
import { endDueSilences } from '../alarm/silence-ending.ts';

/** Ends the shelves whose time is up. The caller has stopped grouping. */
export function endDueShelves(response: Response, limit: number): Promise<void> {
  return endDueSilences(response, 'shelf', limit);
}
