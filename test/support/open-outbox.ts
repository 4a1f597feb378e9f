import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@dipper/edge/link/clock';
import { createHubTime, type HubTime } from '@dipper/edge/link/hub-time';
import { type Outbox, openOutbox } from '@dipper/edge/link/outbox';
import { onTestFinished } from 'vitest';

export const ORIGIN = { estate: 'lanting', agent: 'lanting-edge-1' } as const;

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-link-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface OpenOutboxOptions {
  readonly clock: Clock;
  readonly path?: string;
  readonly budgetBytes?: number;
  readonly hubTime?: HubTime;
}

/** A real outbox in a folder of its own, closed when the test is over. */
export function openTestOutbox({ clock, path, budgetBytes, hubTime }: OpenOutboxOptions): Outbox {
  const outbox = openOutbox({
    path: path ?? join(temporaryFolder(), 'outbox.sqlite'),
    origin: ORIGIN,
    budgetBytes: budgetBytes ?? 64 * 1024 * 1024,
    clock,
    hubTime: hubTime ?? createHubTime(clock),
  });
  onTestFinished(() => {
    try {
      outbox.close();
    } catch {
      // closed by the test itself
    }
  });
  return outbox;
}
