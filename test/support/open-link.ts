import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@dipper/edge/link/clock';
import type { CommandHandlers } from '@dipper/edge/link/commands';
import type { HubKeys } from '@dipper/edge/link/hub-keys';
import { createHubTime } from '@dipper/edge/link/hub-time';
import { createLink, type Link } from '@dipper/edge/link/link';
import type { BrokerAddress } from '@dipper/edge/link/mqtt-session';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { ORIGIN, openTestOutbox } from './open-outbox.ts';

export interface OpenLinkOptions {
  readonly broker: BrokerAddress;
  readonly keys: HubKeys;
  readonly handlers?: CommandHandlers;
  readonly clock?: Clock;
}

/** A real link over a real outbox, closed when the test is over. `logged` holds what it said, as parsed JSON lines. */
export function openTestLink({ broker, keys, handlers = {}, clock = systemClock }: OpenLinkOptions): {
  readonly link: Link;
  readonly logged: readonly Record<string, unknown>[];
} {
  const hubTime = createHubTime(clock);
  const outbox = openTestOutbox({ clock, hubTime });
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const options = { origin: ORIGIN, bootId: randomUUID(), version: 'test', broker, keys, outbox, hubTime, clock, log };
  const link = createLink({ ...options, handlers });
  onTestFinished(() => link.close());
  return { link, logged };
}
