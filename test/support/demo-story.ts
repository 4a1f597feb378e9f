import type { Alarm } from '@dipper/contract/api/alarm';
import type { GridCase } from '@dipper/contract/api/case';
import type { EventView } from '@dipper/contract/api/inventory';
import type { EventData } from '@dipper/contract/events';
import type { ApiClient, Feed } from './api-client.ts';
import type { Demo } from './demo.ts';
import { eventually } from './eventually.ts';

/** The promise: within this time of the URL being printed, with no hand on it. */
export const STORY_WITHIN_MS = 60_000;

export interface Story {
  readonly capture: EventView;
  readonly alarm: Alarm;
  readonly gridCase: GridCase;
  /** Milliseconds after the URL was printed at which each was there. */
  readonly after: { readonly capture: number; readonly alarm: number; readonly case: number };
  /** The captured picture, asked for with a reason. */
  readonly picture: Buffer;
}

/** Waits for capture, alarm and case to appear by themselves, each dated after the URL was printed, and asks for the picture. */
export async function awaitStory(demo: Demo, client: ApiClient, feed: Feed): Promise<Story> {
  const left = (): number => Math.max(1, demo.printedAtMs + STORY_WITHIN_MS - Date.now());
  const sincePrinted = (): number => Date.now() - demo.printedAtMs;
  const alarm = await eventually(
    'an alarm about the closed entrance on the feed',
    () =>
      feed.messages
        .flatMap((message) => (message.kind === 'alarm' ? [message.value as Alarm] : []))
        .find(({ rule }) => rule === 'closed-entrance-face'),
    { withinMs: left() },
  );
  const alarmAfter = sincePrinted();
  const capture = await eventually(
    'a face.captured in the history, taken after the URL was printed',
    async () =>
      (await client.list<EventView>('/api/v1/events?type=face.captured')).find(
        ({ occurredAt }) => Date.parse(occurredAt) > demo.printedAtMs,
      ),
    { withinMs: left(), everyMs: 500 },
  );
  const captureAfter = sincePrinted();
  const gridCase = await eventually(
    'a case in the list',
    async () => (await client.list<GridCase>('/api/v1/cases'))[0],
    { withinMs: left(), everyMs: 500 },
  );
  const caseAfter = sincePrinted();
  return {
    capture,
    alarm,
    gridCase,
    after: { capture: captureAfter, alarm: alarmAfter, case: caseAfter },
    picture: await lookAt(client, capture),
  };
}

async function lookAt(client: ApiClient, capture: EventView): Promise<Buffer> {
  const { media } = capture.data as EventData<'face.captured'>;
  if (!('ref' in media)) throw new Error(`the capture has no picture: ${media.unavailable}`);
  const answer = await client.send('POST', `/api/v1/media/${media.ref}/views`, {
    reason: 'system test: is there a face in it',
  });
  if (!answer.ok) throw new Error(`the picture was refused with ${answer.status}: ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
}
