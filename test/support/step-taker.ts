import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { GridCase } from '@dipper/contract/api/case';
import { createApiClient } from './api-client.ts';

export interface StepTaker {
  /** Notes of the steps that the hub answered with success. */
  readonly accepted: readonly string[];
  /** Finishes the step under way and returns when it has been answered. */
  stop(): Promise<void>;
}

const PAUSE_MS = 20;
const RETRY_MS = 100;

/**
 * Comments on cases through the API, one step after the other, as somebody with a bad connection would: a step whose
 * answer was lost is sent again with its key until it is answered.
 */
export function startStepTaker(url: string, token: string): StepTaker {
  const client = createApiClient(url, token);
  const accepted: string[] = [];
  let isStopping = false;

  const take = async (note: string): Promise<void> => {
    const key = randomUUID();
    let step: { path: string; version: number } | undefined;
    for (;;) {
      try {
        if (step === undefined) {
          const cases = await client.list<GridCase>('/api/v1/cases?limit=20');
          const chosen =
            cases.filter(({ actions }) => actions.includes('comment')).at(accepted.length % 20) ?? cases[0];
          if (chosen === undefined) {
            if (isStopping) return;
            await delay(RETRY_MS);
            continue;
          }
          step = { path: `/api/v1/cases/${chosen.id}/steps`, version: chosen.version };
        }
        const answer = await client.send('POST', step.path, { action: 'comment', version: step.version, note, key });
        if (answer.ok) {
          accepted.push(note);
          return;
        }
        // Somebody was faster: the step was refused as a whole, and is decided on anew.
        if (answer.status === 409) step = undefined;
        else if (answer.status < 500) throw new RefusedError(`${answer.status}: ${await answer.text()}`);
      } catch (error) {
        if (error instanceof RefusedError) throw error;
      }
      await delay(RETRY_MS);
    }
  };

  const running = (async () => {
    for (let number = 1; !isStopping; number += 1) {
      await take(`step ${number}`);
      await delay(PAUSE_MS);
    }
  })();
  running.catch(() => undefined);
  return {
    accepted,
    async stop() {
      isStopping = true;
      await running;
    },
  };
}

class RefusedError extends Error {}
