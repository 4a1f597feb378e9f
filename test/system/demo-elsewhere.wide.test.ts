import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startDebianPostgres } from '../support/debian-postgres.ts';
import { startDemo } from '../support/demo.ts';
import { awaitStory, STORY_WITHIN_MS } from '../support/demo-story.ts';
import { startMosquitto } from '../support/mosquitto.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The same story with somebody else's database and broker: Debian's PostgreSQL and Mosquitto with MQTT 5. */
describe('the demo on another database and another broker', () => {
  it('captures, alarms and opens a case all the same, and starts neither of its own', async () => {
    const postgres = await startDebianPostgres();
    const mosquitto = await startMosquitto();
    const dataDir = mkdtempSync(join(tmpdir(), 'dipper-elsewhere-'));
    const env = { HUB_DATABASE_URL: postgres.url, HUB_MQTT_URL: mosquitto.url, HUB_MQTT_PROTOCOL: '5' };
    const demo = await startDemo({ cwd: root, command: 'npm start', dataDir, env });
    try {
      const client = await demo.signIn();
      const feed = await client.feed();
      const story = await awaitStory(demo, client, feed);
      feed.close();
      expect(Math.max(story.after.capture, story.after.alarm, story.after.case)).toBeLessThan(STORY_WITHIN_MS);
      expect(demo.family().filter(({ command }) => /standalone\/(database|broker)\//.test(command))).toEqual([]);
    } finally {
      await demo.clear();
      rmSync(dataDir, { recursive: true, force: true });
      await Promise.all([postgres.stop(), mosquitto.stop()]);
    }
  }, 300_000);
});
