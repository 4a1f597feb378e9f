import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../support/demo.ts';
import { awaitStory, STORY_WITHIN_MS, type Story } from '../support/demo-story.ts';
import { facesIn } from '../support/faces-in.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Installing, rendering the scene, building the page and fetching the models, on two busy cores. */
const FIRST_START_WITHIN_MS = 300_000;

/** The first fenced command of README's section "Try it", to the letter. */
function readmeCommand(dir: string): string {
  const readme = readFileSync(join(dir, 'README.md'), 'utf8');
  const command = readme.match(/^## Try it\n[\s\S]*?```sh\n(.+)\n```/m)?.[1];
  if (command === undefined) throw new Error('README has no command under "Try it"');
  return command;
}

describe('README’s two commands in a fresh clone', () => {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-clone-'));
  const clone = join(dir, 'dipper');
  let demo: Demo;
  let story: Story;

  beforeAll(
    async () => {
      execFileSync('git', ['clone', '--quiet', root, clone]);
      const command = readmeCommand(clone);
      expect(command).toBe('npm ci && npm start');
      // What a newcomer has not: models that earlier tests fetched.
      const env = { DIPPER_MODELS_DIR: '', FFMPEG_PATH: '' };
      demo = await startDemo({
        cwd: clone,
        command,
        dataDir: join(clone, 'data'),
        env,
        startWithinMs: FIRST_START_WITHIN_MS,
        rendersScene: true,
      });
      const client = await demo.signIn();
      const feed = await client.feed();
      story = await awaitStory(demo, client, feed);
      feed.close();
    },
    FIRST_START_WITHIN_MS + STORY_WITHIN_MS + 10_000,
  );

  afterAll(async () => {
    await demo?.clear();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  it('bring a captured face, an alarm and a case within a minute of the URL', async () => {
    console.log('after the URL was printed, ms:', story.after);
    expect(Math.max(story.after.capture, story.after.alarm, story.after.case)).toBeLessThan(STORY_WITHIN_MS);
    expect(await facesIn(story.picture)).toHaveLength(1);
  });

  it('say what they are doing meanwhile, and write nothing outside the data folder', () => {
    for (const part of ['ffmpeg', 'models', 'console', 'database', 'broker', 'hub', 'simulator', 'edge']) {
      expect(demo.output()).toMatch(new RegExp(`^\\s+${part}\\s+\\S`, 'm'));
    }
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' })).toBe('');
  });

  it('leave nothing running after Ctrl-C', async () => {
    await demo.interrupt();
    expect(demo.output()).toMatch(/Dipper has stopped\.\s*$/);
  });
});
