import type { Response } from '../alarm/response.ts';
import { endDueSilences } from '../alarm/silence-ending.ts';

/** Returns to service what was to be out of it until now. The caller has stopped grouping. */
export function endDueOutOfService(response: Response, limit: number): Promise<void> {
  return endDueSilences(response, 'out_of_service', limit);
}
