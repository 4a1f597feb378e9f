import type { HubClient } from '../api/hub-client.ts';
import { isHubError } from '../api/hub-error.ts';
import { dropWork, type OfflineWork, storeWork } from './offline-work.ts';

/**
 * Sends what was just done; without signal it is kept and goes out by itself, counted from when it was done.
 *
 * @returns the hub's answer; undefined when it is kept
 * @throws HubError what the hub refused
 */
export async function sendOrKeep<T>(client: Pick<HubClient, 'send'>, work: OfflineWork): Promise<T | undefined> {
  try {
    return await client.send<T>('POST', work.path, work.body);
  } catch (error) {
    if (!isHubError(error) || error.status !== 0) throw error;
    storeWork(work);
    return undefined;
  }
}

/**
 * Sends what waits, in the order it was done. Stops where the hub cannot be reached; what the hub refuses is kept with
 * its code, and what comes after it goes on.
 *
 * @returns how many the hub took
 */
export async function sendWork(client: Pick<HubClient, 'send'>, waiting: readonly OfflineWork[]): Promise<number> {
  let sent = 0;
  for (const work of waiting) {
    if (work.refused !== undefined) continue;
    try {
      await client.send('POST', work.path, work.body);
      dropWork(work.id);
      sent++;
    } catch (error) {
      if (!isHubError(error) || error.status === 0 || error.status >= 500 || error.status === 401) return sent;
      storeWork({ ...work, refused: error.code });
    }
  }
  return sent;
}
