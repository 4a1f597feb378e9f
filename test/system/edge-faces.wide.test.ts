import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type FaceEntrance, HOLDER, startFaceEntrance } from '../support/face-entrance.ts';

const PATIENTLY = { withinMs: 60_000, everyMs: 50 };
/** Twice what a verdict on a living head takes. */
const ENOUGH_FRAMES = 12;

let ground: FaceEntrance;
beforeAll(async () => {
  ground = await startFaceEntrance('print', 1);
}, 90_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

test("a resident's printed photograph opens nothing; the resident who comes after it is let in by the signed policy", async () => {
  await eventually('the print is taken for the resident', () => ground.matchedFrames >= ENOUGH_FRAMES, PATIENTLY);
  expect(ground.passages).toEqual([]);
  expect(ground.entrance.access()).toEqual([]);

  await ground.show('nobody');
  await ground.show('living');
  const [passage] = await eventually('a command', () => ground.passages.length > 0 && ground.passages, PATIENTLY);
  const events = await ground.entrance.record(0, 'access.taken', 'access.not-taken');
  expect(events.map(({ type }) => type)).toEqual(['access.requested', 'access.granted', 'access.taken']);
  expect(events[1]?.data).toMatchObject({ holder: HOLDER, factors: ['face'], policyVersion: 7 });
  // Told by the barrier's contact, not by the controller's answer.
  const positions = ground.entrance.reports.flatMap((report) =>
    report.kind === 'event' && report.event.type === 'gate.state' ? [report.event.data.position] : [],
  );
  expect(positions).toContain('open');

  const { frameAtMs = 0, offeredAtMs = 0, commandedAtMs = 0 } = passage ?? {};
  expect(frameAtMs).toBeLessThan(offeredAtMs);
  expect(offeredAtMs).toBeLessThanOrEqual(commandedAtMs);
  console.log(
    `frame to offer ${Math.round(offeredAtMs - frameAtMs)} ms, to command ${Math.round(commandedAtMs - frameAtMs)} ms`,
  );
}, 150_000);
