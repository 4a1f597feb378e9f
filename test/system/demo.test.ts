import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GridCase } from '@dipper/contract/api/case';
import type { EventView } from '@dipper/contract/api/inventory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { awaitStory, STORY_WITHIN_MS, type Story } from '../support/demo-story.ts';
import { eventually } from '../support/eventually.ts';
import { facesIn } from '../support/faces-in.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const START_WITHIN_MS = 150_000;

/** The main job, as `npm start` does it. The wider suite does the same in a fresh clone with README's own commands. */
describe('the demo', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'dipper-demo-'));
  let demo: Demo;
  let client: ApiClient;
  let story: Story;

  beforeAll(
    async () => {
      demo = await startDemo({
        ...{ cwd: root, command: 'npm start', dataDir, startWithinMs: START_WITHIN_MS },
        rendersScene: true,
      });
      client = await demo.signIn();
      const feed = await client.feed();
      story = await awaitStory(demo, client, feed);
      feed.close();
    },
    START_WITHIN_MS + STORY_WITHIN_MS + 10_000,
  );

  afterAll(async () => {
    await demo?.clear();
    rmSync(dataDir, { recursive: true, force: true });
  }, 30_000);

  it('captures a face, raises an alarm and opens a case within a minute, with no hand on it', () => {
    expect(story.capture.data).toMatchObject({ source: 'main' });
    expect(Date.parse(story.capture.occurredAt)).toBeGreaterThan(demo.printedAtMs);
    expect(Date.parse(story.alarm.raisedAt)).toBeGreaterThan(demo.printedAtMs);
    expect(Date.parse(story.gridCase.openedAt)).toBeGreaterThan(demo.printedAtMs);
    expect(Math.max(story.after.capture, story.after.alarm, story.after.case)).toBeLessThan(STORY_WITHIN_MS);
    expect(story.gridCase.grid).not.toBeNull();
  });

  it('shows a face in the best shot', async () => {
    expect(await facesIn(story.picture)).toHaveLength(1);
  });

  it('keeps its history over a stop, and leaves no process behind on Ctrl-C', async () => {
    await demo.interrupt();
    expect(demo.output()).toMatch(/Dipper has stopped\.\s*$/);

    demo = await startDemo({
      cwd: root,
      command: 'npm start',
      dataDir,
      env: { DIPPER_ADMIN_PASSWORD: 'a-new-password' },
      rendersScene: true,
    });
    client = await demo.signIn();
    const events = await client.list<EventView>('/api/v1/events?type=face.captured&limit=200');
    expect(events.map(({ id }) => id)).toContain(story.capture.id);
    const cases = await client.list<GridCase>('/api/v1/cases');
    expect(cases.map(({ id }) => id)).toContain(story.gridCase.id);
  }, 90_000);

  it('leaves no process behind when its parent is ended by SIGKILL', async () => {
    expect(demo.family().length).toBeGreaterThan(5);
    demo.child.kill('SIGKILL');
    for (const { pid, command } of demo.family()) if (/\bnpm\b/.test(command)) process.kill(pid, 'SIGKILL');
    await eventually('every process to end', () => demo.family().length === 0, { withinMs: 15_000 });
  }, 30_000);
});
