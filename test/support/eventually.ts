import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until there is an answer. @throws Error with what was waited for, and the last error */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { withinMs = 10_000, everyMs = 100 } = {},
): Promise<T> {
  const end = Date.now() + withinMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: lastError });
    await delay(everyMs);
  }
}
